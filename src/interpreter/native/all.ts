// The interpretations of built-in kinds. Upstream: karmada pkg/resourceinterpreter/default/native.
import type { Interpretation } from "../interpretation.ts";
import { cronJob } from "./cron-job.ts";
import { daemonSet } from "./daemon-set.ts";
import { deployment } from "./deployment.ts";
import { horizontalPodAutoscaler } from "./horizontal-pod-autoscaler.ts";
import { ingress } from "./ingress.ts";
import { job } from "./job.ts";
import { persistentVolumeClaim } from "./persistent-volume-claim.ts";
import { persistentVolume } from "./persistent-volume.ts";
import { podDisruptionBudget } from "./pod-disruption-budget.ts";
import { pod } from "./pod.ts";
import { replicaSet } from "./replica-set.ts";
import { secret } from "./secret.ts";
import { serviceAccount } from "./service-account.ts";
import { serviceImport } from "./service-import.ts";
import { service } from "./service.ts";
import { statefulSet } from "./stateful-set.ts";

export const nativeInterpretations: readonly Interpretation[] = [
  cronJob,
  daemonSet,
  deployment,
  horizontalPodAutoscaler,
  ingress,
  job,
  persistentVolume,
  persistentVolumeClaim,
  pod,
  podDisruptionBudget,
  replicaSet,
  secret,
  service,
  serviceAccount,
  serviceImport,
  statefulSet,
];

// The interpretations of third parties' kinds.
// Upstream: karmada pkg/resourceinterpreter/default/thirdparty/resourcecustomizations.
import type { Interpretation } from "../interpretation.ts";
import { advancedCronJob } from "./advanced-cron-job.ts";
import { bucket } from "./bucket.ts";
import { cloneSet } from "./clone-set.ts";
import { gitRepository } from "./git-repository.ts";
import { helmChart } from "./helm-chart.ts";
import { helmRelease } from "./helm-release.ts";
import { helmRepository } from "./helm-repository.ts";
import { kruiseDaemonSet } from "./kruise-daemon-set.ts";
import { kruiseStatefulSet } from "./kruise-stateful-set.ts";
import { kustomization } from "./kustomization.ts";
import { ociRepository } from "./oci-repository.ts";
import { sidecarSet } from "./sidecar-set.ts";
import { unitedDeployment } from "./united-deployment.ts";
import { workflow } from "./workflow.ts";

export const thirdPartyInterpretations: readonly Interpretation[] = [
  advancedCronJob,
  bucket,
  cloneSet,
  gitRepository,
  helmChart,
  helmRelease,
  helmRepository,
  kruiseDaemonSet,
  kruiseStatefulSet,
  kustomization,
  ociRepository,
  sidecarSet,
  unitedDeployment,
  workflow,
];

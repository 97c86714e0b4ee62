// The interpretations of third parties' kinds.
// Upstream: karmada pkg/resourceinterpreter/default/thirdparty/resourcecustomizations.
import type { Interpretation } from "../interpretation.ts";
import { advancedCronJob } from "./advanced-cron-job.ts";
import { broadcastJob } from "./broadcast-job.ts";
import { bucket } from "./bucket.ts";
import { cloneSet } from "./clone-set.ts";
import { clusterPolicy } from "./cluster-policy.ts";
import { flinkDeployment } from "./flink-deployment.ts";
import { gitRepository } from "./git-repository.ts";
import { helmChart } from "./helm-chart.ts";
import { helmRelease } from "./helm-release.ts";
import { helmRepository } from "./helm-repository.ts";
import { kruiseDaemonSet } from "./kruise-daemon-set.ts";
import { kruiseStatefulSet } from "./kruise-stateful-set.ts";
import { kustomization } from "./kustomization.ts";
import { mpiJob } from "./mpi-job.ts";
import { notebook } from "./notebook.ts";
import { ociRepository } from "./oci-repository.ts";
import { policy } from "./policy.ts";
import { pyTorchJob } from "./py-torch-job.ts";
import { rayCluster } from "./ray-cluster.ts";
import { rayJob } from "./ray-job.ts";
import { rayService } from "./ray-service.ts";
import { sidecarSet } from "./sidecar-set.ts";
import { sparkApplication } from "./spark-application.ts";
import { tfJob } from "./tf-job.ts";
import { unitedDeployment } from "./united-deployment.ts";
import { volcanoJob } from "./volcano-job.ts";
import { workflow } from "./workflow.ts";

export const thirdPartyInterpretations: readonly Interpretation[] = [
  advancedCronJob,
  broadcastJob,
  bucket,
  cloneSet,
  clusterPolicy,
  flinkDeployment,
  gitRepository,
  helmChart,
  helmRelease,
  helmRepository,
  kruiseDaemonSet,
  kruiseStatefulSet,
  kustomization,
  mpiJob,
  notebook,
  ociRepository,
  policy,
  pyTorchJob,
  rayCluster,
  rayJob,
  rayService,
  sidecarSet,
  sparkApplication,
  tfJob,
  unitedDeployment,
  volcanoJob,
  workflow,
];

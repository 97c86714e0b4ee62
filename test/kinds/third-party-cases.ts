// Kinds of third parties as their CRDs declare them, as far as it matters here: group, version, kind, scope and the status
// fields that are read. With each, what three members say of their objects and what the template then says.
import type { KindCase } from "./journey.ts";

/** `i`: integer, `s`: string, `b`: truth value, `o`: any object, `l`: list of objects. */
type FieldType = "i" | "s" | "b" | "o" | "l";

export interface ThirdPartyCase extends KindCase {
  readonly fields: Readonly<Record<string, FieldType>>;
}

/** Their specs are theirs: any field makes a new generation. */
const tracks = ["changed", true] as const;

/** Fields of one type. */
function fields(type: FieldType, names: string): Record<string, FieldType> {
  return Object.fromEntries(names.split(" ").map((name) => [name, type]));
}

const pods = { template: { spec: { containers: [{ name: "c", image: "nginx" }] } } };
const kruise = "apps.kruise.io/v1alpha1";
const flux = { ...fields("l", "conditions"), ...fields("i", "observedGeneration") };

const condition = (type: string, reason: string, status = "True", message = "") => ({ type, status, reason, message });
const ready = (reason: string) => [condition("Ready", reason, "True", "ok")];
const notReady = { conditions: [condition("Ready", "Failed", "False", "broken")] };
const allReady = (reason: string) => [condition("Ready", reason, "True", "m1=ok, m2=ok, m3=ok")];

const scaled = (n: number, observedGeneration: number) => ({
  ...{ observedGeneration, replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2 },
  ...{ updateRevision: `r${String(n)}`, currentRevision: `r${String(n)}` },
});
const scaledSum = { replicas: 6, updatedReplicas: 6, readyReplicas: 6, availableReplicas: 6 };
const scaledFields = fields("i", "observedGeneration replicas updatedReplicas readyReplicas availableReplicas");
const revisions = fields("s", "updateRevision currentRevision");
const daemon = { currentNumberScheduled: 2, desiredNumberScheduled: 2, numberReady: 2, updatedNumberScheduled: 2 };

const kruiseCases: readonly ThirdPartyCase[] = [
  {
    ...{ apiVersion: kruise, kind: "CloneSet", plural: "clonesets", spec: pods, replicas: "replicas", tracks },
    fields: {
      ...scaledFields,
      ...revisions,
      ...fields("i", "updatedReadyReplicas expectedUpdatedReplicas"),
      labelSelector: "s",
    },
    status: (n, generation) => ({ ...scaled(n, generation), updatedReadyReplicas: 2, expectedUpdatedReplicas: 2 }),
    sick: { availableReplicas: 1 },
    sum: { ...scaledSum, updatedReadyReplicas: 6, expectedUpdatedReplicas: 6, updateRevision: "r3" },
  },
  {
    ...{ apiVersion: kruise, kind: "DaemonSet", plural: "daemonsets", spec: pods, tracks },
    fields: {
      ...fields("i", "observedGeneration currentNumberScheduled desiredNumberScheduled numberReady numberMisscheduled"),
      ...fields("i", "updatedNumberScheduled numberAvailable numberUnavailable"),
      daemonSetHash: "s",
    },
    status: (n, observedGeneration) => ({
      ...daemon,
      observedGeneration,
      numberAvailable: 2,
      daemonSetHash: `h${String(n)}`,
    }),
    sick: { numberAvailable: 1 },
    sum: { desiredNumberScheduled: 6, numberReady: 6, numberAvailable: 6, daemonSetHash: "h3" },
  },
  {
    ...{ apiVersion: "apps.kruise.io/v1beta1", kind: "StatefulSet", plural: "statefulsets", spec: pods },
    ...{ replicas: "replicas", tracks },
    fields: { ...scaledFields, ...revisions, ...fields("i", "currentReplicas updatedReadyReplicas") },
    status: (n, generation) => ({ ...scaled(n, generation), currentReplicas: 2 }),
    sick: { updatedReplicas: 1 },
    sum: { ...scaledSum, currentReplicas: 6, currentRevision: "r3" },
  },
  {
    ...{
      apiVersion: kruise,
      kind: "UnitedDeployment",
      plural: "uniteddeployments",
      replicas: "replicas",
      tracks,
    },
    spec: { template: { deploymentTemplate: { spec: pods } } },
    fields: { ...scaledFields, ...fields("l", "conditions"), unavailableReplicas: "i" },
    status: (_n, observedGeneration) => ({
      ...{ observedGeneration, replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2 },
      conditions: [condition("SubsetProvisioned", "Done")],
    }),
    sick: { availableReplicas: 0 },
    sum: { ...scaledSum, conditions: [condition("SubsetProvisioned", "Done")] },
  },
  {
    ...{ apiVersion: kruise, kind: "AdvancedCronJob", plural: "advancedcronjobs" },
    spec: { schedule: "* * * * *", template: { jobTemplate: { spec: pods } } },
    fields: { active: "l", type: "s", lastScheduleTime: "s" },
    status: (n) => ({
      type: "Job",
      lastScheduleTime: `2030-01-01T00:0${String(n)}:00Z`,
      active: [{ name: `j${String(n)}` }],
    }),
    sum: {
      type: "Job",
      lastScheduleTime: "2030-01-01T00:03:00Z",
      active: [{ name: "j1" }, { name: "j2" }, { name: "j3" }],
    },
  },
  {
    ...{ apiVersion: kruise, kind: "BroadcastJob", plural: "broadcastjobs", spec: pods, replicas: "parallelism" },
    fields: { ...fields("i", "active succeeded failed desired"), ...fields("s", "phase startTime"), conditions: "l" },
    status: () => ({ desired: 2, succeeded: 2, phase: "completed", conditions: [condition("Complete", "")] }),
    sick: { failed: 1 },
    sum: { desired: 6, succeeded: 6, failed: 0, phase: "completed" },
  },
  {
    ...{ apiVersion: kruise, kind: "SidecarSet", plural: "sidecarsets", scope: "Cluster" },
    spec: { containers: [{ name: "s", image: "nginx" }] },
    fields: fields("i", "matchedPods updatedPods readyPods"),
    status: (n) => ({ matchedPods: n, updatedPods: n, readyPods: n }),
    sick: { updatedPods: 0 },
    sum: { matchedPods: 6, updatedPods: 6, readyPods: 6 },
  },
];

const fluxCases: readonly ThirdPartyCase[] = [
  {
    ...{ apiVersion: "helm.toolkit.fluxcd.io/v2beta1", kind: "HelmRelease", plural: "helmreleases", tracks },
    fields: {
      ...flux,
      ...fields("s", "lastAttemptedRevision lastAppliedRevision lastAttemptedValuesChecksum helmChart"),
      ...fields("i", "lastReleaseRevision failures upgradeFailures installFailures"),
    },
    status: (n, observedGeneration) => ({
      ...{ observedGeneration, conditions: ready("ReconciliationSucceeded"), failures: n },
      ...{ lastAppliedRevision: "6.3.5", lastReleaseRevision: n },
    }),
    sick: notReady,
    sum: {
      conditions: allReady("ReconciliationSucceeded"),
      failures: 6,
      lastAppliedRevision: "6.3.5",
      lastReleaseRevision: 3,
    },
  },
  {
    ...{ apiVersion: "kustomize.toolkit.fluxcd.io/v1", kind: "Kustomization", plural: "kustomizations", tracks },
    fields: { ...flux, ...fields("s", "lastAppliedRevision lastAttemptedRevision") },
    status: (_n, observedGeneration) => ({
      ...{ observedGeneration, conditions: ready("ReconciliationSucceeded"), lastAppliedRevision: "main@sha1:1" },
    }),
    sick: notReady,
    sum: { conditions: allReady("ReconciliationSucceeded"), lastAppliedRevision: "main@sha1:1" },
  },
  {
    ...{ apiVersion: "source.toolkit.fluxcd.io/v1", kind: "GitRepository", plural: "gitrepositories", tracks },
    fields: { ...flux, artifact: "o", observedIgnore: "s", observedRecurseSubmodules: "b" },
    status: (n, observedGeneration) => ({
      ...{ observedGeneration, conditions: ready("Succeeded"), artifact: { revision: `main@${String(n)}` } },
    }),
    sick: notReady,
    sum: { conditions: allReady("Succeeded"), artifact: { revision: "main@3" } },
  },
  ...(
    [
      ["Bucket", "buckets", "observedIgnore"],
      ["HelmChart", "helmcharts", "observedChartName observedSourceArtifactRevision"],
      ["HelmRepository", "helmrepositories", "url"],
      ["OCIRepository", "ocirepositories", "observedIgnore"],
    ] as const
  ).map(([kind, plural, texts]): ThirdPartyCase => ({
    ...{ apiVersion: "source.toolkit.fluxcd.io/v1beta2", kind, plural, tracks },
    fields: { ...flux, ...fields("s", texts), ...fields("o", "artifact observedLayerSelector"), url: "s" },
    status: (n, observedGeneration) => ({
      ...{ observedGeneration, conditions: ready("Succeeded"), url: "http://source/latest" },
      artifact: { digest: `sha256:${String(n)}` },
    }),
    sick: notReady,
    sum: { conditions: allReady("Succeeded"), artifact: { digest: "sha256:3" }, url: "http://source/latest" },
  })),
];

const kyvernoCases = (
  [
    ["ClusterPolicy", "clusterpolicies", "Cluster"],
    ["Policy", "policies", undefined],
  ] as const
).map(([kind, plural, scope]): ThirdPartyCase => ({
  ...{ apiVersion: "kyverno.io/v1", kind, plural, ...(scope === undefined ? {} : { scope }) },
  fields: { ready: "b", conditions: "l", autogen: "o", rulecount: "o" },
  status: (n) => ({
    ...{ ready: true, conditions: ready("Succeeded"), autogen: { rules: [] } },
    rulecount: { validate: n, generate: 0, mutate: 1, verifyimages: 0 },
  }),
  sick: { ready: false },
  sum: {
    ready: true,
    conditions: allReady("Succeeded"),
    rulecount: { validate: 6, generate: 0, mutate: 3, verifyimages: 0 },
  },
}));

const training = (n: number) => ({
  conditions: [condition("Created", "JobCreated"), condition("Running", "JobRunning")],
  startTime: `2030-01-01T00:0${String(n)}:00Z`,
  replicaStatuses: { Worker: { active: n } },
});
const trainingFields: Readonly<Record<string, FieldType>> = {
  ...fields("l", "conditions"),
  ...fields("o", "replicaStatuses"),
  ...fields("s", "startTime completionTime lastReconcileTime"),
};
const failed = { conditions: [condition("Failed", "JobFailed")] };

const jobCases: readonly ThirdPartyCase[] = [
  {
    ...{ apiVersion: "argoproj.io/v1alpha1", kind: "Workflow", plural: "workflows", replicas: "parallelism" },
    fields: fields("s", "phase startedAt"),
    status: () => ({ phase: "Running", startedAt: "2030-01-01T00:00:00Z" }),
    sick: { phase: "Failed" },
  },
  {
    ...{ apiVersion: "flink.apache.org/v1beta1", kind: "FlinkDeployment", plural: "flinkdeployments", bound: 2 },
    fields: {
      ...fields("o", "clusterInfo jobStatus reconciliationStatus taskManager"),
      ...fields("s", "error jobManagerDeploymentStatus lifecycleState"),
      observedGeneration: "i",
    },
    status: (n) => ({
      ...{ jobManagerDeploymentStatus: "READY", lifecycleState: "STABLE" },
      jobStatus: { state: "RUNNING", jobId: `job-${String(n)}` },
    }),
    sick: { jobStatus: { state: "CREATED" }, error: "" },
    sum: { lifecycleState: "STABLE", jobStatus: { state: "RUNNING", jobId: "job-3" } },
  },
  ...(
    [
      ["kubeflow.org/v1", "PyTorchJob", "pytorchjobs"],
      ["kubeflow.org/v1", "TFJob", "tfjobs"],
      ["kubeflow.org/v2beta1", "MPIJob", "mpijobs"],
    ] as const
  ).map(([apiVersion, kind, plural]): ThirdPartyCase => ({
    ...{ apiVersion, kind, plural, fields: trainingFields, status: training, sick: failed },
    sum: { startTime: "2030-01-01T00:01:00Z", replicaStatuses: { Worker: { active: 6 } } },
  })),
  {
    ...{ apiVersion: "ray.io/v1", kind: "RayCluster", plural: "rayclusters" },
    fields: {
      ...fields("i", "readyWorkerReplicas availableWorkerReplicas desiredWorkerReplicas"),
      ...fields("i", "maxWorkerReplicas minWorkerReplicas"),
      ...fields("s", "desiredCPU desiredMemory desiredGPU state lastUpdateTime"),
      ...{ conditions: "l", head: "o", endpoints: "o" },
    },
    status: (n) => ({
      conditions: [condition("HeadPodReady", "Up"), condition("RayClusterProvisioned", "Up")],
      ...{ readyWorkerReplicas: n, desiredCPU: "500m", desiredMemory: "1Gi", state: "ready" },
    }),
    sick: { conditions: [condition("HeadPodReady", "Down", "False")] },
    sum: { readyWorkerReplicas: 6, desiredCPU: "1500m", desiredMemory: "3Gi", state: "ready" },
  },
  {
    ...{ apiVersion: "ray.io/v1", kind: "RayJob", plural: "rayjobs" },
    fields: fields("s", "jobDeploymentStatus jobStatus reason message"),
    status: (n) => ({ jobDeploymentStatus: "Running", jobStatus: n === 2 ? "PENDING" : "RUNNING" }),
    sick: { jobDeploymentStatus: "Failed", jobStatus: "FAILED" },
    sum: { jobDeploymentStatus: "Running", jobStatus: "RUNNING" },
  },
  {
    ...{ apiVersion: "sparkoperator.k8s.io/v1beta2", kind: "SparkApplication", plural: "sparkapplications" },
    fields: {
      ...fields("o", "applicationState driverInfo executorState"),
      ...fields("s", "sparkApplicationId lastSubmissionAttemptTime submissionID terminationTime"),
      ...fields("i", "submissionAttempts executionAttempts"),
    },
    status: (n) => ({
      ...{ applicationState: { state: n === 1 ? "RUNNING" : "COMPLETED" }, executionAttempts: 1 },
      executorState: { [`exec-${String(n)}`]: "RUNNING" },
    }),
    sick: { applicationState: { state: "FAILED" } },
    sum: {
      applicationState: { state: "RUNNING" },
      executionAttempts: 3,
      executorState: { "exec-1": "RUNNING", "exec-2": "RUNNING", "exec-3": "RUNNING" },
    },
  },
];

const serviceCases: readonly ThirdPartyCase[] = [
  {
    ...{ apiVersion: "batch.volcano.sh/v1alpha1", kind: "Job", plural: "jobs" },
    fields: {
      ...fields("i", "minAvailable pending running succeeded failed terminating unknown version retryCount"),
      ...fields("o", "taskStatusCount controlledResources state"),
      ...{ runningDuration: "s", conditions: "l" },
    },
    status: (n) => ({
      ...{ running: 2, minAvailable: 2, version: n, runningDuration: `${String(n)}m0s` },
      ...{ taskStatusCount: { ps: { phase: { Running: 2 } } }, state: { phase: "Running" } },
    }),
    sick: { state: { phase: "Failed" } },
    sum: {
      ...{ running: 6, minAvailable: 6, version: 3, runningDuration: "3m0s" },
      taskStatusCount: { ps: { phase: { Running: 6 } } },
    },
  },
  {
    ...{ apiVersion: "kubeflow.org/v1", kind: "Notebook", plural: "notebooks", spec: pods, bound: 1 },
    fields: { readyReplicas: "i", containerState: "o", conditions: "l" },
    status: (n) => ({
      readyReplicas: 1,
      containerState: { running: { startedAt: `2030-01-01T00:0${String(n)}:00Z` } },
    }),
    sick: { containerState: { terminated: { reason: "Error" } } },
    sum: { readyReplicas: 3, containerState: { running: { startedAt: "2030-01-01T00:03:00Z" } } },
  },
  {
    ...{ apiVersion: "ray.io/v1", kind: "RayService", plural: "rayservices", bound: 1 },
    spec: { rayClusterConfig: { headGroupSpec: pods } },
    fields: {
      ...fields("i", "numServeEndpoints observedGeneration"),
      ...fields("s", "serviceStatus lastUpdateTime"),
      ...{ conditions: "l", activeServiceStatus: "o", pendingServiceStatus: "o" },
    },
    status: (n) => ({
      conditions: [condition("Ready", "NonZeroServeEndpoints")],
      ...{ numServeEndpoints: n, serviceStatus: "Running" },
    }),
    sick: { conditions: [condition("Ready", "ZeroServeEndpoints", "False")] },
    sum: { numServeEndpoints: 6, serviceStatus: "Running" },
  },
];

export const thirdPartyCases: readonly ThirdPartyCase[] = [
  ...kruiseCases,
  ...fluxCases,
  ...kyvernoCases,
  ...jobCases,
  ...serviceCases,
];

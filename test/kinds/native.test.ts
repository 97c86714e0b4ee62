// The built-in kinds whose statuses come back, on their way to three members: what is reflected, when they are healthy, and
// what the template then says.
import { after, before, describe, test } from "node:test";
import { Cluster } from "#api/cluster/cluster.ts";
import { eagerClusterStatus, eventually, type Planes, startPlanes } from "#controllers/testing-planes.ts";
import { scheduler } from "#scheduler/controller.ts";
import { forgetsAll, type KindCase, members, propagate } from "./journey.ts";

const labels = { app: "x" };
const template = { metadata: { labels }, spec: { containers: [{ name: "c", image: "nginx" }] } };
const pods = { selector: { matchLabels: labels }, template };
const storage = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } };
const counters = { replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2 };
const sums = { replicas: 6, updatedReplicas: 6, readyReplicas: 6, availableReplicas: 6 };
const tracks = ["minReadySeconds", 5] as const;
const time = (n: number): string => `2030-01-01T00:0${String(n)}:00Z`;
const address = (mode: object) => (n: number) => ({
  loadBalancer: { ingress: [{ ip: `10.0.0.${String(n)}`, ...mode }] },
});
const addresses = (mode: object) => ({
  loadBalancer: { ingress: [1, 2, 3].map((n) => ({ ip: `10.0.0.${String(n)}`, ...mode })) },
});
const noAddress = { loadBalancer: {} };

const cases: readonly KindCase[] = [
  {
    ...{ apiVersion: "apps/v1", kind: "Deployment", plural: "deployments", spec: pods, replicas: "replicas", tracks },
    status: (_n, observedGeneration) => ({ ...counters, observedGeneration }),
    sick: { availableReplicas: 1 },
    sum: sums,
  },
  {
    ...{ apiVersion: "apps/v1", kind: "ReplicaSet", plural: "replicasets", spec: pods, replicas: "replicas", tracks },
    status: (_n, observedGeneration) => ({ observedGeneration, replicas: 2, readyReplicas: 2, availableReplicas: 2 }),
    sick: { availableReplicas: 1 },
    sum: { replicas: 6, readyReplicas: 6, availableReplicas: 6 },
  },
  {
    ...{ apiVersion: "apps/v1", kind: "StatefulSet", plural: "statefulsets", replicas: "replicas", tracks },
    spec: { ...pods, serviceName: "x" },
    status: (_n, observedGeneration) => ({
      ...counters,
      observedGeneration,
      currentReplicas: 2,
      currentRevision: "x-1",
    }),
    stays: ["currentRevision"],
    sick: { updatedReplicas: 1 },
    sum: { ...sums, currentReplicas: 6 },
  },
  {
    ...{ apiVersion: "apps/v1", kind: "DaemonSet", plural: "daemonsets", spec: pods },
    tracks: ["minReadySeconds", 5],
    status: (_n, observedGeneration) => ({
      ...{ observedGeneration, currentNumberScheduled: 2, desiredNumberScheduled: 2, numberMisscheduled: 0 },
      ...{ numberReady: 2, updatedNumberScheduled: 2, numberAvailable: 2 },
    }),
    sick: { numberAvailable: 1 },
    sum: { desiredNumberScheduled: 6, numberReady: 6, updatedNumberScheduled: 6, numberAvailable: 6 },
  },
  {
    ...{ apiVersion: "batch/v1", kind: "Job", plural: "jobs", replicas: "parallelism" },
    spec: { template: { ...template, spec: { ...template.spec, restartPolicy: "Never" } } },
    status: (n) => ({ active: 1, succeeded: n, startTime: time(n) }),
    sum: { active: 3, succeeded: 6, startTime: time(1) },
  },
  {
    ...{ apiVersion: "batch/v1", kind: "CronJob", plural: "cronjobs" },
    spec: {
      schedule: "* * * * *",
      jobTemplate: { spec: { template: { ...template, spec: { ...template.spec, restartPolicy: "Never" } } } },
    },
    status: (n) => ({ lastScheduleTime: time(n), lastSuccessfulTime: time(n), active: [{ name: `x-${String(n)}` }] }),
    sum: {
      lastScheduleTime: time(3),
      lastSuccessfulTime: time(3),
      active: [1, 2, 3].map((n) => ({ name: `x-${String(n)}` })),
    },
  },
  {
    ...{ apiVersion: "v1", kind: "Pod", plural: "pods", spec: template.spec, bound: 1 },
    status: () => ({ phase: "Running", conditions: [{ type: "Ready", status: "True" }] }),
    sick: { conditions: [{ type: "Ready", status: "False" }] },
    sum: { phase: "Running" },
  },
  {
    ...{ apiVersion: "v1", kind: "Service", plural: "services", spec: { type: "LoadBalancer", ports: [{ port: 80 }] } },
    // The servers fill the mode in.
    ...{ status: address({ ipMode: "VIP" }), sick: noAddress, sum: addresses({ ipMode: "VIP" }) },
  },
  {
    ...{ apiVersion: "networking.k8s.io/v1", kind: "Ingress", plural: "ingresses" },
    spec: { defaultBackend: { service: { name: "x", port: { number: 80 } } } },
    ...{ status: address({}), sick: noAddress, sum: addresses({}) },
  },
  {
    ...{ apiVersion: "v1", kind: "PersistentVolumeClaim", plural: "persistentvolumeclaims", spec: storage },
    status: () => ({ phase: "Bound" }),
    sick: { phase: "Pending" },
    sum: { phase: "Bound" },
  },
  {
    ...{ apiVersion: "v1", kind: "PersistentVolume", plural: "persistentvolumes", scope: "Cluster" },
    spec: { capacity: { storage: "1Gi" }, accessModes: ["ReadWriteOnce"], hostPath: { path: "/x" } },
    status: () => ({ phase: "Available" }),
    sum: { phase: "Available" },
  },
  {
    ...{ apiVersion: "policy/v1", kind: "PodDisruptionBudget", plural: "poddisruptionbudgets" },
    spec: { maxUnavailable: 1, selector: { matchLabels: labels } },
    status: () => ({ disruptionsAllowed: 1, currentHealthy: 3, desiredHealthy: 2, expectedPods: 3 }),
    sick: { currentHealthy: 1 },
    sum: { disruptionsAllowed: 3, currentHealthy: 9, desiredHealthy: 6, expectedPods: 9 },
  },
  {
    ...{ apiVersion: "autoscaling/v2", kind: "HorizontalPodAutoscaler", plural: "horizontalpodautoscalers" },
    spec: { maxReplicas: 3, scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "x" } },
    status: (n) => ({ currentReplicas: n, desiredReplicas: n }),
    sum: { currentReplicas: 6, desiredReplicas: 6 },
  },
];

describe("built-in kinds in three members", { concurrency: 4 }, () => {
  let planes: Planes;
  before(async () => {
    const controllers = { clusterStatus: eagerClusterStatus };
    planes = await startPlanes({ members, others: [scheduler()], controllers });
    await eventually("the scheduler's copy has all members", () => {
      const clusters = planes.informers.for(Cluster).list();
      const isThere = ({ spec, status }: Cluster): boolean =>
        (status?.apiEnablements ?? []).length > 0 && (spec.taints ?? []).length === 0;
      return Promise.resolve(clusters.length === members.length && clusters.every(isThere));
    });
  });
  after(() => planes.close());

  for (const each of cases) test(`${each.apiVersion} ${each.kind}`, () => propagate(each, planes));
});

for (const each of cases.filter(({ sum }) => sum !== undefined)) {
  test(`${each.apiVersion} ${each.kind}: nothing is left of members that have all been left`, () => {
    forgetsAll(each);
  });
}

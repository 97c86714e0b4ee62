// The controllers of a local cluster together, on a whole API server.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Client } from "#client/client.ts";
import { Deployment, EndpointSlice, Node, Pod, ReplicaSet, Service } from "#api/kinds.ts";
import { startTestPlane } from "#kubecontrollers/testing.ts";
import { eventually } from "#std/testing.ts";
import { isConditionTrue } from "#machinery/conditions.ts";
import { localClusterControllers } from "./all.ts";
import { localClusterDefaults, type LocalClusterSettings } from "./settings.ts";

const ref = { namespace: "default", name: "web" };

function startCluster(settings: Partial<LocalClusterSettings> = {}): ReturnType<typeof startTestPlane> {
  return startTestPlane(localClusterControllers({ ...localClusterDefaults, ...settings }));
}

function deploymentOf(replicas: number, image: string): Pick<Deployment, "metadata" | "spec"> {
  const labels = { app: "web" };
  const template = { metadata: { labels }, spec: { containers: [{ name: "web", image }] } };
  return { metadata: { ...ref, labels }, spec: { replicas, selector: { matchLabels: labels }, template } };
}

async function settled(client: Client, replicas: number): Promise<Deployment> {
  return eventually(`${replicas} ready replicas`, async () => {
    const found = await client.get(Deployment, ref);
    const { status = {}, metadata } = found;
    const counts = [status.replicas, status.updatedReplicas, status.readyReplicas, status.availableReplicas];
    const isDone = status.observedGeneration === metadata.generation && counts.every((count = 0) => count === replicas);
    return isDone && status.unavailableReplicas === undefined ? found : undefined;
  });
}

test("a Deployment becomes ready, scales, rolls and goes back", async (t) => {
  const { client, stop } = await startCluster({ nodes: 2 });
  t.after(stop);
  await client.create(Deployment, deploymentOf(3, "nginx:1.26"));
  const first = await settled(client, 3);
  assert.equal(first.metadata.annotations?.["deployment.kubernetes.io/revision"], "1");
  assert.equal(isConditionTrue(first.status?.conditions, "Available"), true);
  const pods = (await client.list(Pod, { namespace: "default" })).items;
  assert.deepEqual(new Set(pods.map(({ spec }) => spec.nodeName)), new Set(["local-node-1", "local-node-2"]));

  await client.patch(Deployment, ref, { type: "merge", patch: { spec: { replicas: 5 } } });
  await settled(client, 5);

  const rolled = { template: { spec: { containers: [{ name: "web", image: "nginx:1.27" }] } } };
  await client.patch(Deployment, ref, { type: "strategic", patch: { spec: rolled } });
  const second = await settled(client, 5);
  assert.equal(second.metadata.annotations?.["deployment.kubernetes.io/revision"], "2");
  const after = (await client.list(Pod, { namespace: "default" })).items;
  const running = after.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  assert.deepEqual(new Set(running.map(({ spec }) => spec.containers[0]?.image)), new Set(["nginx:1.27"]));

  const back = { template: { spec: { containers: [{ name: "web", image: "nginx:1.26" }] } } };
  await client.patch(Deployment, ref, { type: "strategic", patch: { spec: back } });
  await settled(client, 5);
  const sets = (await client.list(ReplicaSet, { namespace: "default" })).items;
  assert.equal(sets.length, 2);
  const [old] = sets.filter(({ spec }) => spec.replicas === 5);
  assert.equal(old?.metadata.annotations?.["deployment.kubernetes.io/revision"], "3");

  await client.patch(Deployment, ref, { type: "merge", patch: { spec: { replicas: 0 } } });
  await settled(client, 0);
  await eventually("no pods", async () => ((await client.list(Pod)).items.length === 0 ? true : undefined));
});

test("an image that is not there never becomes ready, and stops a rollout before it hurts", async (t) => {
  const { client, stop } = await startCluster();
  t.after(stop);
  await client.create(Deployment, deploymentOf(4, "nginx"));
  await settled(client, 4);
  const bad = { template: { spec: { containers: [{ name: "web", image: "fake/nginx" }] } } };
  await client.patch(Deployment, ref, { type: "strategic", patch: { spec: bad } });
  const stuck = await eventually("the rollout to stand still", async () => {
    const pods = (await client.list(Pod, { namespace: "default" })).items;
    const waiting = pods.filter(
      ({ status }) => status?.containerStatuses?.[0]?.state?.waiting?.reason === "ImagePullBackOff",
    );
    const ready = pods.filter(({ status }) => isConditionTrue(status?.conditions, "Ready"));
    return waiting.length === 2 && ready.length === 3 ? { waiting, ready } : undefined;
  });
  assert.equal(
    stuck.waiting.every(({ status }) => status?.phase === "Pending"),
    true,
  );
});

test("pods that fit nowhere wait, with the scheduler's words, and start when there is room", async (t) => {
  const { client, stop } = await startCluster({ nodeCapacity: { cpu: "1", memory: "1Gi", pods: "2" } });
  t.after(stop);
  await client.create(Deployment, deploymentOf(3, "nginx"));
  const waiting = await eventually("a pod without a node", async () => {
    const pods = (await client.list(Pod, { namespace: "default" })).items;
    return pods.find(({ status }) => status?.conditions?.some(({ reason }) => reason === "Unschedulable"));
  });
  assert.equal(waiting.status?.conditions?.[0]?.message, "0/1 nodes are available: 1 Too many pods.");
  await client.patch(Deployment, ref, { type: "merge", patch: { spec: { replicas: 2 } } });
  await settled(client, 2);
  const [first] = (await client.list(Pod, { namespace: "default" })).items;
  await client.delete(Pod, { namespace: "default", name: first?.metadata.name ?? "" });
  await eventually("another pod in its place", async () => {
    const { items } = await client.list(Pod, { namespace: "default" });
    const isReplaced = items.length === 2 && items.every(({ metadata }) => metadata.uid !== first?.metadata.uid);
    return isReplaced && items.every(({ status }) => isConditionTrue(status?.conditions, "Ready")) ? true : undefined;
  });
});

test("a Service has slices with the addresses of its ready pods", async (t) => {
  const { client, stop } = await startCluster();
  t.after(stop);
  const spec = {
    selector: { app: "web" },
    ports: [{ name: "http", port: 80, targetPort: 8080 }],
    type: "LoadBalancer",
  };
  await client.create(Service, { metadata: ref, spec });
  await client.create(Deployment, deploymentOf(2, "nginx"));
  const slice = await eventually("two ready endpoints", async () => {
    const { items } = await client.list(EndpointSlice, {
      namespace: "default",
      labelSelector: "kubernetes.io/service-name=web",
    });
    return items.find(({ endpoints = [] }) => endpoints.filter((each) => each.conditions?.ready === true).length === 2);
  });
  assert.match(slice.metadata.name, /^web-[a-z0-9]{5}$/);
  assert.deepEqual(slice.ports, [{ name: "http", protocol: "TCP", port: 8080 }]);
  const service = await client.get(Service, ref);
  assert.equal(service.status?.loadBalancer?.ingress?.length, 1);
});

test("nodes say that they are simulated, and come back", async (t) => {
  const { client, stop } = await startCluster({ nodes: 1, version: "v1.36.0-x" });
  t.after(stop);
  const node = await eventually("the node", () => client.find(Node, { name: "local-node-1" }));
  const { osImage, kubeletVersion } = node.status?.nodeInfo ?? {};
  assert.deepEqual({ osImage, kubeletVersion }, { osImage: "Simulated (no machine)", kubeletVersion: "v1.36.0-x" });
  assert.equal(isConditionTrue(node.status?.conditions, "Ready"), true);
  await client.delete(Node, { name: "local-node-1" });
  await eventually("the node to come back", async () => {
    const found = await client.find(Node, { name: "local-node-1" });
    return found?.metadata.uid === node.metadata.uid ? undefined : found;
  });
});

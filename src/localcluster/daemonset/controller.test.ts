import assert from "node:assert/strict";
import { test } from "node:test";
import { DaemonSet, Node, Pod } from "#api/kinds.ts";
import { startTestPlane } from "#kubecontrollers/testing.ts";
import { eventually } from "#std/testing.ts";
import { localClusterControllers } from "../all.ts";
import { localClusterDefaults } from "../settings.ts";

test("a DaemonSet has a pod on each node, also a cordoned one, and rolls", async (t) => {
  const { client, stop } = await startTestPlane(localClusterControllers({ ...localClusterDefaults, nodes: 3 }));
  t.after(stop);
  const ref = { namespace: "default", name: "agent" };
  const labels = { app: "agent" };
  const containers = [{ name: "agent", image: "agent:1" }];
  await eventually("nodes", async () => ((await client.list(Node)).items.length === 3 ? true : undefined));
  await client.patch(Node, { name: "local-node-1" }, { type: "merge", patch: { spec: { unschedulable: true } } });
  const template = { metadata: { labels }, spec: { containers } };
  await client.create(DaemonSet, { metadata: ref, spec: { selector: { matchLabels: labels }, template } });
  const settled = async (image: string): Promise<readonly Pod[]> =>
    eventually(`three pods of ${image}`, async () => {
      const { status, metadata } = await client.get(DaemonSet, ref);
      const counts = [status?.numberReady, status?.updatedNumberScheduled, status?.numberAvailable];
      const { items } = await client.list(Pod, { namespace: "default" });
      const isNew = items.length === 3 && items.every(({ spec }) => spec.containers[0]?.image === image);
      const isSeen = status?.observedGeneration === metadata.generation;
      return isNew && isSeen && counts.every((count = 0) => count === 3) ? items : undefined;
    });
  const pods = await settled("agent:1");
  assert.deepEqual(new Set(pods.map(({ spec }) => spec.nodeName)).size, 3);
  const next = { spec: { containers: [{ name: "agent", image: "agent:2" }] } };
  await client.patch(DaemonSet, ref, { type: "strategic", patch: { spec: { template: next } } });
  await settled("agent:2");
});

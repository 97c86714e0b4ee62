// Cluster failover on real API servers in one process: taints move workloads, and the old copy waits for the new one.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Cluster } from "#api/cluster/cluster.ts";
import { ConfigMap, Event } from "#api/kinds.ts";
import { ClusterTaintPolicy } from "#api/policy/cluster-taint-policy.ts";
import { PropagationPolicy } from "#api/policy/propagation-policy.ts";
import { ResourceBinding } from "#api/work/binding.ts";
import { scheduler } from "#scheduler/controller.ts";
import {
  eventually,
  eventuallyGone,
  eventuallyObject,
  eventuallyReady,
  type Planes,
  policyDraft,
  startPlanes,
} from "../testing-planes.ts";

const ref = { namespace: "default", name: "settings" };
const bindingRef = { namespace: "default", name: "settings-configmap" };
const taints = [{ key: "down", effect: "NoExecute" }];

describe("cluster failover", () => {
  let planes: Planes;
  before(async () => {
    planes = await startPlanes({
      members: ["m1", "m2"],
      others: [scheduler()],
      controllers: {
        gates: { Failover: true },
        taintEviction: { enabled: true, ratePerSecond: 1000 },
        eviction: { settleSeconds: 0, stabilizationSeconds: 0 },
      },
    });
    await eventuallyReady(planes.client, ["m1", "m2"]);
  });
  after(() => planes.close());

  async function placedIn(): Promise<string> {
    const isPlaced = ({ spec }: ResourceBinding) => spec.clusters?.length === 1;
    const binding = await eventuallyObject(planes.client, ResourceBinding, bindingRef, isPlaced);
    return binding.spec.clusters?.[0]?.name ?? "";
  }

  test("a NoExecute taint moves the resource; the old copy goes when the new one is healthy", async () => {
    const { client } = planes;
    await client.create(ConfigMap, { metadata: ref, data: { a: "1" } });
    const oneOfAll = { spreadConstraints: [{ spreadByField: "cluster" as const, minGroups: 1, maxGroups: 1 }] };
    await client.create(PropagationPolicy, policyDraft(ConfigMap, "settings", { placement: oneOfAll }));
    const from = await placedIn();
    await eventuallyObject(planes.member(from), ConfigMap, ref);
    await client.patch(Cluster, { name: from }, { type: "merge", patch: { spec: { taints } } });
    const to = from === "m1" ? "m2" : "m1";
    await eventuallyObject(planes.member(to), ConfigMap, ref);
    await eventuallyGone(planes.member(from), ConfigMap, ref);
    const moved = await eventuallyObject(client, ResourceBinding, bindingRef, ({ spec }) => {
      return spec.gracefulEvictionTasks === undefined;
    });
    assert.deepEqual(
      moved.spec.clusters?.map(({ name }) => name),
      [to],
    );
    await eventually("it is told", async () => {
      const { items } = await client.list(Event);
      return items.some(({ reason, message }) => {
        return reason === "EvictWorkloadFromClusterSucceed" && message === `Evict from cluster ${from} succeed.`;
      });
    });
    await client.patch(Cluster, { name: from }, { type: "merge", patch: { spec: { taints: [] } } });
  });

  test("with nowhere to go it stays, held and told; a recovered cluster takes it back", async () => {
    const { client } = planes;
    const at = await placedIn();
    const copy = await client.get(ConfigMap, ref).then(() => planes.member(at).get(ConfigMap, ref));
    for (const name of ["m1", "m2"])
      await client.patch(Cluster, { name }, { type: "merge", patch: { spec: { taints } } });
    await eventuallyObject(client, ResourceBinding, bindingRef, ({ spec, status }) => {
      const held = status?.conditions?.find(({ type }) => type === "EvictionHeld");
      return spec.clusters === undefined && spec.gracefulEvictionTasks?.length === 1 && held?.status === "True";
    });
    await client.patch(Cluster, { name: at }, { type: "merge", patch: { spec: { taints: [] } } });
    await eventuallyObject(client, ResourceBinding, bindingRef, ({ spec, status }) => {
      const held = status?.conditions?.find(({ type }) => type === "EvictionHeld");
      const isBack = spec.clusters?.length === 1 && spec.clusters[0]?.name === at;
      return isBack && spec.gracefulEvictionTasks === undefined && held?.status === "False";
    });
    const same = await planes.member(at).get(ConfigMap, ref);
    assert.equal(same.metadata.uid, copy.metadata.uid);
  });

  test("a ClusterTaintPolicy taints clusters by their conditions", async () => {
    const { client } = planes;
    const ready = [{ conditionType: "Ready", operator: "In", statusValues: ["True"] }];
    await client.create(ClusterTaintPolicy, {
      metadata: { name: "mark" },
      spec: {
        targetClusters: { clusterNames: ["m2"] },
        addOnConditions: ready,
        taints: [{ key: "mark", effect: "NoSchedule" }],
      },
    });
    const isMarked = ({ spec }: Cluster) => spec.taints?.some(({ key }) => key === "mark");
    const cluster = await eventuallyObject(client, Cluster, { name: "m2" }, isMarked);
    assert.notEqual(cluster.spec.taints?.find(({ key }) => key === "mark")?.timeAdded, undefined);
  });
});

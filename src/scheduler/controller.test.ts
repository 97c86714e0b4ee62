// The scheduler on a real API server: what wakes a binding up that could not be scheduled, and neighbours in a race.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Cluster } from "#api/cluster/cluster.ts";
import { karmadaLabels } from "#api/karmada-constants.ts";
import { Namespace } from "#api/kinds.ts";
import { type BindingSpec, ResourceBinding } from "#api/work/binding.ts";
import type { Client } from "#client/client.ts";
import { ApiError } from "#machinery/api-error.ts";
import type { InformerFactory } from "#client/informer.ts";
import { scheduler } from "./controller.ts";
import { type SchedulerWorld, startSchedulerWorld } from "./testing.ts";
import { eventually } from "#std/testing.ts";

describe("the scheduler", () => {
  let all: SchedulerWorld;
  let client: Client;
  let informers: InformerFactory;

  before(async () => {
    all = await startSchedulerWorld();
    ({ client, informers } = all);
    await all.run([scheduler()]);
  });
  after(() => all.close());

  const status = (cpu = "10"): NonNullable<Cluster["status"]> => ({
    apiEnablements: [{ groupVersion: "apps/v1", resources: [{ kind: "Deployment", name: "deployments" }] }],
    resourceSummary: { allocatable: { cpu, pods: "110" } },
  });

  /** A namespace with clusters of its own, so that tests do not meet. */
  async function world(name: string, clusters: readonly string[], state = status()): Promise<void> {
    await client.create(Namespace, { metadata: { name } });
    for (const cluster of clusters) {
      const labels = { world: name };
      await client.create(Cluster, { metadata: { name: cluster, labels }, spec: { syncMode: "Push" } });
      await client.patch(
        Cluster,
        { name: cluster },
        { type: "merge", patch: { status: state } },
        { subresource: "status" },
      );
    }
  }

  async function bind(namespace: string, name: string, spec: Partial<BindingSpec>): Promise<void> {
    await client.create(ResourceBinding, {
      metadata: { namespace, name, labels: { [karmadaLabels.propagationPolicyId]: "policy" } },
      spec: {
        resource: { apiVersion: "apps/v1", kind: "Deployment", namespace, name },
        placement: { clusterAffinity: { labelSelector: { matchLabels: { world: namespace } } } },
        ...spec,
      },
    });
  }

  const scheduled = (namespace: string, name: string, reason: string): Promise<ResourceBinding> =>
    eventually(`${name} is ${reason}`, async () => {
      const binding = await client.get(ResourceBinding, { namespace, name });
      const condition = binding.status?.conditions?.find(({ type }) => type === "Scheduled");
      return condition?.reason === reason ? binding : undefined;
    });
  const targets = ({ spec }: ResourceBinding): string[] => (spec.clusters ?? []).map((target) => target.name);

  const cpu = { replicas: 4, replicaRequirements: { resourceRequest: { cpu: "1" } } };
  const divided = (namespace: string): Partial<BindingSpec> => ({
    ...cpu,
    placement: {
      clusterAffinity: { labelSelector: { matchLabels: { world: namespace } } },
      replicaScheduling: { replicaSchedulingType: "Divided", replicaDivisionPreference: "Aggregated" },
    },
  });

  for (const { name, state, spec, reason, change, subresource } of [
    {
      name: "capacity",
      state: { ...status(), resourceSummary: { allocatable: { cpu: "10", pods: "110" }, allocated: { cpu: "9" } } },
      spec: divided("capacity"),
      reason: "Unschedulable",
      change: { status: { resourceSummary: { allocated: { cpu: "2" } } } },
      subresource: "status",
    },
    {
      name: "api",
      state: { resourceSummary: { allocatable: { pods: "1" } } },
      spec: {},
      reason: "NoClusterFit",
      change: { status: { apiEnablements: status().apiEnablements } },
      subresource: "status",
    },
    {
      name: "label",
      state: status(),
      spec: { placement: { clusterAffinity: { labelSelector: { matchLabels: { colour: "blue" } } } } },
      reason: "NoClusterFit",
      change: { metadata: { labels: { colour: "blue" } } },
      subresource: undefined,
    },
  ]) {
    test(`comes back at once: ${name}`, async () => {
      await world(name, [`${name}-1`], state);
      await bind(name, "waiting", spec);
      await scheduled(name, "waiting", reason);
      const ref = { name: `${name}-1` };
      const options = subresource === undefined ? {} : { subresource };
      await client.patch(Cluster, ref, { type: "merge", patch: change }, options);
      assert.deepEqual(targets(await scheduled(name, "waiting", "Success")), [`${name}-1`]);
    });
  }

  test("a success that could not be told is told with the next pass", async () => {
    await world("untold", ["untold-1"]);
    await bind("untold", "moved", divided("untold"));
    const ref = { namespace: "untold", name: "moved" };
    const { status: told } = await scheduled("untold", "moved", "Success");
    const conditions = told?.conditions?.map((each) =>
      each.type === "Scheduled" ? { ...each, status: "False" as const, reason: "Unschedulable" } : each,
    );
    await client.patch(
      ResourceBinding,
      ref,
      { type: "merge", patch: { status: { conditions } } },
      { subresource: "status" },
    );
    await client.patch(ResourceBinding, ref, { type: "merge", patch: { spec: { conflictResolution: "Overwrite" } } });
    await scheduled("untold", "moved", "Success");
  });

  test("comes back at once: a taint removed", async () => {
    await world("taint", ["taint-1"]);
    const taints = (list: unknown) => ({ type: "merge", patch: { spec: { taints: list } } }) as const;
    await client.patch(Cluster, { name: "taint-1" }, taints([{ key: "k", effect: "NoSchedule" }]));
    await eventually("the scheduler has seen the taint", () =>
      Promise.resolve(informers.for(Cluster).get({ name: "taint-1" })?.spec.taints?.length === 1),
    );
    await bind("taint", "waiting", {});
    await scheduled("taint", "waiting", "NoClusterFit");
    await client.patch(Cluster, { name: "taint-1" }, taints([]));
    assert.deepEqual(targets(await scheduled("taint", "waiting", "Success")), ["taint-1"]);
  });

  test("workloads that want to be apart are, however fast they come; who waits goes when one leaves", async () => {
    await world("apart", ["apart-1", "apart-2"]);
    const spec = {
      placement: {
        clusterAffinity: { labelSelector: { matchLabels: { world: "apart" } } },
        spreadConstraints: [{ spreadByField: "cluster" as const, minGroups: 1, maxGroups: 1 }],
      },
      workloadAffinityGroups: { antiAffinityGroup: "app=a" },
    };
    await Promise.all(["a", "b"].map((name) => bind("apart", name, spec)));
    const [a, b] = await Promise.all(["a", "b"].map((name) => scheduled("apart", name, "Success")));
    assert.ok(a !== undefined && b !== undefined);
    assert.notDeepEqual(targets(a), targets(b));
    await bind("apart", "c", spec);
    await scheduled("apart", "c", "NoClusterFit");
    await client.delete(ResourceBinding, { namespace: "apart", name: "a" });
    assert.deepEqual(targets(await scheduled("apart", "c", "Success")), targets(a));
  });

  test("a higher schedulePriority goes first, in whatever order they came", async () => {
    await world("ranks", ["ranks-1"]);
    const priorities = [0, 10, -5, 1_000, 10, 0];
    for (const [index, priority] of priorities.entries()) {
      await bind("ranks", `ranked-${index}`, { schedulerName: "ranked", schedulePriority: { priority } });
    }
    await eventually("they are known", () =>
      Promise.resolve(informers.for(ResourceBinding).list("ranks").length === priorities.length),
    );
    const order: string[] = [];
    const listening: Client = {
      ...client,
      patch(kind, ref, patch, options) {
        if (options?.subresource === undefined) order.push(ref.name);
        return client.patch(kind, ref, patch, options);
      },
    };
    await all.run([scheduler({ schedulerName: "ranked" })], listening);
    await scheduled("ranks", "ranked-2", "Success");
    assert.deepEqual(
      order,
      [3, 1, 4, 0, 5, 2].map((index) => `ranked-${index}`),
    );
  });

  test("a quota that does not allow the targets is told in the condition, and asked again", async () => {
    await world("quota", ["quota-1"]);
    const message = "FederatedResourceQuota(quota/q) exceeded for resource cpu: requested sum 3, limit 2.";
    let refusals = 2;
    const limited: Client = {
      ...client,
      patch: (kind, ref, patch, options) =>
        ref.namespace === "quota" && options?.subresource === undefined && refusals-- > 0
          ? Promise.reject(new ApiError("QuotaExceeded", message))
          : client.patch(kind, ref, patch, options),
    };
    await bind("quota", "limited", { schedulerName: "quota" });
    await all.run([scheduler({ schedulerName: "quota" })], limited);
    const { status } = await eventually("the condition", async () => {
      const binding = await client.get(ResourceBinding, { namespace: "quota", name: "limited" });
      return binding.status?.conditions?.length === 1 ? binding : undefined;
    });
    const [condition] = status?.conditions ?? [];
    if (condition?.reason !== "Success")
      assert.deepEqual([condition?.reason, condition?.message], ["QuotaExceeded", message]);
    assert.deepEqual(targets(await scheduled("quota", "limited", "Success")), ["quota-1"]);
    assert.ok(refusals < 0);
  });

  test("with overcommit protection, two that come one after the other do not get the same room", async () => {
    await world("assumed", ["assumed-1"], status("4"));
    await all.run([scheduler({ schedulerName: "assumed", overcommitProtection: true })]);
    const spec = { ...divided("assumed"), schedulerName: "assumed", replicas: 3 };
    await bind("assumed", "first", spec);
    await scheduled("assumed", "first", "Success");
    await bind("assumed", "second", spec);
    await scheduled("assumed", "second", "Unschedulable");
    // The first one goes before its pods came: its room is free, though no summary ever said otherwise.
    await client.delete(ResourceBinding, { namespace: "assumed", name: "first" });
    const ref = { name: "assumed-1" };
    await client.patch(Cluster, ref, { type: "merge", patch: { metadata: { labels: { touched: "yes" } } } });
    assert.deepEqual(targets(await scheduled("assumed", "second", "Success")), ["assumed-1"]);
  });
});

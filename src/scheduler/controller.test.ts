// The scheduler on a real API server: what wakes a binding up that could not be scheduled, and neighbours in a race.
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { Cluster } from "#api/cluster/cluster.ts";
import { crdOf } from "#api/crd.ts";
import { karmadaLabels } from "#api/karmada-constants.ts";
import { CustomResourceDefinition, Namespace } from "#api/kinds.ts";
import { type BindingSpec, ClusterResourceBinding, ResourceBinding } from "#api/work/binding.ts";
import { type RunningApiServer, startApiServer } from "#apiserver/start-api-server.ts";
import { testAdmin, testVersion } from "#apiserver/testing.ts";
import type { Client } from "#client/client.ts";
import { inProcessTransport } from "#client/in-process-transport.ts";
import type { InformerFactory } from "#client/informer.ts";
import { createInformerFactory } from "#client/informers.ts";
import { createClient } from "#client/rest-client.ts";
import { cloneJson } from "#machinery/equality.ts";
import { type Manager, startManager } from "#runtime/manager.ts";
import { silentLogger } from "#std/logger.ts";
import { systemRandom } from "#std/random.ts";
import { systemClock as clock } from "#std/time.ts";
import { memoryStorage } from "#storage/memory/memory-storage.ts";
import { scheduler } from "./controller.ts";

const eventuallyMilliseconds = 15_000;
const random = systemRandom();
const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const signingKeys = [privateKey.export({ type: "pkcs8", format: "pem" }).toString()] as const;
const version = testVersion;
const kinds = [Cluster, ResourceBinding, ClusterResourceBinding];

async function eventually<T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> {
  const deadline = clock.monotonic() + eventuallyMilliseconds;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (clock.monotonic() > deadline) throw new Error(`not in time: ${what}`);
    await clock.sleep(5);
  }
}

describe("the scheduler", () => {
  const end = new AbortController();
  let server: RunningApiServer;
  let client: Client;
  let manager: Manager;
  let informers: InformerFactory;

  before(async () => {
    const { signal } = end;
    const address = { host: "10.0.0.1", port: 6443 };
    const storage = memoryStorage({ clock });
    server = await startApiServer({
      storage,
      admission: [],
      clock,
      random,
      log: silentLogger,
      version,
      signingKeys,
      address,
      signal,
    });
    client = createClient(inProcessTransport(server.handle, testAdmin));
    for (const kind of kinds) await client.create(CustomResourceDefinition, cloneJson(crdOf(kind)));
    await eventually("the kinds are served", async () => {
      const { items } = await client.list(CustomResourceDefinition);
      return items.every(({ status }) => status?.conditions?.some(({ type }) => type === "Established"));
    });
    informers = createInformerFactory({ client, clock, random, log: silentLogger, signal });
    const controllers = [scheduler()];
    manager = startManager({ client, informers, controllers, clock, random, log: silentLogger, signal });
    await manager.synced;
  });
  after(async () => {
    end.abort(new Error("the test is over"));
    await manager.stopped;
    await client.close();
    await server.close();
  });

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
});

// From bindings to Works on a real API server: shares, overrides, leftovers. The test itself is the scheduler.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Cluster } from "#api/cluster/cluster.ts";
import { ConfigMap, Deployment, Event, Job } from "#api/kinds.ts";
import { ClusterOverridePolicy, OverridePolicy } from "#api/policy/override-policy.ts";
import { PropagationPolicy } from "#api/policy/propagation-policy.ts";
import { ResourceBinding, type TargetCluster } from "#api/work/binding.ts";
import { Work } from "#api/work/work.ts";
import type { KubeObject } from "#machinery/object.ts";
import {
  aWhile,
  deploymentDraft,
  eventually,
  eventuallyGone,
  eventuallyObject,
  type Planes,
  policyDraft,
  scheduleTo,
  startPlanes,
} from "../testing-planes.ts";

const ref = (name: string) => ({ namespace: "default", name });

describe("bindings and Works", () => {
  let planes: Planes;
  before(async () => {
    planes = await startPlanes({ members: ["m1", "m2"] });
  });
  after(() => planes.close());

  const schedule = (binding: string, clusters: readonly TargetCluster[]): Promise<void> =>
    scheduleTo(planes.client, binding, clusters);

  async function find(member: string, binding: string): Promise<Work | undefined> {
    const { items } = await planes.client.list(Work, { namespace: `karmada-es-${member}` });
    return items.find(({ metadata }) => metadata.annotations?.["resourcebinding.karmada.io/name"] === binding);
  }

  async function eventualManifest(
    member: string,
    binding: string,
    check: (manifest: KubeObject, work: Work) => boolean = () => true,
  ): Promise<{ readonly manifest: KubeObject; readonly work: Work }> {
    let found: { readonly manifest: KubeObject; readonly work: Work } | undefined;
    await eventually(`a Work of ${binding} in ${member}`, async () => {
      const work = await find(member, binding);
      const manifest = work?.spec.workload?.manifests?.[0];
      if (work === undefined || manifest === undefined || !check(manifest, work)) return false;
      found = { manifest, work };
      return true;
    });
    assert.ok(found);
    return found;
  }

  const specOf = ({ spec }: KubeObject) => spec as Readonly<Record<string, unknown>>;

  test("each cluster gets its share, whatever the template says, and a changed share is taken over", async () => {
    const { client } = planes;
    await client.create(Deployment, deploymentDraft("shares", 3));
    await client.create(PropagationPolicy, policyDraft(Deployment, "shares"));
    await schedule("shares-deployment", [
      { name: "m1", replicas: 2 },
      { name: "m2", replicas: 1 },
    ]);
    await eventualManifest("m1", "shares-deployment", (manifest) => specOf(manifest)["replicas"] === 2);
    await eventualManifest("m2", "shares-deployment", (manifest) => specOf(manifest)["replicas"] === 1);
    await schedule("shares-deployment", [
      { name: "m1", replicas: 1 },
      { name: "m2", replicas: 4 },
    ]);
    await eventualManifest("m2", "shares-deployment", (manifest) => specOf(manifest)["replicas"] === 4);
  });

  test("nothing is written when nothing has changed", async () => {
    const { client } = planes;
    const isClaimed = ({ metadata }: KubeObject) =>
      metadata.labels?.["propagationpolicy.karmada.io/permanent-id"] !== undefined;
    const { work } = await eventualManifest("m2", "shares-deployment", isClaimed);
    await client.patch(ResourceBinding, ref("shares-deployment"), {
      type: "merge",
      patch: { spec: { rescheduleTriggeredAt: "2026-01-01T00:00:00Z" } },
    });
    await aWhile(100);
    const same = await client.get(Work, work.metadata);
    assert.equal(same.metadata.generation, work.metadata.generation);
    assert.deepEqual(same.spec, work.spec);
  });

  test("a divided Job's completions are divided along with its replicas", async () => {
    const { client } = planes;
    const template = { spec: { restartPolicy: "Never", containers: [{ name: "pi", image: "perl" }] } };
    await client.create(Job, {
      metadata: ref("pi"),
      spec: { completions: 10, parallelism: 4, ttlSecondsAfterFinished: 60, template },
    });
    const placement = { replicaScheduling: { replicaSchedulingType: "Divided" as const } };
    await client.create(PropagationPolicy, policyDraft(Job, "pi", { placement }));
    await schedule("pi-job", [
      { name: "m1", replicas: 3 },
      { name: "m2", replicas: 1 },
    ]);
    const { manifest } = await eventualManifest("m1", "pi-job", (each) => specOf(each)["completions"] === 7);
    assert.equal(specOf(manifest)["parallelism"], 3);
    assert.equal(specOf(manifest)["ttlSecondsAfterFinished"], undefined);
    await eventualManifest("m2", "pi-job", (each) => specOf(each)["completions"] === 3);
  });

  test("override policies come, change and go, each where it applies; the Work tells which were applied", async () => {
    const { client } = planes;
    await client.create(ConfigMap, { metadata: ref("settings"), data: { port: "80" } });
    await client.create(PropagationPolicy, policyDraft(ConfigMap, "settings"));
    await schedule("settings-configmap", [{ name: "m1" }, { name: "m2" }]);
    const port = ({ data }: KubeObject) => (data as Record<string, string>)["port"];
    await eventualManifest("m1", "settings-configmap", (manifest) => port(manifest) === "80");
    const overriders = (value: string) => ({
      plaintext: [{ path: "/data/port", operator: "replace" as const, value }],
    });
    await client.create(OverridePolicy, {
      metadata: ref("in-m1"),
      spec: {
        resourceSelectors: [{ apiVersion: "v1", kind: "ConfigMap", name: "settings" }],
        overrideRules: [{ targetCluster: { clusterNames: ["m1"] }, overriders: overriders("81") }],
      },
    });
    const { work } = await eventualManifest("m1", "settings-configmap", (manifest) => port(manifest) === "81");
    assert.match(work.metadata.annotations?.["policy.karmada.io/applied-overrides"] ?? "", /"policyName":"in-m1"/);
    assert.equal(port((await eventualManifest("m2", "settings-configmap")).manifest), "80");
    await client.create(ClusterOverridePolicy, {
      metadata: { name: "everywhere" },
      spec: { overrideRules: [{ overriders: { labelsOverrider: [{ operator: "add", value: { tier: "x" } }] } }] },
    });
    await eventualManifest("m2", "settings-configmap", ({ metadata }) => metadata.labels?.["tier"] === "x");
    await client.patch(OverridePolicy, ref("in-m1"), {
      type: "merge",
      patch: { spec: { overrideRules: [{ overriders: overriders("82") }] } },
    });
    await eventualManifest("m2", "settings-configmap", (manifest) => port(manifest) === "82");
    await client.delete(OverridePolicy, ref("in-m1"));
    await client.delete(ClusterOverridePolicy, { name: "everywhere" });
    await eventualManifest(
      "m2",
      "settings-configmap",
      (manifest) => port(manifest) === "80" && manifest.metadata.labels?.["tier"] === undefined,
    );
  });

  test("an override that fails in one cluster is told and does not keep the other waiting", async () => {
    const { client } = planes;
    await client.create(OverridePolicy, {
      metadata: ref("broken"),
      spec: {
        resourceSelectors: [{ apiVersion: "v1", kind: "ConfigMap", name: "fragile" }],
        overrideRules: [
          {
            targetCluster: { clusterNames: ["m1"] },
            overriders: { plaintext: [{ path: "/data/none", operator: "replace", value: "x" }] },
          },
        ],
      },
    });
    const isSeen = () => planes.informers.for(OverridePolicy).get(ref("broken")) !== undefined;
    await eventually("the policy is seen", () => Promise.resolve(isSeen()));
    await client.create(ConfigMap, { metadata: ref("fragile"), data: { a: "1" } });
    await client.create(PropagationPolicy, policyDraft(ConfigMap, "fragile"));
    await schedule("fragile-configmap", [{ name: "m1" }, { name: "m2" }]);
    await eventualManifest("m2", "fragile-configmap");
    assert.equal(await find("m1", "fragile-configmap"), undefined);
    const told =
      "OverridePolicy default/broken: spec.overrideRules[0].overriders.plaintext[0] at /data/none for cluster m1: " +
      "path /data/none does not exist";
    const eventTold = (on: string, reason: string) =>
      eventually(`the event ${reason} on ${on}`, async () => {
        const { items } = await client.list(Event);
        return items.some((event) => {
          const isThat = event.involvedObject.kind === on && event.reason === reason;
          return isThat && event.message?.includes(told);
        });
      });
    await eventTold("ConfigMap", "SyncWorkFailed");
    await eventTold("ResourceBinding", "SyncWorkFailed");
    await eventTold("OverridePolicy", "ApplyOverridePolicyFailed");
    await eventuallyObject(client, ResourceBinding, ref("fragile-configmap"), ({ status }) =>
      status?.conditions?.some(
        ({ type, status: value, reason, message }) =>
          type === "OverridesApplied" && value === "False" && reason === "OverrideFailed" && message === told,
      ),
    );
  });

  test("a Work that is there stays as it is while an override fails, and follows when the policy is mended", async () => {
    const { client } = planes;
    const value = ({ data }: KubeObject) => (data as Record<string, string>)["a"];
    await client.create(ConfigMap, { metadata: ref("mended"), data: { a: "1" } });
    await client.create(PropagationPolicy, policyDraft(ConfigMap, "mended"));
    await schedule("mended-configmap", [{ name: "m1" }]);
    const { work } = await eventualManifest("m1", "mended-configmap");
    const rules = (path: string) => ({
      resourceSelectors: [{ apiVersion: "v1", kind: "ConfigMap", name: "mended" }],
      overrideRules: [
        {
          overriders: {
            labelsOverrider: [{ operator: "add" as const, value: { half: "applied" } }],
            plaintext: [{ path, operator: "replace" as const, value: "2" }],
          },
        },
      ],
    });
    const overridesApplied = (expected: string) =>
      eventuallyObject(client, ResourceBinding, ref("mended-configmap"), ({ status }) =>
        status?.conditions?.some(({ type, status: found }) => type === "OverridesApplied" && found === expected),
      );
    await client.create(OverridePolicy, { metadata: ref("mended"), spec: rules("/data/none") });
    await overridesApplied("False");
    assert.equal((await client.get(Work, work.metadata)).metadata.generation, work.metadata.generation);
    await client.patch(OverridePolicy, ref("mended"), { type: "merge", patch: { spec: rules("/data/a") } });
    await eventualManifest("m1", "mended-configmap", (manifest) => value(manifest) === "2");
    await overridesApplied("True");
  });

  test("a member whose labels change gets the overrides that are meant for it now", async () => {
    const { client } = planes;
    await client.create(ConfigMap, { metadata: ref("labelled"), data: { a: "1" } });
    await client.create(PropagationPolicy, policyDraft(ConfigMap, "labelled"));
    await client.create(OverridePolicy, {
      metadata: ref("labelled"),
      spec: {
        resourceSelectors: [{ apiVersion: "v1", kind: "ConfigMap", name: "labelled" }],
        overrideRules: [
          {
            targetCluster: { labelSelector: { matchLabels: { site: "edge" } } },
            overriders: { labelsOverrider: [{ operator: "add", value: { on: "edge" } }] },
          },
        ],
      },
    });
    await schedule("labelled-configmap", [{ name: "m1" }, { name: "m2" }]);
    await eventualManifest("m1", "labelled-configmap");
    await client.patch(Cluster, { name: "m2" }, { type: "merge", patch: { metadata: { labels: { site: "edge" } } } });
    await eventualManifest("m2", "labelled-configmap", ({ metadata }) => metadata.labels?.["on"] === "edge");
    const { manifest } = await eventualManifest("m1", "labelled-configmap");
    assert.equal(manifest.metadata.labels?.["on"], undefined);
  });

  test("Works of clusters that are left are deleted, and those of a binding that goes, too", async () => {
    const { client } = planes;
    await client.create(ConfigMap, { metadata: ref("leaving"), data: {} });
    await client.create(PropagationPolicy, policyDraft(ConfigMap, "leaving"));
    await schedule("leaving-configmap", [{ name: "m1" }, { name: "m2" }]);
    const { work } = await eventualManifest("m2", "leaving-configmap");
    const kept = await eventualManifest("m1", "leaving-configmap");
    await schedule("leaving-configmap", [{ name: "m1" }]);
    await eventuallyGone(client, Work, work.metadata);
    assert.equal((await client.get(Work, kept.work.metadata)).metadata.uid, kept.work.metadata.uid);
    await client.delete(PropagationPolicy, ref("leaving-pp"));
    await eventuallyGone(client, PropagationPolicy, ref("leaving-pp"));
    await client.delete(ConfigMap, ref("leaving"));
    await client.delete(ResourceBinding, ref("leaving-configmap"));
    await eventuallyGone(client, ResourceBinding, ref("leaving-configmap"));
    await eventuallyGone(client, Work, kept.work.metadata);
  });

  test("an empty schedule takes nothing away; once the next copy is healthy, the first may go", async () => {
    const { client } = planes;
    await client.create(ConfigMap, { metadata: ref("last"), data: {} });
    await client.create(PropagationPolicy, policyDraft(ConfigMap, "last"));
    await schedule("last-configmap", [{ name: "m1" }]);
    const { work } = await eventualManifest("m1", "last-configmap");
    await eventuallyObject(client, Work, work.metadata, ({ status }) =>
      status?.manifestStatuses?.some(({ health }) => health === "Healthy"),
    );
    await schedule("last-configmap", []);
    await eventually("it is told", async () => {
      const { items } = await client.list(Event);
      return items.some(({ reason, message }) => reason === "EvictionHeld" && message?.includes("cluster(s) m1"));
    });
    const held = await client.get(Work, work.metadata);
    assert.deepEqual([held.metadata.uid, held.metadata.deletionTimestamp], [work.metadata.uid, undefined]);
    await schedule("last-configmap", [{ name: "m2" }]);
    await eventualManifest("m2", "last-configmap");
    await eventuallyGone(client, Work, work.metadata);
  });

  test("a Work whose binding is gone, written in the same moment, is swept", async () => {
    const { client } = planes;
    const annotations = {
      "resourcebinding.karmada.io/namespace": "default",
      "resourcebinding.karmada.io/name": "ghost-configmap",
    };
    const work = await client.create(Work, {
      metadata: { name: "ghost", namespace: "karmada-es-m1", annotations },
      spec: {},
    });
    await eventuallyGone(client, Work, work.metadata);
  });
});

// Namespaces on their way to all members, on a real API server.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Cluster } from "#api/cluster/cluster.ts";
import { Event, Namespace } from "#api/kinds.ts";
import { ClusterOverridePolicy } from "#api/policy/override-policy.ts";
import { Work } from "#api/work/work.ts";
import { aWhile, eventually, eventuallyObject, type Planes, startPlanes } from "../testing-planes.ts";

describe("namespaces", () => {
  let planes: Planes;
  before(async () => {
    planes = await startPlanes({ members: ["m1"] });
  });
  after(() => planes.close());
  const workRef = (member: string) => ({ namespace: `karmada-es-${member}`, name: "test-69fd499b4c" });

  test("a Work in every execution namespace, owned by the namespace", async () => {
    const { client } = planes;
    const namespace = await client.create(Namespace, { metadata: { name: "test" } });
    const work = await eventuallyObject(client, Work, workRef("m1"));
    assert.deepEqual(work.metadata.ownerReferences, [
      {
        apiVersion: "v1",
        kind: "Namespace",
        name: "test",
        uid: namespace.metadata.uid,
        controller: true,
        blockOwnerDeletion: true,
      },
    ]);
    assert.deepEqual(Object.keys(work.spec), ["workload"]);
    assert.equal(work.metadata.annotations?.["work.karmada.io/conflict-resolution"], undefined);
  });

  test("a member that comes later gets them as well", async () => {
    const { client } = planes;
    await client.create(Cluster, { metadata: { name: "late" }, spec: { syncMode: "Pull" } });
    await eventuallyObject(client, Work, workRef("late"));
  });

  test("cluster override policies change them", async () => {
    const { client } = planes;
    await client.create(ClusterOverridePolicy, {
      metadata: { name: "labels" },
      spec: {
        resourceSelectors: [{ apiVersion: "v1", kind: "Namespace", name: "test" }],
        overrideRules: [{ overriders: { labelsOverrider: [{ operator: "add", value: { team: "a" } }] } }],
      },
    });
    const work = await eventuallyObject(
      client,
      Work,
      workRef("m1"),
      ({ spec }) => spec.workload?.manifests?.[0]?.metadata.labels?.["team"] === "a",
    );
    assert.match(work.metadata.annotations?.["policy.karmada.io/applied-cluster-overrides"] ?? "", /"labels"/);
  });

  test("an override that fails is told by the namespace and of the policy", async () => {
    const { client } = planes;
    const rules = (path: string) => ({
      resourceSelectors: [{ apiVersion: "v1", kind: "Namespace", name: "test" }],
      overrideRules: [{ overriders: { plaintext: [{ path, operator: "remove" as const }] } }],
    });
    await client.create(ClusterOverridePolicy, { metadata: { name: "broken" }, spec: rules("/spec/none") });
    const overridesApplied = (expected: string, pattern: RegExp) =>
      eventuallyObject(client, Namespace, { name: "test" }, ({ status }) =>
        status?.conditions?.some(
          ({ type, status: found, message = "" }) =>
            type === "OverridesApplied" && found === expected && pattern.test(message),
        ),
      );
    const message =
      /^ClusterOverridePolicy broken: spec.overrideRules\[0\].*plaintext\[0\] at \/spec\/none for cluster /;
    await overridesApplied("False", message);
    await eventually("the events", async () => {
      const { items } = await client.list(Event);
      const told = items.filter(({ reason }) => reason === "ApplyOverridePolicyFailed");
      return ["Namespace", "ClusterOverridePolicy"].every((kind) =>
        told.some(({ involvedObject }) => involvedObject.kind === kind),
      );
    });
    await client.delete(ClusterOverridePolicy, { name: "broken" });
    await overridesApplied("True", /^All override policies have been applied/);
  });

  test("a Work that is deleted by hand comes back", async () => {
    const { client } = planes;
    const { metadata } = await client.get(Work, workRef("m1"));
    await client.delete(Work, workRef("m1"));
    await eventuallyObject(client, Work, workRef("m1"), (work) => work.metadata.uid !== metadata.uid);
  });

  test("some stay: reserved ones, skipped ones, and those whose label says so", async () => {
    const { client } = planes;
    const labels = { "namespace.karmada.io/skip-auto-propagation": "true" };
    await client.create(Namespace, { metadata: { name: "mine", labels } });
    await aWhile(100);
    const { items } = await client.list(Work, { namespace: "karmada-es-m1" });
    assert.deepEqual(
      items.map(({ spec }) => spec.workload?.manifests?.[0]?.metadata.name),
      ["test"],
    );
  });
});

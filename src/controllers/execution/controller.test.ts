// Works on their way to members: suspended, released, taken back, and members that are away, sick or leaving.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Cluster } from "#api/cluster/cluster.ts";
import { ConfigMap, CustomResourceDefinition, Deployment, Namespace } from "#api/kinds.ts";
import { PropagationPolicy } from "#api/policy/propagation-policy.ts";
import { ResourceBinding } from "#api/work/binding.ts";
import { Work } from "#api/work/work.ts";
import type { KubeObject } from "#machinery/object.ts";
import { garbageCollector } from "#kubecontrollers/garbage-collector/controller.ts";
import { scheduler } from "#scheduler/controller.ts";
import {
  aWhile,
  deploymentDraft,
  eventually,
  eventuallyGone,
  eventuallyObject,
  eventuallyReady,
  type Planes,
  policyDraft,
  reportInMember,
  startPlanes,
} from "../testing-planes.ts";

const members = ["member1", "member2", "member3"];
const ref = (name: string) => ({ namespace: "default", name });

function condition({ status }: Pick<Work, "status">, type: string) {
  return status?.conditions?.find((each) => each.type === type);
}

function imageOf({ spec }: Deployment): string | undefined {
  return spec.template.spec?.containers[0]?.image;
}

function karmadaKeys({ metadata: { labels = {}, annotations = {} } }: KubeObject): string[] {
  return [...Object.keys(labels), ...Object.keys(annotations)].filter((key) => key.includes("karmada.io"));
}

describe("execution", () => {
  let planes: Planes;
  before(async () => {
    planes = await startPlanes({
      members,
      others: [scheduler(), garbageCollector()],
      controllers: { clusterStatus: { periodMilliseconds: 50, failureMilliseconds: 100, successMilliseconds: 100 } },
    });
    await eventuallyReady(planes.client, members);
  });
  after(() => planes.close());

  async function propagate(name: string, spec: Partial<PropagationPolicy["spec"]> = {}): Promise<void> {
    await planes.client.create(Deployment, deploymentDraft(name));
    await planes.client.create(PropagationPolicy, policyDraft(Deployment, name, spec));
  }

  async function workOf(name: string, member: string): Promise<Work> {
    const { items } = await planes.client.list(Work, { namespace: `karmada-es-${member}` });
    const found = items.find(
      ({ metadata }) => metadata.annotations?.["resourcebinding.karmada.io/name"] === `${name}-deployment`,
    );
    assert.ok(found);
    return found;
  }

  test("a rolling upgrade by suspension: two members wait, one by one they follow, status comes back all the while", async () => {
    const { client } = planes;
    await propagate("rolling");
    for (const member of members) await eventuallyObject(planes.member(member), Deployment, ref("rolling"));
    const pause = (clusterNames: string[]) =>
      client.patch(PropagationPolicy, ref("rolling-pp"), {
        type: "merge",
        patch: { spec: { suspension: { dispatchingOnClusters: { clusterNames } } } },
      });
    await pause(["member1", "member2"]);
    for (const member of ["member1", "member2"]) {
      const { metadata } = await workOf("rolling", member);
      const work = await eventuallyObject(
        client,
        Work,
        metadata,
        (each) => condition(each, "Dispatching")?.status === "False",
      );
      assert.equal(condition(work, "Dispatching")?.reason, "SuspendDispatching");
      assert.equal(condition(work, "Dispatching")?.message, "Work dispatching is in a suspended state.");
    }
    const containers = [{ name: "nginx", image: "nginx:1.28" }];
    await client.patch(Deployment, ref("rolling"), {
      type: "merge",
      patch: { spec: { template: { spec: { containers } } } },
    });
    await eventuallyObject(
      planes.member("member3"),
      Deployment,
      ref("rolling"),
      (each) => imageOf(each) === "nginx:1.28",
    );
    await aWhile();
    for (const member of ["member1", "member2"]) {
      assert.equal(imageOf(await planes.member(member).get(Deployment, ref("rolling"))), "nginx:1.27");
    }
    const status = { replicas: 2, readyReplicas: 2, observedGeneration: 1 };
    await planes
      .member("member1")
      .patch(Deployment, ref("rolling"), { type: "merge", patch: { status } }, { subresource: "status" });
    await eventuallyObject(client, ResourceBinding, ref("rolling-deployment"), (binding) =>
      binding.status?.aggregatedStatus?.some(
        (item) => item.clusterName === "member1" && item.status?.["readyReplicas"] === 2,
      ),
    );
    await pause(["member1"]);
    await eventuallyObject(
      planes.member("member2"),
      Deployment,
      ref("rolling"),
      (each) => imageOf(each) === "nginx:1.28",
    );
    assert.equal(imageOf(await planes.member("member1").get(Deployment, ref("rolling"))), "nginx:1.27");
    await pause([]);
    await eventuallyObject(
      planes.member("member1"),
      Deployment,
      ref("rolling"),
      (each) => imageOf(each) === "nginx:1.28",
    );
  });

  test("a deleted template is deleted in the members", async () => {
    const { client } = planes;
    await propagate("short");
    await eventuallyObject(planes.member("member1"), Deployment, ref("short"));
    await client.delete(Deployment, ref("short"));
    for (const member of members) await eventuallyGone(planes.member(member), Deployment, ref("short"));
    await eventuallyGone(client, ResourceBinding, ref("short-deployment"));
  });

  test("or released there: same object, none of Karmada's marks, no Work left", async () => {
    const { client } = planes;
    await propagate("kept", { preserveResourcesOnDeletion: true });
    const before = await eventuallyObject(planes.member("member1"), Deployment, ref("kept"));
    await eventuallyObject(
      client,
      Work,
      (await workOf("kept", "member1")).metadata,
      (work) => condition(work, "Applied")?.status === "True",
    );
    await client.delete(Deployment, ref("kept"));
    const released = await eventuallyObject(
      planes.member("member1"),
      Deployment,
      ref("kept"),
      (object) => karmadaKeys(object).length === 0,
    );
    assert.equal(released.metadata.uid, before.metadata.uid);
    assert.deepEqual(released.spec, before.spec);
    assert.equal(released.metadata.labels?.["app"], "kept");
    await eventuallyGone(client, ResourceBinding, ref("kept-deployment"));
    // The binding goes as soon as its Works are told to; they follow.
    for (const member of members) {
      await eventually(`no Work of it is left for ${member}`, async () => {
        const { items } = await client.list(Work, { namespace: `karmada-es-${member}` });
        return !items.some(({ spec }) => spec.workload?.manifests?.some(({ metadata }) => metadata.name === "kept"));
      });
    }
  });

  test("a cluster that is no target any more loses the object, the others keep it", async () => {
    const { client } = planes;
    await propagate("moving", { placement: { clusterAffinity: { clusterNames: ["member1", "member2"] } } });
    const stays = await eventuallyObject(planes.member("member1"), Deployment, ref("moving"));
    await eventuallyObject(planes.member("member2"), Deployment, ref("moving"));
    // Until the others are healthy it would be held.
    await reportInMember(planes.member("member1"), "moving", 2);
    const placement = { clusterAffinity: { clusterNames: ["member1"] } };
    await client.patch(PropagationPolicy, ref("moving-pp"), { type: "merge", patch: { spec: { placement } } });
    await eventuallyGone(planes.member("member2"), Deployment, ref("moving"));
    assert.equal((await planes.member("member1").get(Deployment, ref("moving"))).metadata.uid, stays.metadata.uid);
  });

  test("an object that was let go by hand is not deleted with its Work", async () => {
    const { client } = planes;
    const member = planes.member("member1");
    await client.create(ConfigMap, { metadata: ref("freed"), data: { a: "1" } });
    await client.create(PropagationPolicy, policyDraft(ConfigMap, "freed"));
    await eventuallyObject(member, ConfigMap, ref("freed"));
    await member.patch(ConfigMap, ref("freed"), {
      type: "merge",
      patch: { metadata: { labels: { "karmada.io/managed": null } } },
    });
    await client.delete(ConfigMap, ref("freed"));
    await eventuallyGone(planes.member("member2"), ConfigMap, ref("freed"));
    await eventuallyGone(client, ResourceBinding, ref("freed-configmap"));
    await aWhile(50);
    assert.deepEqual((await member.get(ConfigMap, ref("freed"))).data, { a: "1" });
  });

  test("a kind that a member does not serve is told, and nothing else is held up", async () => {
    const { client } = planes;
    await client.create(CustomResourceDefinition, {
      metadata: { name: "ships.example.com" },
      spec: {
        group: "example.com",
        scope: "Namespaced",
        names: { plural: "ships", singular: "ship", kind: "Ship", listKind: "ShipList" },
        versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object" } } }],
      },
    });
    await client.create(Work, {
      metadata: { name: "ship", namespace: "karmada-es-member1", finalizers: ["karmada.io/execution-controller"] },
      spec: { workload: { manifests: [{ apiVersion: "example.com/v1", kind: "Ship", metadata: ref("one") }] } },
    });
    const shipRef = { namespace: "karmada-es-member1", name: "ship" };
    const work = await eventuallyObject(client, Work, shipRef, (each) =>
      condition(each, "Applied")?.message.includes("could not find"),
    );
    assert.equal(condition(work, "Applied")?.reason, "AppliedFailed");
    await propagate("unharmed");
    await eventuallyObject(planes.member("member1"), Deployment, ref("unharmed"));
    await client.delete(Work, shipRef);
    await eventuallyGone(client, Work, shipRef);
  });

  test("a member that is away: nothing is lost, nothing is deleted, the others go on; back again it gets what it missed", async () => {
    const { client } = planes;
    await propagate("away", { placement: { clusterAffinity: { clusterNames: ["member2", "member3"] } } });
    const before = await eventuallyObject(planes.member("member3"), Deployment, ref("away"));
    planes.setReachable("member3", false);
    const tolerant = await eventuallyObject(client, Cluster, { name: "member3" }, ({ spec }) =>
      spec.taints?.some(({ key }) => key === "cluster.karmada.io/not-ready"),
    );
    assert.equal(tolerant.status?.conditions?.find(({ type }) => type === "Ready")?.reason, "ClusterNotReachable");
    await client.patch(Deployment, ref("away"), { type: "merge", patch: { spec: { replicas: 3 } } });
    await eventuallyObject(planes.member("member2"), Deployment, ref("away"), ({ spec }) => spec.replicas === 3);
    const { metadata } = await workOf("away", "member3");
    assert.equal(
      condition(await client.get(Work, metadata), "Applied")?.status,
      "True",
      "what is not known is not told",
    );
    planes.setReachable("member3", true);
    const after = await eventuallyObject(
      planes.member("member3"),
      Deployment,
      ref("away"),
      ({ spec }) => spec.replicas === 3,
    );
    assert.equal(after.metadata.uid, before.metadata.uid);
    await eventuallyReady(client, members);
  });

  test("an answer that is lost after the member has done the work is no harm", async () => {
    const { client } = planes;
    const placement = { clusterAffinity: { clusterNames: ["member1"] } };
    planes.dropAnswers("member1", 1);
    await propagate("lost", { placement });
    const { metadata } = await eventuallyObject(planes.member("member1"), Deployment, ref("lost"));
    const found = await workOf("lost", "member1");
    await eventuallyObject(client, Work, found.metadata, (work) => condition(work, "Applied")?.status === "True");
    assert.equal((await planes.member("member1").get(Deployment, ref("lost"))).metadata.uid, metadata.uid);
    planes.dropAnswers("member1", 1);
    await client.delete(Deployment, ref("lost"));
    await eventuallyGone(planes.member("member1"), Deployment, ref("lost"));
    await eventuallyGone(client, Work, found.metadata);
  });

  test("a member that leaves takes its objects along, and then its Cluster goes", async () => {
    const { client } = planes;
    await propagate("leaver", { placement: { clusterAffinity: { clusterNames: ["member3"] } } });
    await eventuallyObject(planes.member("member3"), Deployment, ref("leaver"));
    await client.delete(Cluster, { name: "member3" });
    await eventuallyObject(
      client,
      Namespace,
      { name: "karmada-es-member3" },
      ({ metadata }) => metadata.deletionTimestamp !== undefined,
    );
    // The namespace controller of a whole control plane would do this.
    for (const { metadata } of (await client.list(Work, { namespace: "karmada-es-member3" })).items)
      await client.delete(Work, metadata);
    await eventuallyGone(planes.member("member3"), Deployment, ref("leaver"));
  });
});

test("a member that hangs does not keep the others waiting", async (t) => {
  const planes = await startPlanes({ members: ["good", "bad"], others: [scheduler()] });
  t.after(() => planes.close());
  await eventuallyReady(planes.client, ["good", "bad"]);
  planes.setHanging("bad", true);
  const { client } = planes;
  await client.create(PropagationPolicy, {
    metadata: { name: "all", namespace: "default" },
    spec: { resourceSelectors: [{ apiVersion: "v1", kind: "ConfigMap" }], placement: {} },
  });
  const names = Array.from({ length: 200 }, (_, index) => `config-${index}`);
  for (const name of names) await client.create(ConfigMap, { metadata: ref(name), data: { name } });
  for (const name of names) await eventuallyObject(planes.member("good"), ConfigMap, ref(name));
  planes.setHanging("bad", false);
});

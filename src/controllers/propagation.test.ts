// Propagation as a user sees it, on real API servers in one process: from a template and a policy to the members and back.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Cluster } from "#api/cluster/cluster.ts";
import { ConfigMap, Deployment, Event, Namespace, Service } from "#api/kinds.ts";
import { PropagationPolicy } from "#api/policy/propagation-policy.ts";
import { ResourceBinding } from "#api/work/binding.ts";
import { Work } from "#api/work/work.ts";
import { scheduler } from "#scheduler/controller.ts";
import {
  deploymentDraft,
  eventually,
  eventuallyObject,
  eventuallyReady,
  type Planes,
  policyDraft,
  startPlanes,
} from "./testing-planes.ts";

const nginxRef = { namespace: "default", name: "nginx" };
const bindingRef = { namespace: "default", name: "nginx-deployment" };
const workRef = (member: string) => ({ namespace: `karmada-es-${member}`, name: "nginx-687f7fb96f" });

describe("propagation", () => {
  let planes: Planes;
  before(async () => {
    planes = await startPlanes({ members: ["member1", "member2"], others: [scheduler()] });
    await eventuallyReady(planes.client, ["member1", "member2"]);
  });
  after(() => planes.close());

  test("members are given an execution namespace, a status and no taint", async () => {
    const { client } = planes;
    const cluster = await eventuallyObject(
      client,
      Cluster,
      { name: "member1" },
      ({ spec }) => spec.taints?.length === 0,
    );
    assert.deepEqual(cluster.metadata.finalizers, ["karmada.io/cluster-controller"]);
    assert.equal(cluster.status?.kubernetesVersion, "v1.36.0-test");
    assert.ok(cluster.status.apiEnablements?.some(({ groupVersion }) => groupVersion === "apps/v1"));
    const space = await client.get(Namespace, { name: "karmada-es-member1" });
    assert.deepEqual(space.metadata.labels?.["karmada.io/system"], "true");
  });

  test("a Deployment reaches the members that its policy names, and its status comes back", async () => {
    const { client } = planes;
    await client.create(Deployment, deploymentDraft("nginx"));
    await client.create(PropagationPolicy, policyDraft(Deployment, "nginx"));
    const inMember = await eventuallyObject(planes.member("member1"), Deployment, nginxRef);
    await eventuallyObject(planes.member("member2"), Deployment, nginxRef);
    assert.equal(inMember.metadata.labels?.["karmada.io/managed"], "true");
    assert.equal(inMember.spec.replicas, 2);
    const binding = await eventuallyObject(client, ResourceBinding, bindingRef, ({ status }) =>
      status?.conditions?.some(({ type, status: value }) => type === "FullyApplied" && value === "True"),
    );
    assert.deepEqual(binding.spec.clusters?.map(({ name }) => name).sort(), ["member1", "member2"]);
    const template = await client.get(Deployment, nginxRef);
    assert.equal(template.metadata.annotations?.["propagationpolicy.karmada.io/name"], "nginx-pp");
    assert.equal(binding.spec.resource.resourceVersion !== undefined, true);
    for (const member of ["member1", "member2"]) {
      const running = await planes.member(member).get(Deployment, nginxRef);
      await planes.member(member).patch(
        Deployment,
        nginxRef,
        {
          type: "merge",
          patch: {
            status: {
              observedGeneration: running.metadata.generation,
              ...{ replicas: 2, readyReplicas: 2, updatedReplicas: 2, availableReplicas: 2 },
            },
          },
        },
        { subresource: "status" },
      );
    }
    await eventuallyObject(client, Deployment, nginxRef, ({ status }) => status?.readyReplicas === 4);
    const summed = await eventuallyObject(client, ResourceBinding, bindingRef, ({ status }) =>
      status?.aggregatedStatus?.every(({ health }) => health === "Healthy"),
    );
    assert.deepEqual(
      summed.status?.aggregatedStatus?.map(({ clusterName, applied }) => [clusterName, applied]),
      [
        ["member1", true],
        ["member2", true],
      ],
    );
  });

  test("what is changed in a member is put right, and what is deleted there comes back", async () => {
    const member = planes.member("member1");
    await member.patch(Deployment, nginxRef, { type: "merge", patch: { spec: { replicas: 7 } } });
    await eventuallyObject(member, Deployment, nginxRef, ({ spec }) => spec.replicas === 2);
    const { metadata } = await member.get(Deployment, nginxRef);
    await member.delete(Deployment, nginxRef);
    await eventuallyObject(member, Deployment, nginxRef, (object) => object.metadata.uid !== metadata.uid);
  });

  test("a Work or a binding that is deleted by hand comes back", async () => {
    const { client } = planes;
    const work = await client.get(Work, workRef("member1"));
    await client.delete(Work, workRef("member1"));
    await eventuallyObject(client, Work, workRef("member1"), ({ metadata }) => metadata.uid !== work.metadata.uid);
    const binding = await client.get(ResourceBinding, bindingRef);
    await client.delete(ResourceBinding, bindingRef);
    await eventuallyObject(
      client,
      ResourceBinding,
      bindingRef,
      (object) => object.metadata.uid !== binding.metadata.uid,
    );
    await eventuallyObject(planes.member("member1"), Deployment, nginxRef);
  });

  test("an object that is already there is left alone, and the binding says so", async () => {
    const { client } = planes;
    const member = planes.member("member1");
    await member.create(ConfigMap, { metadata: { name: "theirs", namespace: "default" }, data: { a: "theirs" } });
    await client.create(ConfigMap, { metadata: { name: "theirs", namespace: "default" }, data: { a: "ours" } });
    await client.create(PropagationPolicy, policyDraft(ConfigMap, "theirs"));
    const ref = { namespace: "default", name: "theirs-configmap" };
    const message =
      "Failed to apply all manifests (0/1): resource(kind=ConfigMap, default/theirs) already exists in the cluster " +
      "member1 and the work.karmada.io/conflict-resolution strategy value is empty, Karmada will not manage this resource";
    await eventuallyObject(client, ResourceBinding, ref, ({ status }) =>
      status?.aggregatedStatus?.some(({ appliedMessage }) => appliedMessage === message),
    );
    assert.deepEqual((await member.get(ConfigMap, { namespace: "default", name: "theirs" })).data, { a: "theirs" });
    await client.patch(
      PropagationPolicy,
      { namespace: "default", name: "theirs-pp" },
      { type: "merge", patch: { spec: { conflictResolution: "Overwrite" } } },
    );
    const before = await member.get(ConfigMap, { namespace: "default", name: "theirs" });
    const adopted = await eventuallyObject(
      member,
      ConfigMap,
      { namespace: "default", name: "theirs" },
      ({ data }) => data?.["a"] === "ours",
    );
    assert.equal(adopted.metadata.uid, before.metadata.uid);
  });

  test("namespaces go to all members by themselves", async () => {
    await planes.client.create(Namespace, { metadata: { name: "team-a" } });
    await eventuallyObject(planes.member("member1"), Namespace, { name: "team-a" });
    await eventuallyObject(planes.member("member2"), Namespace, { name: "team-a" });
  });

  test("events tell what happened", async () => {
    const reasons = async (kind: string): Promise<Set<string>> => {
      const { items } = await planes.client.list(Event);
      return new Set(items.filter((event) => event.involvedObject.kind === kind).map(({ reason }) => reason ?? ""));
    };
    await eventually("events of the template", async () => {
      const told = await reasons("Deployment");
      return [
        "ApplyPolicySucceed",
        "GetReplicasSucceed",
        "ScheduleBindingSucceed",
        "SyncWorkSucceed",
        "SyncSucceed",
      ].every((reason) => told.has(reason));
    });
    await eventually("events of Works", async () => {
      const told = await reasons("Work");
      return ["SyncSucceed", "WorkDispatching", "ReflectStatusSucceed"].every((reason) => told.has(reason));
    });
  });

  test("a Service keeps the address that its member gave it", async () => {
    const { client } = planes;
    await client.create(Service, {
      metadata: { name: "web", namespace: "default" },
      spec: { selector: { app: "nginx" }, ports: [{ port: 80 }] },
    });
    await client.create(PropagationPolicy, policyDraft(Service, "web"));
    const ref = { namespace: "default", name: "web" };
    const first = await eventuallyObject(planes.member("member1"), Service, ref);
    await client.patch(Service, ref, { type: "merge", patch: { metadata: { labels: { changed: "1" } } } });
    const second = await eventuallyObject(
      planes.member("member1"),
      Service,
      ref,
      ({ metadata }) => metadata.labels?.["changed"] === "1",
    );
    assert.equal(second.spec.clusterIP, first.spec.clusterIP);
  });
});

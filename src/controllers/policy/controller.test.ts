// Claims and bindings through the life of policies, on a real API server. No member is needed for that.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ConfigMap, CustomResourceDefinition, Deployment, Event, PriorityClass } from "#api/kinds.ts";
import { OverridePolicy } from "#api/policy/override-policy.ts";
import { ClusterPropagationPolicy, PropagationPolicy } from "#api/policy/propagation-policy.ts";
import { ClusterResourceBinding, ResourceBinding } from "#api/work/binding.ts";
import type { Kind, KubeObject } from "#machinery/object.ts";
import {
  aWhile,
  deploymentDraft,
  eventually,
  eventuallyGone,
  eventuallyObject,
  type Planes,
  policyDraft,
  startPlanes,
} from "../testing-planes.ts";

const idLabel = "propagationpolicy.karmada.io/permanent-id";
const clusterIdLabel = "clusterpropagationpolicy.karmada.io/permanent-id";
const nameAnnotation = "propagationpolicy.karmada.io/name";

const deploymentRef = (name: string) => ({ namespace: "default", name });
const bindingRef = (name: string) => ({ namespace: "default", name: `${name}-deployment` });

/** Whose claim an object carries. */
function claimOf({ metadata: { annotations = {} } }: KubeObject): string | undefined {
  return annotations[nameAnnotation] ?? annotations["clusterpropagationpolicy.karmada.io/name"];
}

describe("policies and templates", () => {
  let planes: Planes;
  before(async () => {
    planes = await startPlanes({
      members: [],
      controllers: { gates: { PropagationPolicyPreemption: true } },
    });
  });
  after(() => planes.close());

  test("a template that comes before its policy is claimed when the policy comes", async () => {
    const { client } = planes;
    await client.create(Deployment, deploymentDraft("early"));
    await aWhile(50);
    assert.equal(await client.find(ResourceBinding, bindingRef("early")), undefined);
    const policy = await client.create(PropagationPolicy, policyDraft(Deployment, "early"));
    const binding = await eventuallyObject(client, ResourceBinding, bindingRef("early"));
    assert.equal(binding.metadata.labels?.[idLabel], policy.metadata.labels?.[idLabel]);
    assert.deepEqual(binding.metadata.finalizers, ["karmada.io/binding-controller"]);
    const template = await client.get(Deployment, deploymentRef("early"));
    assert.equal(binding.spec.resource.resourceVersion, template.metadata.resourceVersion);
    assert.equal(binding.spec.replicas, 2);
  });

  test("a template that changes takes its binding along; status does not", async () => {
    const { client } = planes;
    const ref = deploymentRef("early");
    const tell = async (replicas: number): Promise<ResourceBinding> => {
      const patch = { status: { replicas } };
      const { metadata } = await client.patch(Deployment, ref, { type: "merge", patch }, { subresource: "status" });
      const seen = () => planes.informers.for(Deployment).get(ref)?.metadata.resourceVersion;
      await eventually("the status is seen", () => Promise.resolve(seen() === metadata.resourceVersion));
      await aWhile(100);
      return client.get(ResourceBinding, bindingRef("early"));
    };
    const before = await tell(1); // by now the policy's claim on the template has been seen, too
    const same = await tell(2);
    assert.equal(same.metadata.resourceVersion, before.metadata.resourceVersion);
    await client.patch(Deployment, ref, { type: "merge", patch: { spec: { replicas: 5 } } });
    await eventuallyObject(client, ResourceBinding, bindingRef("early"), ({ spec }) => spec.replicas === 5);
  });

  test("a policy that changes takes the bindings of its templates along", async () => {
    const { client } = planes;
    const patch = { spec: { preserveResourcesOnDeletion: true, suspension: { dispatching: true } } };
    await client.patch(PropagationPolicy, deploymentRef("early-pp"), { type: "merge", patch });
    const { spec } = await eventuallyObject(
      client,
      ResourceBinding,
      bindingRef("early"),
      (binding) => binding.spec.preserveResourcesOnDeletion,
    );
    assert.deepEqual(spec.suspension, { dispatching: true });
  });

  test("what someone else changes in a binding is put right, what is the scheduler's stays", async () => {
    const { client } = planes;
    const patch = { spec: { replicas: 99, clusters: [{ name: "m1", replicas: 5 }] } };
    await client.patch(ResourceBinding, bindingRef("early"), { type: "merge", patch });
    const { spec } = await eventuallyObject(
      client,
      ResourceBinding,
      bindingRef("early"),
      (binding) => binding.spec.replicas === 5,
    );
    assert.deepEqual(spec.clusters, [{ name: "m1", replicas: 5 }]);
  });

  test("a policy that matches a template no more lets it go; the binding stays", async () => {
    const { client } = planes;
    const resourceSelectors = [{ apiVersion: "apps/v1", kind: "Deployment", name: "another" }];
    await client.patch(PropagationPolicy, deploymentRef("early-pp"), {
      type: "merge",
      patch: { spec: { resourceSelectors } },
    });
    await eventuallyObject(client, Deployment, deploymentRef("early"), (object) => claimOf(object) === undefined);
    const binding = await eventuallyObject(
      client,
      ResourceBinding,
      bindingRef("early"),
      (object) => claimOf(object) === undefined,
    );
    assert.equal(binding.metadata.labels?.[idLabel], undefined);
    assert.equal(binding.metadata.deletionTimestamp, undefined);
  });

  test("a policy that is deleted lets everything go first, and the next best policy takes over", async () => {
    const { client } = planes;
    await client.create(Deployment, deploymentDraft("heir"));
    await client.create(PropagationPolicy, policyDraft(Deployment, "heir"));
    await eventuallyObject(client, ResourceBinding, bindingRef("heir"));
    await client.create(ClusterPropagationPolicy, {
      metadata: { name: "heir-cpp" },
      spec: { resourceSelectors: [{ apiVersion: "apps/v1", kind: "Deployment", name: "heir" }] },
    });
    await aWhile(50);
    assert.equal(claimOf(await client.get(Deployment, deploymentRef("heir"))), "heir-pp", "a claimed template stays");
    const { metadata } = await client.get(ResourceBinding, bindingRef("heir"));
    await client.delete(PropagationPolicy, deploymentRef("heir-pp"));
    await eventuallyGone(client, PropagationPolicy, deploymentRef("heir-pp"));
    await eventuallyObject(client, Deployment, deploymentRef("heir"), (object) => claimOf(object) === "heir-cpp");
    const binding = await eventuallyObject(
      client,
      ResourceBinding,
      bindingRef("heir"),
      (object) => object.metadata.labels?.[clusterIdLabel] !== undefined,
    );
    assert.equal(binding.metadata.uid, metadata.uid);
    assert.equal(binding.metadata.labels?.[idLabel], undefined);
  });

  test("the claim of a policy that has gone unnoticed is taken away", async () => {
    const { client } = planes;
    const draft = deploymentDraft("orphan");
    await client.create(Deployment, {
      ...draft,
      metadata: {
        ...draft.metadata,
        labels: { [idLabel]: "nobody" },
        annotations: { [nameAnnotation]: "gone", "propagationpolicy.karmada.io/namespace": "default" },
      },
    });
    const freed = await eventuallyObject(
      client,
      Deployment,
      deploymentRef("orphan"),
      (object) => claimOf(object) === undefined,
    );
    assert.equal(freed.metadata.labels?.[idLabel], undefined);
  });

  test("dependent overrides are waited for", async () => {
    const { client } = planes;
    await client.create(Deployment, deploymentDraft("patient"));
    await client.create(PropagationPolicy, policyDraft(Deployment, "patient", { dependentOverrides: ["first"] }));
    await aWhile(50);
    assert.equal(await client.find(ResourceBinding, bindingRef("patient")), undefined);
    await client.create(OverridePolicy, { metadata: deploymentRef("first"), spec: { overrideRules: [] } });
    await eventuallyObject(client, ResourceBinding, bindingRef("patient"));
  });

  test("a lazy policy reaches a template when its user changes it", async () => {
    const { client } = planes;
    await client.create(Deployment, deploymentDraft("lazy"));
    await aWhile(50);
    await client.create(PropagationPolicy, policyDraft(Deployment, "lazy", { activationPreference: "Lazy" }));
    await eventuallyObject(client, Deployment, deploymentRef("lazy"), (object) => claimOf(object) === "lazy-pp");
    await aWhile(50);
    assert.equal(await client.find(ResourceBinding, bindingRef("lazy")), undefined, "claimed, but no binding yet");
    await client.patch(Deployment, deploymentRef("lazy"), {
      type: "merge",
      patch: { metadata: { labels: { touched: "1" } } },
    });
    const binding = await eventuallyObject(client, ResourceBinding, bindingRef("lazy"));
    const patch = { spec: { conflictResolution: "Overwrite" } };
    await client.patch(PropagationPolicy, deploymentRef("lazy-pp"), { type: "merge", patch });
    await aWhile(50);
    const same = await client.get(ResourceBinding, bindingRef("lazy"));
    assert.equal(same.metadata.resourceVersion, binding.metadata.resourceVersion);
    await client.patch(Deployment, deploymentRef("lazy"), { type: "merge", patch: { spec: { replicas: 3 } } });
    await eventuallyObject(
      client,
      ResourceBinding,
      bindingRef("lazy"),
      ({ spec }) => spec.conflictResolution === "Overwrite" && spec.replicas === 3,
    );
  });

  test("a policy with preemption takes a template from one of lower priority, and says so", async () => {
    const { client } = planes;
    await client.create(Deployment, deploymentDraft("prize"));
    await client.create(PropagationPolicy, policyDraft(Deployment, "prize"));
    await eventuallyObject(client, ResourceBinding, bindingRef("prize"));
    const taker = policyDraft(Deployment, "prize", { priority: 5, preemption: "Always" });
    await client.create(PropagationPolicy, { ...taker, metadata: deploymentRef("taker") });
    await eventuallyObject(client, ResourceBinding, bindingRef("prize"), (object) => claimOf(object) === "taker");
    const message = "Propagation policy(default/taker) preempted propagation policy(default/prize-pp) successfully";
    await eventually("the event", async () => {
      const { items } = await client.list(Event);
      return items.some((event) => event.reason === "PreemptPolicySucceed" && event.message === message);
    });
  });

  test("schedulePriority: the binding has the value of its class, and waits for a class that is not there", async () => {
    const { client } = planes;
    const schedulePriority = { priorityClassSource: "KubePriorityClass" as const, priorityClassName: "urgent" };
    await client.create(Deployment, deploymentDraft("ranked"));
    await client.create(PropagationPolicy, policyDraft(Deployment, "ranked", { schedulePriority }));
    await aWhile(100);
    assert.equal(await client.find(ResourceBinding, bindingRef("ranked")), undefined);
    await client.create(PriorityClass, { metadata: { name: "urgent" }, value: 1_000 });
    const { spec } = await eventuallyObject(client, ResourceBinding, bindingRef("ranked"));
    assert.deepEqual(spec.schedulePriority, { priority: 1_000 });
  });

  test("selectors narrowed to one of two: the other is let go, and a policy of lower rank takes it", async () => {
    const { client } = planes;
    const [left, right] = ["narrow-a", "narrow-b"];
    const select = (...names: string[]) => ({
      resourceSelectors: names.map((name) => ({ apiVersion: "apps/v1", kind: "Deployment", name })),
    });
    for (const name of [left, right]) await client.create(Deployment, deploymentDraft(name));
    const metadata = deploymentRef("narrow");
    await client.create(PropagationPolicy, { metadata, spec: { ...select(left, right), priority: 1 } });
    await client.create(PropagationPolicy, { metadata: deploymentRef("wide"), spec: select(left, right) });
    const claimedBy = (name: string, policy: string): Promise<unknown> =>
      eventuallyObject(client, ResourceBinding, bindingRef(name), (object) => claimOf(object) === policy);
    await claimedBy(left, "narrow");
    await claimedBy(right, "narrow");
    await client.patch(PropagationPolicy, metadata, { type: "merge", patch: { spec: select(left) } });
    await claimedBy(right, "wide");
    await claimedBy(left, "narrow");
  });

  test("a template that someone else manages is left alone", async () => {
    const { client } = planes;
    const draft = deploymentDraft("taken");
    const labels = { "resourcetemplate.karmada.io/claimed-by": "MultiClusterService" };
    await client.create(Deployment, { ...draft, metadata: { ...draft.metadata, labels } });
    await client.create(PropagationPolicy, policyDraft(Deployment, "taken"));
    await aWhile(100);
    assert.equal(await client.find(ResourceBinding, bindingRef("taken")), undefined);
  });

  test("a binding of an earlier template of the same name is not touched; the event says why", async () => {
    const { client } = planes;
    await client.create(ConfigMap, { metadata: deploymentRef("again"), data: {} });
    const earlier = { apiVersion: "v1", kind: "ConfigMap", name: "again", uid: "earlier", controller: true };
    await client.create(ResourceBinding, {
      metadata: { name: "again-configmap", namespace: "default", ownerReferences: [earlier] },
      spec: { resource: { apiVersion: "v1", kind: "ConfigMap", namespace: "default", name: "again", uid: "earlier" } },
    });
    await client.create(PropagationPolicy, policyDraft(ConfigMap, "again"));
    await eventually("the event", async () => {
      const { items } = await client.list(Event);
      return items.some(({ reason, message }) => reason === "ApplyPolicyFailed" && message?.includes("2090"));
    });
    await client.delete(ResourceBinding, deploymentRef("again-configmap"));
    await eventuallyObject(
      client,
      ResourceBinding,
      deploymentRef("again-configmap"),
      ({ metadata }) => metadata.ownerReferences?.[0]?.uid !== "earlier",
    );
  });

  test("custom resources are templates as soon as their definition is there, of either scope", async () => {
    const { client } = planes;
    const Fleet: Kind = {
      ...{
        group: "example.com",
        version: "v1",
        kind: "Fleet",
        listKind: "FleetList",
        plural: "fleets",
        singular: "fleet",
      },
      ...{ namespaced: false, shortNames: [], categories: [] },
    };
    await client.create(ClusterPropagationPolicy, {
      metadata: { name: "fleets" },
      spec: { resourceSelectors: [{ apiVersion: "example.com/v1", kind: "Fleet" }] },
    });
    const openAPIV3Schema = { type: "object" as const, "x-kubernetes-preserve-unknown-fields": true };
    const { plural, singular, kind, listKind } = Fleet;
    await client.create(CustomResourceDefinition, {
      metadata: { name: "fleets.example.com" },
      spec: {
        group: "example.com",
        scope: "Cluster",
        names: { plural, singular, kind, listKind },
        versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema } }],
      },
    });
    await eventually("the kind is served", async () => {
      await client.create(Fleet, { metadata: { name: "north" } });
      return true;
    });
    const binding = await eventuallyObject(client, ClusterResourceBinding, { name: "north-fleet" });
    assert.deepEqual(binding.metadata.finalizers, ["karmada.io/cluster-resource-binding-controller"]);
    assert.equal(binding.spec.replicas, undefined);
    assert.equal(binding.spec.resource.namespace, undefined);
    await client.delete(CustomResourceDefinition, { name: "fleets.example.com" });
    await eventuallyGone(client, CustomResourceDefinition, { name: "fleets.example.com" });
    const still = await client.get(ClusterResourceBinding, { name: "north-fleet" });
    assert.equal(still.metadata.deletionTimestamp, undefined);
  });
});

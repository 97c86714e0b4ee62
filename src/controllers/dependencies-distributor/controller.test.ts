// What a Deployment refers to goes along with it, on a real API server with members. The test itself is the scheduler.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  ConfigMap,
  Deployment,
  EndpointSlice,
  Event,
  PersistentVolumeClaim,
  Secret,
  Service,
  ServiceAccount,
} from "#api/kinds.ts";
import { ResourceInterpreterCustomization } from "#api/config/resource-interpreter-customization.ts";
import { ServiceImport } from "#api/multicluster/service-import.ts";
import { PropagationPolicy } from "#api/policy/propagation-policy.ts";
import { ResourceBinding } from "#api/work/binding.ts";
import type { Kind, KubeObject } from "#machinery/object.ts";
import { garbageCollector } from "#kubecontrollers/garbage-collector/controller.ts";
import {
  aWhile,
  deploymentDraft,
  eagerClusterStatus,
  eventually,
  eventuallyGone,
  eventuallyObject,
  type Planes,
  policyDraft,
  reportInMember,
  scheduleTo,
  startPlanes,
} from "../testing-planes.ts";

const namespace = "default";
const ref = (name: string) => ({ namespace, name });

describe("dependencies", () => {
  let planes: Planes;
  before(async () => {
    planes = await startPlanes({
      members: ["m1", "m2"],
      others: [garbageCollector()],
      controllers: { clusterStatus: eagerClusterStatus },
    });
  });
  after(() => planes.close());

  const schedule = (binding: string, ...clusters: string[]): Promise<void> =>
    scheduleTo(
      planes.client,
      binding,
      clusters.map((name) => ({ name, replicas: 1 })),
    );

  /** A Deployment that refers to a ConfigMap, a Secret, a ServiceAccount and a claim. */
  async function createReferrer(name: string, spec: Partial<PropagationPolicy["spec"]> = {}): Promise<void> {
    const { client } = planes;
    const draft = deploymentDraft(name);
    const pod = {
      containers: [
        {
          name: "c",
          image: "nginx",
          envFrom: [{ configMapRef: { name: "config" } }],
          env: [{ name: "T", valueFrom: { secretKeyRef: { name: "token", key: "t" } } }],
        },
      ],
      serviceAccountName: "runner",
      volumes: [{ name: "v", persistentVolumeClaim: { claimName: "data" } }],
    };
    const template = { metadata: { labels: { app: name } }, spec: pod };
    await client.create(Deployment, {
      ...draft,
      spec: { ...draft.spec, template },
    });
    await client.create(PropagationPolicy, policyDraft(Deployment, name, { propagateDeps: true, ...spec }));
  }

  const inMember = (member: string, kind: Kind, name: string, check?: (object: KubeObject) => boolean) =>
    eventuallyObject(planes.member(member), kind, ref(name), check);
  const eventTold = (reason: string, text: string) =>
    eventually(`the event ${reason}`, async () => {
      const { items } = await planes.client.list(Event);
      return items.some((event) => event.reason === reason && event.message?.includes(text));
    });

  test("what is there goes along, whatever its kind; what comes later follows; edits arrive", async () => {
    const { client } = planes;
    await client.create(ConfigMap, { metadata: ref("config"), data: { a: "1" } });
    await client.create(ServiceAccount, { metadata: ref("runner") });
    await client.create(PersistentVolumeClaim, {
      metadata: ref("data"),
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
    });
    await createReferrer("web");
    await schedule("web-deployment", "m1");
    await inMember("m1", ConfigMap, "config");
    await inMember("m1", ServiceAccount, "runner");
    await inMember("m1", PersistentVolumeClaim, "data");
    await client.create(Secret, { metadata: ref("token"), data: { t: "dA==" } });
    await inMember("m1", Secret, "token");
    const binding = await eventuallyObject(client, ResourceBinding, ref("config-configmap"));
    const referrer = await client.get(ResourceBinding, ref("web-deployment"));
    assert.equal(binding.spec.placement, undefined);
    assert.deepEqual(binding.spec.requiredBy, [
      { namespace, name: "web-deployment", clusters: [{ name: "m1", replicas: 1 }] },
    ]);
    const label = Object.keys(binding.metadata.labels ?? {}).find((key) => key.includes("/depended-by-")) ?? "";
    assert.equal(
      binding.metadata.labels?.[label],
      referrer.metadata.labels?.["resourcebinding.karmada.io/permanent-id"],
    );
    assert.ok(binding.metadata.labels?.["resourcebinding.karmada.io/permanent-id"]);
    assert.ok(referrer.metadata.finalizers?.includes("karmada.io/binding-dependencies-distributor"));
    const record = referrer.metadata.annotations?.["resourcebinding.karmada.io/dependencies"] ?? "";
    assert.deepEqual(
      (JSON.parse(record) as { kind: string }[]).map(({ kind }) => kind),
      ["ConfigMap", "Secret", "ServiceAccount", "PersistentVolumeClaim"],
    );
    await eventTold(
      "GetDependenciesSucceed",
      "{APIVersion:v1 Kind:ConfigMap Namespace:default Name:config LabelSelector:nil}",
    );
    await eventTold("SyncScheduleResultToDependenciesSucceed", "Sync schedule results to dependencies succeed.");
    await client.patch(ConfigMap, ref("config"), { type: "merge", patch: { data: { a: "2" } } });
    await inMember("m1", ConfigMap, "config", ({ data }) => (data as { a: string }).a === "2");
  });

  test("a second referrer adds its clusters; where they disagree it is told, and the stronger wish counts", async () => {
    const { client } = planes;
    await createReferrer("api", { conflictResolution: "Overwrite" });
    await schedule("api-deployment", "m2");
    await inMember("m2", ConfigMap, "config");
    await eventuallyObject(
      client,
      ResourceBinding,
      ref("config-configmap"),
      ({ spec }) => spec.requiredBy?.length === 2 && spec.conflictResolution === "Overwrite",
    );
    await eventTold("DependencyPolicyConflict", "ConflictResolution conflicted (Overwrite vs Abort).");
  });

  test("a binding edited or deleted by hand is put right", async () => {
    const { client } = planes;
    const before = await client.get(ResourceBinding, ref("config-configmap"));
    await client.patch(ResourceBinding, ref("config-configmap"), {
      type: "merge",
      patch: { spec: { requiredBy: null, conflictResolution: "Abort" } },
    });
    const isRight = ({ spec }: ResourceBinding) =>
      spec.requiredBy?.length === 2 && spec.conflictResolution === "Overwrite";
    await eventuallyObject(client, ResourceBinding, ref("config-configmap"), isRight);
    await client.delete(ResourceBinding, ref("config-configmap"));
    await eventuallyObject(
      client,
      ResourceBinding,
      ref("config-configmap"),
      (found) => found.metadata.uid !== before.metadata.uid && isRight(found),
    );
    await inMember("m1", ConfigMap, "config");
    await inMember("m2", ConfigMap, "config");
  });

  test("a dependency that is deleted goes, and one made anew under its name goes along again", async () => {
    const { client } = planes;
    const { metadata } = await client.get(ResourceBinding, ref("token-secret"));
    await client.delete(Secret, ref("token"));
    await eventually("it is gone from the member", async () => {
      return (await planes.member("m1").find(Secret, ref("token"))) === undefined;
    });
    await client.create(Secret, { metadata: ref("token"), data: { t: "bmV3" } });
    await eventuallyObject(
      client,
      ResourceBinding,
      ref("token-secret"),
      (found) => found.metadata.uid !== metadata.uid,
    );
    await inMember("m1", Secret, "token", ({ data }) => (data as { t: string }).t === "bmV3");
  });

  test("what a template refers to no more is taken away, what others refer to stays", async () => {
    const { client } = planes;
    const containers = [{ name: "c", image: "nginx", envFrom: [{ configMapRef: { name: "config" } }] }];
    const spec = { template: { spec: { containers, serviceAccountName: null, volumes: null } } };
    await client.patch(Deployment, ref("web"), { type: "merge", patch: { spec } });
    await eventually("the claim is gone from m1", async () => {
      return (await planes.member("m1").find(PersistentVolumeClaim, ref("data"))) === undefined;
    });
    await inMember("m2", PersistentVolumeClaim, "data");
    await inMember("m1", ConfigMap, "config");
  });

  test("a referrer that moves takes its dependencies along; one that goes lets them go", async () => {
    const { client } = planes;
    await schedule("web-deployment", "m2");
    await reportInMember(planes.member("m2"), "web", 1); // until it is healthy there, it stays here as well
    await eventually("the ConfigMap has left m1", async () => {
      const web = await planes.member("m1").find(Deployment, ref("web"));
      const config = await planes.member("m1").find(ConfigMap, ref("config"));
      assert.ok(web === undefined || config !== undefined, "it stays as long as what refers to it");
      return config === undefined;
    });
    await client.delete(Deployment, ref("web"));
    await eventuallyGone(client, ResourceBinding, ref("web-deployment"));
    await eventuallyObject(
      client,
      ResourceBinding,
      ref("config-configmap"),
      ({ spec }) => spec.requiredBy?.length === 1,
    );
    await inMember("m2", ConfigMap, "config");
    await client.patch(PropagationPolicy, ref("api-pp"), { type: "merge", patch: { spec: { propagateDeps: false } } });
    await eventually("the ConfigMap has left m2", async () => {
      return (await planes.member("m2").find(ConfigMap, ref("config"))) === undefined;
    });
    const left = await eventuallyObject(client, ResourceBinding, ref("config-configmap"));
    assert.equal(left.spec.requiredBy, undefined);
    const api = await eventuallyObject(
      client,
      ResourceBinding,
      ref("api-deployment"),
      ({ metadata }) => !metadata.finalizers?.includes("karmada.io/binding-dependencies-distributor"),
    );
    assert.equal(api.spec.propagateDeps, undefined);
    await inMember("m2", Deployment, "api");
  });

  test("an object that a policy propagates by itself goes to the clusters of both", async () => {
    const { client } = planes;
    await client.create(ConfigMap, { metadata: ref("shared"), data: {} });
    await client.create(PropagationPolicy, policyDraft(ConfigMap, "shared", { conflictResolution: "Overwrite" }));
    await schedule("shared-configmap", "m1");
    const draft = deploymentDraft("user");
    const containers = [{ name: "c", image: "nginx", envFrom: [{ configMapRef: { name: "shared" } }] }];
    const template = { metadata: { labels: { app: "user" } }, spec: { containers } };
    await client.create(Deployment, {
      ...draft,
      spec: { ...draft.spec, template },
    });
    await client.create(PropagationPolicy, policyDraft(Deployment, "user", { propagateDeps: true }));
    await schedule("user-deployment", "m2");
    await inMember("m1", ConfigMap, "shared");
    await inMember("m2", ConfigMap, "shared");
    const binding = await client.get(ResourceBinding, ref("shared-configmap"));
    assert.equal(binding.spec.conflictResolution, "Overwrite");
    assert.equal(binding.spec.clusters?.length, 1);
  });

  test("whatever a customization names goes along, also when the customization comes last", async () => {
    const { client } = planes;
    await client.create(Secret, { metadata: ref("behind"), data: { t: "dA==" } });
    await client.create(ConfigMap, { metadata: ref("front"), data: { secret: "behind" } });
    await client.create(PropagationPolicy, policyDraft(ConfigMap, "front", { propagateDeps: true }));
    await schedule("front-configmap", "m1");
    await inMember("m1", ConfigMap, "front");
    assert.equal(await client.find(ResourceBinding, ref("behind-secret")), undefined);
    const { metadata } = await client.get(ResourceBinding, ref("front-configmap"));
    assert.deepEqual(metadata.finalizers, ["karmada.io/binding-controller"], "nothing is known of ConfigMaps yet");
    const luaScript = `
      function GetDependencies(obj)
        local found = {}
        if obj.data ~= nil and obj.data.secret ~= nil then
          found[1] = { apiVersion = "v1", kind = "Secret", namespace = obj.metadata.namespace, name = obj.data.secret }
        end
        return found
      end`;
    await client.create(ResourceInterpreterCustomization, {
      metadata: { name: "front" },
      spec: {
        target: { apiVersion: "v1", kind: "ConfigMap" },
        customizations: { dependencyInterpretation: { luaScript } },
      },
    });
    await inMember("m1", Secret, "behind");
  });

  test("a ServiceImport takes its derived Service and slices along, those too that come later", async () => {
    const { client } = planes;
    await client.create(ServiceImport, {
      metadata: ref("shop"),
      spec: { type: "ClusterSetIP", ports: [{ port: 80, protocol: "TCP" }] },
    });
    const policy = policyDraft(ServiceImport, "shop");
    await client.create(PropagationPolicy, policy);
    await schedule("shop-serviceimport", "m1");
    await client.create(Service, { metadata: ref("derived-shop"), spec: { ports: [{ port: 80 }] } });
    await eventuallyObject(
      client,
      ResourceBinding,
      ref("derived-shop-service"),
      ({ spec }) => spec.requiredBy?.length === 1,
    );
    const slice = (name: string, service: string) => ({
      metadata: { ...ref(name), labels: { "kubernetes.io/service-name": service } },
      addressType: "IPv4",
      endpoints: [{ addresses: ["10.1.0.1"] }],
    });
    await client.create(EndpointSlice, slice("imported-m2-shop", "derived-shop"));
    await client.create(EndpointSlice, slice("other", "something-else"));
    await inMember("m1", EndpointSlice, "imported-m2-shop");
    await aWhile(100);
    assert.equal(await client.find(ResourceBinding, ref("other-endpointslice")), undefined);
    await client.patch(EndpointSlice, ref("imported-m2-shop"), {
      type: "merge",
      patch: { metadata: { labels: { "kubernetes.io/service-name": "something-else" } } },
    });
    await eventually("a slice of another service leaves", async () => {
      return (await planes.member("m1").find(EndpointSlice, ref("imported-m2-shop"))) === undefined;
    });
  });
});

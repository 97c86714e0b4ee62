import assert from "node:assert/strict";
import test from "node:test";
import type { AdmissionRequest, MutableObject } from "#machinery/admission.ts";
import { isApiError } from "#machinery/api-error.ts";
import { fieldOf } from "#machinery/guards.ts";
import type { Kind, KubeObject } from "#machinery/object.ts";
import { systemClock } from "#std/time.ts";
import { Cluster } from "../cluster/cluster.ts";
import { ClusterOverridePolicy, OverridePolicy } from "../policy/override-policy.ts";
import { ClusterPropagationPolicy, PropagationPolicy } from "../policy/propagation-policy.ts";
import { ClusterResourceBinding, ResourceBinding } from "../work/binding.ts";
import { Work } from "../work/work.ts";
import { karmadaAdmission } from "./karmada-admission.ts";

const now = "2030-01-01T00:00:00Z";
const policyId = "propagationpolicy.karmada.io/permanent-id";

function admission(): ReturnType<typeof karmadaAdmission> {
  let count = 0;
  return karmadaAdmission({
    random: { uint32: () => 0, uuid: () => `uuid-${++count}` },
    clock: { ...systemClock, now: () => Date.parse(now) },
  });
}

interface Change {
  readonly old?: KubeObject;
  readonly operation?: AdmissionRequest["operation"];
  readonly subresource?: string;
}

function requestOf(kind: Kind, object: object | undefined, change: Change = {}): AdmissionRequest {
  const old = change.old;
  const namespace = kind.namespaced ? "default" : undefined;
  return {
    operation: change.operation ?? (old === undefined ? "CREATE" : "UPDATE"),
    kind,
    subresource: change.subresource,
    namespace,
    name: "x",
    object: object === undefined ? undefined : (structuredClone(object) as MutableObject),
    old,
    user: { name: "u", groups: [] },
    dryRun: false,
    warn: () => undefined,
  };
}

/** What admission makes of the object; throws when it refuses. */
async function admit(kind: Kind, object: object | undefined, change: Change = {}): Promise<KubeObject> {
  const request = requestOf(kind, object, change);
  const plugins = admission();
  for (const plugin of plugins) await plugin.mutate?.(request);
  for (const plugin of plugins) await plugin.validate?.(request);
  return request.object as unknown as KubeObject;
}

async function refusal(kind: Kind, object: object | undefined, change: Change = {}): Promise<string> {
  try {
    await admit(kind, object, change);
  } catch (error) {
    assert.ok(isApiError(error, "Forbidden", "Invalid"));
    return error.message.replace(/^admission webhook "\S+" denied the request: /, "");
  }
  return "admitted";
}

const selector = { apiVersion: "apps/v1", kind: "Deployment", name: "nginx" };

function policy(spec: object = {}, metadata: object = {}): object {
  return {
    apiVersion: "policy.karmada.io/v1alpha1",
    kind: "PropagationPolicy",
    metadata: { name: "x", namespace: "default", ...metadata },
    spec: { resourceSelectors: [selector], ...spec },
  };
}

test("a new policy gets an id of its own, its finalizer and its namespace in the selectors", async () => {
  const admitted = await admit(PropagationPolicy, policy({}, { labels: { [policyId]: "copied", app: "x" } }));
  assert.deepEqual(admitted.metadata.labels, { [policyId]: "uuid-1", app: "x" });
  assert.deepEqual(admitted.metadata.finalizers, ["karmada.io/propagation-policy-controller"]);
  assert.deepEqual(fieldOf(admitted, "spec", "resourceSelectors"), [{ ...selector, namespace: "default" }]);
});

test("a new cluster policy keeps its selectors open", async () => {
  const admitted = await admit(ClusterPropagationPolicy, policy());
  assert.deepEqual(Object.keys(admitted.metadata.labels ?? {}), ["clusterpropagationpolicy.karmada.io/permanent-id"]);
  assert.deepEqual(admitted.metadata.finalizers, ["karmada.io/cluster-propagation-policy-controller"]);
  assert.deepEqual(fieldOf(admitted, "spec", "resourceSelectors"), [selector]);
});

test("an update changes neither id nor finalizers", async () => {
  const old = await admit(PropagationPolicy, policy());
  const update = { ...old, metadata: { ...old.metadata, finalizers: [] } };
  assert.deepEqual(await admit(PropagationPolicy, update, { old }), update);
});

for (const { name, spec, path, value } of [
  {
    name: "spread constraints say what and at least how many",
    spec: { placement: { spreadConstraints: [{}, { spreadByLabel: "l", minGroups: 2 }] } },
    path: ["placement", "spreadConstraints"],
    value: [
      { spreadByField: "cluster", minGroups: 1 },
      { spreadByLabel: "l", minGroups: 2 },
    ],
  },
  {
    name: "divided replicas are divided by weight",
    spec: { placement: { replicaScheduling: { replicaSchedulingType: "Divided" } } },
    path: ["placement", "replicaScheduling", "replicaDivisionPreference"],
    value: "Weighted",
  },
  {
    name: "duplicated replicas are not divided",
    spec: { placement: { replicaScheduling: { replicaSchedulingType: "Duplicated" } } },
    path: ["placement", "replicaScheduling", "replicaDivisionPreference"],
    value: undefined,
  },
  {
    name: "imported services bring what they depend on",
    spec: { resourceSelectors: [{ apiVersion: "multicluster.x-k8s.io/v1alpha1", kind: "ServiceImport" }] },
    path: ["propagateDeps"],
    value: true,
  },
  {
    name: "a graceful failover has a grace period",
    spec: { propagateDeps: true, failover: { application: { decisionConditions: {}, purgeMode: "Gracefully" } } },
    path: ["failover", "application", "gracePeriodSeconds"],
    value: 600,
  },
  {
    name: "so does one by the older name",
    spec: { propagateDeps: true, failover: { application: { decisionConditions: {}, purgeMode: "Graciously" } } },
    path: ["failover", "application", "gracePeriodSeconds"],
    value: 600,
  },
]) {
  test(`policy defaults: ${name}`, async () => {
    assert.deepEqual(fieldOf(await admit(PropagationPolicy, policy(spec)), "spec", ...path), value);
  });
}

test("a malformed object is left for the schema to refuse", async () => {
  const plugins = admission();
  for (const spec of [
    undefined,
    5,
    { resourceSelectors: 5, placement: [] },
    { placement: { spreadConstraints: [5] } },
  ]) {
    const request = requestOf(PropagationPolicy, { metadata: { name: "x", labels: 5, finalizers: "x" }, spec });
    for (const plugin of plugins) await plugin.mutate?.(request);
    assert.deepEqual(request.object?.["spec"], spec);
  }
});

test("what may not change about a policy", async () => {
  const old = await admit(PropagationPolicy, policy({ schedulerName: "default-scheduler" }));
  const renamed = { ...old, spec: { ...(old["spec"] as object), schedulerName: "other" } };
  assert.equal(await refusal(PropagationPolicy, renamed, { old }), "the schedulerName should not be updated");
  const relabelled = { ...old, metadata: { ...old.metadata, labels: { [policyId]: "other" } } };
  const immutable = `label ${policyId} is immutable, it can only be set by the system during creation`;
  assert.equal(await refusal(PropagationPolicy, relabelled, { old }), immutable);
  const bare = { ...old, metadata: { ...old.metadata, labels: {} } };
  const missing = `label ${policyId} is required, it should be set by the mutating admission webhook during creation`;
  assert.equal(await refusal(PropagationPolicy, bare, { old: bare }), missing);
});

const field = (key: string, operator: string): object => ({ fieldSelector: { matchExpressions: [{ key, operator }] } });
const group = (affinityName: string, more: object = {}): object => ({ affinityName, clusterNames: ["m"], ...more });
const dynamic = { replicaScheduling: { weightPreference: { dynamicWeight: "AvailableReplicas" } } };
const stateful = { purgeMode: "Directly", statePreservation: { rules: [{ aliasLabelName: "a", jsonPath: "{.x}" }] } };
const inOne = { spreadConstraints: [{ spreadByField: "cluster", minGroups: 1, maxGroups: 1 }] };
const spreadOverAll = { clusterAffinity: { clusterNames: ["m1", "m2"] } };
const evenly = { replicaSchedulingType: "Divided" };
const graceful = { decisionConditions: { tolerationSeconds: 1 }, purgeMode: "Gracefully" };

for (const { spec, says } of [
  {
    spec: { placement: { clusterAffinity: {}, clusterAffinities: [] } },
    says: /^spec\.placement: Invalid value: .*: clusterAffinities cannot co-exist with clusterAffinity$/,
  },
  {
    spec: { placement: { clusterAffinity: field("zones", "In") } },
    says: /^spec\.placement\.clusterAffinity\.fieldSelector: .*unsupported key "zones", must be provider, region, or zone$/,
  },
  {
    spec: { placement: { clusterAffinity: field("zone", "Exists") } },
    says: /unsupported operator "Exists", must be In or NotIn$/,
  },
  {
    spec: { placement: { clusterAffinities: [group("a"), group("a")] } },
    says: /^spec\.placement\.clusterAffinities: .*each affinity term in a policy must have a unique name$/,
  },
  {
    spec: { placement: { clusterAffinities: [group("-")] } },
    says: /^spec\.placement\.clusterAffinities\[0\]: Invalid value: "-": name part must consist/,
  },
  {
    spec: { placement: { clusterAffinities: [group("a", { overflowAffinities: [group("b")] })] } },
    says: /clusterAffinities\[0\]\.overflowAffinities: .*only be used together with dynamic weight or aggregated scheduling$/,
  },
  {
    spec: { placement: { ...dynamic, clusterAffinities: [group("a", { overflowAffinities: [group("b")] })] } },
    says: /^admitted$/,
  },
  {
    spec: { placement: { ...dynamic, clusterAffinities: [group("a", { overflowAffinities: [group("a")] })] } },
    says: /overflowAffinities\[0\]\.affinityName: .*must not duplicate the primary group's affinityName$/,
  },
  {
    spec: { placement: { ...dynamic, clusterAffinities: [{ affinityName: "a", overflowAffinities: [group("b")] }] } },
    says: /only be used together with the inline ClusterAffinity$/,
  },
  {
    spec: {
      placement: { spreadConstraints: [{ spreadByField: "region", spreadByLabel: "l" }, { spreadByField: "cluster" }] },
    },
    says: /^spec\.placement\.spreadConstraints\[0\]: .*spreadByLabel should not co-exist with spreadByField$/,
  },
  {
    spec: { placement: { spreadConstraints: [{ spreadByField: "region" }] } },
    says: /^spec\.placement\.spreadConstraints: .*the cluster spread constraint must be enabled/,
  },
  {
    spec: { placement: { spreadConstraints: [{}, {}, {}] } },
    says: /^spec\.placement\.spreadConstraints: .*multiple cluster spread constraints are not allowed$/,
  },
  {
    spec: { placement: { spreadConstraints: [{ minGroups: 3, maxGroups: 2 }] } },
    says: /maxGroups lower than minGroups is not allowed$/,
  },
  {
    spec: { placement: { spreadConstraints: [{ minGroups: -1, maxGroups: -2 }] } },
    says: /^\[.*minGroups lower than 0 is not allowed, .*maxGroups lower than 0 is not allowed\]$/,
  },
  {
    spec: {
      placement: { workloadAffinity: { affinity: { groupByLabelKey: "a" }, antiAffinity: { groupByLabelKey: "a" } } },
    },
    says: /^spec\.placement\.workloadAffinity: .*must not use the same groupByLabelKey$/,
  },
  {
    spec: { placement: { workloadAffinity: { affinity: { groupByLabelKey: "a b" } } } },
    says: /^spec\.placement\.workloadAffinity\.affinity\.groupByLabelKey: /,
  },
  {
    spec: { placement: { clusterTolerations: [{ operator: "Gt" }] } },
    says: /^spec\.placement\.clusterTolerations\[0\]\.operator: Unsupported value: "Gt": supported values: "", "Exists", "Equal"$/,
  },
  {
    spec: { failover: { application: graceful } },
    says: /^spec\.propagateDeps: Invalid value: false: application failover is set, propagateDeps must be true$/,
  },
  {
    spec: { propagateDeps: true, failover: { application: { ...graceful, gracePeriodSeconds: 0 } } },
    says: /^spec\.failover\.application\.gracePeriodSeconds: Invalid value: 0: must be greater than 0$/,
  },
  {
    spec: {
      propagateDeps: true,
      failover: { application: { ...graceful, purgeMode: "Directly", gracePeriodSeconds: 5 } },
    },
    says: /gracePeriodSeconds: Invalid value: 5: only takes effect when purgeMode is gracefully$/,
  },
  {
    spec: {
      propagateDeps: true,
      failover: { application: { ...graceful, decisionConditions: { tolerationSeconds: -1 } } },
    },
    says: /tolerationSeconds: Invalid value: -1: must be greater than or equal to 0$/,
  },
  {
    spec: {
      propagateDeps: true,
      failover: { application: { ...graceful, decisionConditions: { initTolerationSeconds: -1 } } },
    },
    says: /initTolerationSeconds: Invalid value: -1: must be greater than or equal to 0$/,
  },
  {
    spec: {
      placement: inOne,
      failover: {
        cluster: {
          purgeMode: "Directly",
          statePreservation: { rules: [{ aliasLabelName: "a b", jsonPath: "{.x}" }] },
        },
      },
    },
    says: /^spec\.failover\.cluster\.statePreservation\.rules\[0\]\.aliasLabelName: /,
  },
  {
    spec: { placement: inOne, failover: { cluster: { ...stateful, purgeMode: "Gracefully" } } },
    says: /^spec\.failover\.cluster\.purgeMode: Invalid value: "Gracefully": must be Directly when statePreservation is set/,
  },
  { spec: { placement: inOne, failover: { cluster: stateful } }, says: /^admitted$/ },
  {
    spec: { placement: { clusterAffinity: { clusterNames: ["m1"] } }, failover: { cluster: stateful } },
    says: /^admitted$/,
  },
  {
    spec: { placement: spreadOverAll, failover: { cluster: stateful } },
    says: /^spec\.placement: .*must lead to one cluster when statePreservation is set: add a spread constraint/,
  },
  {
    spec: { placement: { ...inOne, replicaScheduling: evenly }, failover: { cluster: stateful } },
    says: /^spec\.placement: .*static weights do not obey it/,
  },
  {
    spec: {
      placement: inOne,
      failover: {
        cluster: { ...stateful, statePreservation: { rules: [{ aliasLabelName: "a", jsonPath: "{.x" }] } },
      },
    },
    says: /^spec\.failover\.cluster\.statePreservation\.rules\[0\]\.jsonPath: Invalid value: "\{\.x": unclosed/,
  },
  {
    spec: { resourceSelectors: [{ ...selector, namespace: "other" }] },
    says: /^spec\.resourceSelectors\[0\]\.namespace: Invalid value: "other": namespace of resource selector must be the same/,
  },
  {
    spec: { preemption: "Always", resourceSelectors: [{ apiVersion: "v1", kind: "Pod" }] },
    says: /^spec\.resourceSelectors\[0\]\.name: Invalid value: "": name cannot be empty if preemption is Always/,
  },
  {
    spec: { suspension: { dispatching: true, dispatchingOnClusters: { clusterNames: ["m"] } } },
    says: /^spec\.suspension\.suspension: .*suspension dispatching cannot co-exist with dispatchingOnClusters\.clusterNames$/,
  },
  { spec: { suspension: { dispatching: true, dispatchingOnClusters: { clusterNames: [] } } }, says: /^admitted$/ },
]) {
  test(`policy: ${String(says)}`, async () => {
    assert.match(await refusal(PropagationPolicy, policy(spec)), says);
  });
}

test("a refusal is Forbidden and names the webhook", async () => {
  const plugins = admission();
  const request = requestOf(ClusterPropagationPolicy, policy({ placement: { clusterAffinity: field("x", "In") } }));
  for (const plugin of plugins) await plugin.mutate?.(request);
  const check = async (): Promise<void> => {
    for (const plugin of plugins) await plugin.validate?.(request);
  };
  await assert.rejects(check(), (error) => {
    assert.ok(isApiError(error, "Forbidden"));
    assert.match(
      error.message,
      /^admission webhook "clusterpropagationpolicy\.karmada\.io" denied the request: spec\./,
    );
    return true;
  });
});

function override(spec: object): object {
  return { apiVersion: "policy.karmada.io/v1alpha1", kind: "OverridePolicy", metadata: { name: "x" }, spec };
}

const rule = (overriders: object, more: object = {}): object => ({ overrideRules: [{ overriders, ...more }] });
const yamlAt = (yaml: object, more: object = {}): object =>
  rule({ fieldOverrider: [{ fieldPath: "/data/a", yaml: [yaml], ...more }] });

for (const { spec, says } of [
  { spec: rule({ plaintext: [{ path: "/a", operator: "remove" }] }), says: /^admitted$/ },
  {
    spec: { ...rule({}), targetCluster: {} },
    says: /^spec\.targetCluster: .*overrideRules and targetCluster can't co-exist$/,
  },
  {
    spec: { ...rule({}), overriders: { plaintext: [{ path: "/a", operator: "remove" }] } },
    says: /^spec\.overriders: .*overrideRules and overriders can't co-exist$/,
  },
  { spec: { ...rule({}), overriders: { plaintext: [] } }, says: /^admitted$/ },
  {
    spec: rule({ annotationsOverrider: [{ operator: "add", value: { "a b": "x" } }] }),
    says: /^spec\.overrideRules\[0\]\.overriders\.annotationsOverrider\[0\]\.value: Invalid value: "a b": /,
  },
  {
    spec: rule({ labelsOverrider: [{ operator: "add", value: { a: "x y" } }] }),
    says: /^spec\.overrideRules\[0\]\.overriders\.labelsOverrider\[0\]\.value: Invalid value: "x y": /,
  },
  {
    spec: rule({ imageOverrider: [{ component: "Tag", operator: "remove", predicate: { path: "spec" } }] }),
    says: /imageOverrider\[0\]\.predicate\.path: Invalid value: "spec": JSON pointer must be empty or start with a "\/"$/,
  },
  { spec: yamlAt({ subPath: "/a", operator: "add", value: 1 }), says: /^admitted$/ },
  {
    spec: yamlAt({ subPath: "a", operator: "remove" }),
    says: /fieldOverrider\[0\]\.yaml\[0\]\.subPath: Invalid value: "a": JSON pointer/,
  },
  {
    spec: yamlAt({ subPath: "/a~b", operator: "remove" }),
    says: /yaml\[0\]\.subPath: Invalid value: "\/a~b": in a JSON pointer, "~" must be followed by 0 or 1$/,
  },
  {
    spec: yamlAt({ subPath: "/a", operator: "replace" }),
    says: /yaml\[0\]\.value: Invalid value: null: value is required for add or replace operation$/,
  },
  {
    spec: yamlAt({ subPath: "/a", operator: "remove", value: 1 }),
    says: /yaml\[0\]\.value: Invalid value: 1: value is not allowed for remove operation$/,
  },
  {
    spec: yamlAt({ subPath: "/a", operator: "remove" }, { fieldPath: "data" }),
    says: /fieldOverrider\[0\]\.fieldPath: Invalid value: "data": /,
  },
  {
    spec: yamlAt({ subPath: "/a", operator: "remove" }, { json: [{ subPath: "/a", operator: "remove" }] }),
    says: /fieldOverrider\[0\]: .*FieldOverrider has both YAML and JSON set\. Only one is allowed$/,
  },
  {
    spec: rule({ fieldOverrider: [{ fieldPath: "/data/a" }] }),
    says: /fieldOverrider\[0\]: Required value: FieldOverrider must have either JSON or YAML set$/,
  },
  {
    spec: rule({}, { targetCluster: field("x", "In") }),
    says: /^spec\.overrideRules\[0\]\.targetCluster\.fieldSelector: /,
  },
  {
    spec: { resourceSelectors: [{ ...selector, namespace: "other" }] },
    says: /^spec\.resourceSelectors\[0\]\.namespace: /,
  },
]) {
  test(`override policy: ${String(says)}`, async () => {
    assert.match(await refusal(OverridePolicy, override(spec)), says);
  });
}

test("override policies: the namespaced one's selectors mean its namespace", async () => {
  const spec = { resourceSelectors: [selector] };
  assert.deepEqual(fieldOf(await admit(OverridePolicy, override(spec)), "spec", "resourceSelectors"), [
    { ...selector, namespace: "default" },
  ]);
  assert.deepEqual(fieldOf(await admit(ClusterOverridePolicy, override(spec)), "spec"), spec);
});

test("bindings get an id once", async () => {
  const binding = {
    apiVersion: "work.karmada.io/v1alpha2",
    kind: "ResourceBinding",
    metadata: { name: "x" },
    spec: {},
  };
  for (const [kind, label] of [
    [ResourceBinding, "resourcebinding.karmada.io/permanent-id"],
    [ClusterResourceBinding, "clusterresourcebinding.karmada.io/permanent-id"],
  ] as const) {
    assert.deepEqual((await admit(kind, binding)).metadata.labels, { [label]: "uuid-1" });
    const own = { ...binding, metadata: { name: "x", labels: { [label]: "own" } } };
    assert.deepEqual((await admit(kind, own)).metadata.labels, { [label]: "own" });
    assert.equal((await admit(kind, binding, { operation: "UPDATE" })).metadata.labels, undefined);
  }
});

test("a binding's dependencies are a JSON list", async () => {
  const withText = (text: string): object => ({
    metadata: { name: "x", annotations: { "resourcebinding.karmada.io/dependencies": text } },
    spec: {},
  });
  for (const text of ["null", "[]", '[{"apiVersion":"v1","kind":"Secret","name":"s"}]']) {
    assert.equal(await refusal(ResourceBinding, withText(text)), "admitted");
  }
  for (const text of ["", "{", "5"]) {
    assert.match(
      await refusal(ResourceBinding, withText(text)),
      /^metadata\.annotations\.resourcebinding\.karmada\.io\/dependencies: .*annotation value must be a valid JSON$/,
    );
  }
});

test("a Work gets an id, and its manifests are pruned and sealed with it", async () => {
  const manifest = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "c", uid: "u", resourceVersion: "1", labels: { a: "b" } },
    data: { k: "v" },
    status: {},
  };
  const admitted = await admit(Work, { metadata: { name: "x" }, spec: { workload: { manifests: [manifest] } } });
  assert.deepEqual(admitted.metadata.labels, { "work.karmada.io/permanent-id": "uuid-1" });
  assert.deepEqual(fieldOf(admitted, "spec", "workload", "manifests"), [
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: {
        name: "c",
        labels: { a: "b", "work.karmada.io/permanent-id": "uuid-1" },
        annotations: {
          "resourcetemplate.karmada.io/managed-annotations":
            "resourcetemplate.karmada.io/managed-annotations,resourcetemplate.karmada.io/managed-labels",
          "resourcetemplate.karmada.io/managed-labels": "a,work.karmada.io/permanent-id",
        },
      },
      data: { k: "v" },
    },
  ]);
  const again = await admit(Work, admitted, { old: admitted });
  assert.deepEqual(again, admitted, "what is sealed stays as it is");
});

test("a Work with something else than objects is refused with a word", async () => {
  const work = { metadata: { name: "x" }, spec: { workload: { manifests: [{ data: {} }] } } };
  await assert.rejects(admit(Work, work), {
    reason: "BadRequest",
    message: /^spec\.workload\.manifests\[0\]: a manifest is/,
  });
});

test("protected objects of any kind are not deleted", async () => {
  const label = "resourcetemplate.karmada.io/deletion-protected";
  const pod: Kind = { ...Work, group: "", version: "v1", kind: "Pod" };
  const old = (value: string): KubeObject => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "x", labels: { [label]: value } },
  });
  const deleting = { operation: "DELETE" } as const;
  assert.equal(
    await refusal(pod, undefined, { ...deleting, old: old("Always") }),
    `This resource is protected, please make sure to remove the label: ${label}`,
  );
  assert.equal(await refusal(pod, undefined, { ...deleting, old: old("Never") }), "admitted");
});

test("subresources and other kinds are let through", async () => {
  const bad = policy({ placement: { clusterAffinity: field("x", "In") } });
  assert.equal(await refusal(PropagationPolicy, bad, { subresource: "status" }), "admitted");
  assert.equal(await refusal({ ...PropagationPolicy, group: "example.com" }, bad), "admitted");
});

function cluster(spec: object, name = "member1"): object {
  return {
    apiVersion: "cluster.karmada.io/v1alpha1",
    kind: "Cluster",
    metadata: { name },
    spec: { syncMode: "Push", ...spec },
  };
}

test("a new cluster gets nine grades of nodes", async () => {
  const models = fieldOf(await admit(Cluster, cluster({})), "spec", "resourceModels") as {
    grade: number;
    ranges: object[];
  }[];
  assert.deepEqual(
    models.map(({ grade }) => grade),
    [0, 1, 2, 3, 4, 5, 6, 7, 8],
  );
  assert.deepEqual(models[1]?.ranges, [
    { name: "cpu", min: "1", max: "2" },
    { name: "memory", min: "4Gi", max: "16Gi" },
  ]);
  assert.deepEqual(models[8]?.ranges, [
    { name: "cpu", min: "128", max: "9223372036854775807" },
    { name: "memory", min: "1Ti", max: "9223372036854775807" },
  ]);
  const old = await admit(Cluster, cluster({}));
  assert.equal(fieldOf(await admit(Cluster, cluster({}), { old }), "spec", "resourceModels"), undefined);
});

const range = (name: string, min: string, max: string): object => ({ name, min, max });

test("a cluster's own grades are sorted and cover everything", async () => {
  const resourceModels = [
    { grade: 2, ranges: [range("cpu", "2", "4")] },
    { grade: 1, ranges: [range("cpu", "1", "2000m")] },
  ];
  assert.deepEqual(fieldOf(await admit(Cluster, cluster({ resourceModels })), "spec", "resourceModels"), [
    { grade: 1, ranges: [range("cpu", "0", "2000m")] },
    { grade: 2, ranges: [range("cpu", "2", "9223372036854775807")] },
  ]);
});

test("a single zone becomes a list, NoExecute taints are stamped", async () => {
  const taints = [
    { key: "a", effect: "NoExecute" },
    { key: "b", effect: "NoSchedule" },
    { key: "c", effect: "NoExecute", timeAdded: "2029-01-01T00:00:00Z" },
  ];
  const admitted = await admit(Cluster, cluster({ zone: "z1", taints }));
  assert.deepEqual(fieldOf(admitted, "spec", "zones"), ["z1"]);
  assert.equal(fieldOf(admitted, "spec", "zone"), undefined);
  assert.deepEqual(fieldOf(admitted, "spec", "taints"), [{ ...taints[0], timeAdded: now }, taints[1], taints[2]]);
});

for (const { name = "member1", spec = {}, says } of [
  { says: /^admitted$/ },
  { name: "m".repeat(48), says: /^admitted$/ },
  { name: "m".repeat(49), says: /metadata\.name: Invalid value: "m+": must be no more than 48 characters$/ },
  { name: "Member", says: /metadata\.name: Invalid value: "Member": a lowercase RFC 1123 label must/ },
  { spec: { apiEndpoint: "https://10.0.0.1:6443" }, says: /^admitted$/ },
  { spec: { apiEndpoint: "http://h" }, says: /^admitted$/ },
  {
    spec: { apiEndpoint: "localhost:8080" },
    says: /spec\.apiEndpoint: Invalid value: "": host must be provided; desired format/,
  },
  {
    spec: { apiEndpoint: "nonsense" },
    says: /spec\.apiEndpoint: Invalid value: "nonsense": apiEndpoint must be a valid URL/,
  },
  {
    spec: { apiEndpoint: "https://u:p@h/?q=1#f" },
    says: /user information is not.*fragments are not.*query parameters are not permitted/,
  },
  {
    spec: { proxyURL: "ftp://h" },
    says: /spec\.proxyURL: .*unsupported scheme "ftp", must be http, https, or socks5$/,
  },
  {
    spec: { secretRef: { namespace: "", name: "" } },
    says: /spec\.secretRef\.namespace: Required value, spec\.secretRef\.name: Required value\]$/,
  },
  { spec: { provider: "a b" }, says: /spec\.provider: Invalid value: "a b": a valid label must/ },
  { spec: { zones: ["ok", "a b"] }, says: /spec\.zones\[1\]: Invalid value: "a b"/ },
  { spec: { zone: "a", zones: ["b"] }, says: /Zone and Zones cannot co-exist$/ },
  {
    spec: { taints: [{ key: "a", effect: "PreferNoSchedule" }] },
    says: /spec\.taints\[0\]\.effect: Unsupported value: "PreferNoSchedule": supported values: "NoSchedule", "NoExecute"$/,
  },
  { spec: { taints: [{ key: "a", effect: "" }] }, says: /spec\.taints\[0\]\.effect: Required value$/ },
  {
    spec: {
      taints: [
        { key: "a", effect: "NoSchedule" },
        { key: "a", effect: "NoSchedule" },
      ],
    },
    says: /spec\.taints\[1\]: Duplicate value: .*: taints must be unique by key and effect pair$/,
  },
  {
    spec: {
      resourceModels: [
        { grade: 1, ranges: [] },
        { grade: 1, ranges: [] },
      ],
    },
    says: /The grade of each models should not be the same$/,
  },
  {
    spec: {
      resourceModels: [
        { grade: 1, ranges: [range("cpu", "0", "1")] },
        { grade: 2, ranges: [] },
      ],
    },
    says: /The number of resource types should be the same$/,
  },
  {
    spec: {
      resourceModels: [
        { grade: 1, ranges: [range("cpu", "0", "1")] },
        { grade: 2, ranges: [range("memory", "1", "2")] },
      ],
    },
    says: /The resource types of each models should be the same$/,
  },
  {
    spec: {
      resourceModels: [
        { grade: 1, ranges: [range("cpu", "0", "1")] },
        { grade: 2, ranges: [range("cpu", "2", "3")] },
      ],
    },
    says: /Model intervals for resources must be contiguous and non-overlapping$/,
  },
  {
    spec: {
      resourceModels: [
        { grade: 1, ranges: [range("cpu", "0", "0")] },
        { grade: 2, ranges: [range("cpu", "0", "3")] },
      ],
    },
    says: /The max value of each resource must be greater than the min value$/,
  },
] as readonly { name?: string; spec?: object; says: RegExp }[]) {
  test(`cluster ${name.slice(0, 10)} ${JSON.stringify(spec).slice(0, 60)}: ${String(says)}`, async () => {
    assert.match(await refusal(Cluster, cluster(spec, name)), says);
  });
}

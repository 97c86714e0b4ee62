// Mutating admission policies, run by a whole API server.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import {
  ConfigMap,
  MutatingAdmissionPolicy,
  MutatingAdmissionPolicyBinding,
  MutatingWebhookConfiguration,
} from "#api/kinds.ts";
import { fieldOf } from "#machinery/guards.ts";
import { call } from "../../testing.ts";
import { inForce, patched, reviewAnswer, startAdmissionServer } from "../testing.ts";

const core = "/api/v1/namespaces/default";

const rulesFor = (apiGroup: string, apiVersion: string, resource: string) => ({
  matchConstraints: {
    resourceRules: [
      { operations: ["CREATE", "UPDATE"], apiGroups: [apiGroup], apiVersions: [apiVersion], resources: [resource] },
    ],
  },
});
const configMaps = rulesFor("", "v1", "configmaps");
const apply = (expression: string) => ({ patchType: "ApplyConfiguration", applyConfiguration: { expression } });
const patch = (expression: string) => ({ patchType: "JSONPatch", jsonPatch: { expression } });

type Spec = Partial<MutatingAdmissionPolicy["spec"]>;

async function start(t: TestContext, specs: readonly Spec[], binding: object = {}, params?: Record<string, string>) {
  const server = await startAdmissionServer(t, ({ body }) => {
    // A webhook that says yes and counts: `seen` is one longer each time.
    const request = fieldOf(JSON.parse(Buffer.from(body).toString()), "request");
    const seen = fieldOf(request, "object", "data", "seen");
    const change = [{ op: "add", path: "/data/seen", value: typeof seen === "string" ? `${seen}x` : "x" }];
    return Promise.resolve(reviewAnswer({ uid: fieldOf(request, "uid"), ...patched(change) }));
  });
  if (params !== undefined) {
    await server.client.create(ConfigMap, { metadata: { namespace: "default", name: "params" }, data: params });
  }
  for (const [index, spec] of specs.entries()) {
    const name = `p${String(index)}`;
    await server.client.create(MutatingAdmissionPolicy, {
      metadata: { name },
      spec: { ...configMaps, reinvocationPolicy: "Never", ...spec },
    });
    await server.client.create(MutatingAdmissionPolicyBinding, {
      metadata: { name: `b${String(index)}` },
      spec: { policyName: name, ...binding },
    });
  }
  await inForce(server, [MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding], 2 * specs.length);
  const create = (path: string, body: object) => call(server, "POST", path, { body });
  return { ...server, create };
}

const map = (name: string, data: object = { a: "1" }) => ({ metadata: { name }, data });

test("patches and configurations, in order, each on what was made before", async (t) => {
  const { create } = await start(t, [
    {
      mutations: [
        patch(
          "[JSONPatch{op: 'add', path: '/metadata/annotations', value: {}}, JSONPatch{op: 'add', " +
            "path: '/metadata/annotations/' + jsonpatch.escapeKey('example.com/n'), value: string(size(object.data))}]",
        ),
        apply(
          "Object{data: {'d': object.metadata.annotations['example.com/n'] + '!'}, " +
            "metadata: Object.metadata{labels: {'made': 'yes'}}}",
        ),
      ],
    },
    {
      mutations: [
        patch(
          "has(object.data.d) ? [JSONPatch{op: 'test', path: '/data/d', value: '1!'}, " +
            "JSONPatch{op: 'move', from: '/data/a', path: '/data/z'}] : []",
        ),
      ],
    },
  ]);
  const { status, body, text } = await create(`${core}/configmaps?fieldManager=me`, map("m"));
  assert.equal(status, 201, text);
  assert.deepEqual(body["data"], { d: "1!", z: "1" });
  assert.deepEqual(fieldOf(body, "metadata", "annotations"), { "example.com/n": "1" });
  assert.deepEqual(fieldOf(body, "metadata", "labels"), { made: "yes" });
  // As all that admission does, it is nobody's.
  assert.equal(text.includes("f:z") || text.includes("f:made"), false);
});

test("a configuration merges lists by their keys", async (t) => {
  const expression =
    "Object{spec: Object.spec{initContainers: [Object.spec.initContainers{name: 'proxy', image: 'proxy:1', restartPolicy: 'Always'}], " +
    "containers: object.spec.containers.map(c, Object.spec.containers{name: c.name, env: [Object.spec.containers.env{name: 'A', value: 'b'}]})}}";
  const { create } = await start(t, [
    {
      ...rulesFor("", "v1", "pods"),
      matchConditions: [
        { name: "no-proxy", expression: "!object.spec.?initContainers.orValue([]).exists(c, c.name == 'proxy')" },
      ],
      mutations: [apply(expression)],
    },
  ]);
  const { status, body, text } = await create(`${core}/pods`, {
    metadata: { name: "p" },
    spec: { containers: [{ name: "main", image: "nginx", env: [{ name: "X", value: "y" }] }] },
  });
  assert.equal(status, 201, text);
  assert.match(text, /"initContainers":\[\{"name":"proxy","image":"proxy:1"/);
  assert.match(text, /"env":\[\{"name":"X","value":"y"\},\{"name":"A","value":"b"\}\]/);
  assert.equal(fieldOf(body, "spec", "restartPolicy"), "Always");
});

test("parameters, variables and the namespace", async (t) => {
  const spec = {
    paramKind: { apiVersion: "v1", kind: "ConfigMap" },
    matchConditions: [{ name: "others", expression: "object.metadata.name != 'free'" }],
    variables: [{ name: "team", expression: "params.data.team + '-' + namespaceObject.metadata.name" }],
    mutations: [apply("Object{metadata: Object.metadata{annotations: {'team': variables.team}}}")],
  };
  const paramRef = { name: "params", parameterNotFoundAction: "Deny" };
  const { create } = await start(t, [spec], { paramRef }, { team: "red" });
  const made = await create(`${core}/configmaps`, map("m"));
  assert.deepEqual(fieldOf(made.body, "metadata", "annotations"), { team: "red-default" });
  const free = await create(`${core}/configmaps`, map("free"));
  assert.equal(fieldOf(free.body, "metadata", "annotations"), undefined);
  await create("/api/v1/namespaces", { metadata: { name: "other" } });
  const without = await create("/api/v1/namespaces/other/configmaps", map("m"));
  assert.equal(without.status, 422);
  assert.equal(
    without.body["message"],
    `configmaps "m" is forbidden: policy 'p0' with binding 'b0' denied request: failed to configure binding: ` +
      "no params found for policy binding with `Deny` parameterNotFoundAction",
  );
});

for (const { name, mutation, why } of [
  {
    name: "lists that are one value",
    mutation: apply("Object{spec: Object.spec{containers: [Object.spec.containers{name: 'main', args: ['a']}]}}"),
    why: "error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: .spec.containers[0].args",
  },
  {
    name: "a type at the wrong place",
    mutation: apply("Object{spec: Object.metadata{name: 'x'}}"),
    why: 'type mismatch: unexpected type name "Object.metadata", expected "Object.spec", which matches field name path from root Object type',
  },
  {
    name: "a field that there is not",
    mutation: apply("Object{spec: Object.spec{nothing: 1}}"),
    why: "error applying patch: failed to convert patch object to typed object: .spec.nothing: field not declared in schema",
  },
  {
    name: "an expression that fails",
    mutation: apply("Object{spec: Object.spec{nodeName: object.metadata.labels['a']}}"),
    why: "expression 'Object{spec: Object.spec{nodeName: object.metadata.labels['a']}}' resulted in error: no such key: labels",
  },
  {
    name: "another name",
    mutation: patch("[JSONPatch{op: 'replace', path: '/metadata/name', value: 'q'}]"),
    why: "apiVersion, kind, metadata.name and metadata.namespace may not be changed",
  },
]) {
  test(`refused: ${name}; ignored where the policy says so`, async (t) => {
    for (const failurePolicy of ["Fail", "Ignore"]) {
      const { create } = await start(t, [{ ...rulesFor("", "v1", "pods"), failurePolicy, mutations: [mutation] }]);
      const pod = { metadata: { name: "p" }, spec: { containers: [{ name: "main", image: "i" }] } };
      const { status, body } = await create(`${core}/pods`, pod);
      assert.equal(status, failurePolicy === "Fail" ? 422 : 201);
      if (failurePolicy === "Ignore") continue;
      const head = `pods "p" is forbidden: policy 'p0' with binding 'b0' denied request:`;
      assert.equal(body["message"], `${head} ${why}`);
    }
  });
}

test("a policy is run again after webhooks have changed the object, if it asks for that", async (t) => {
  const count = (name: string) =>
    patch(`[JSONPatch{op: 'add', path: '/data/${name}', value: object.data.?${name}.orValue('') + 'x'}]`);
  const server = await start(t, [
    { mutations: [count("once")] },
    { mutations: [count("again")], reinvocationPolicy: "IfNeeded" },
  ]);
  await server.client.create(MutatingWebhookConfiguration, {
    metadata: { name: "h" },
    webhooks: [
      {
        name: "a.example.com",
        clientConfig: { url: "https://hook/check" },
        rules: [{ operations: ["CREATE"], apiGroups: [""], apiVersions: ["v1"], resources: ["configmaps"] }],
        sideEffects: "None",
        admissionReviewVersions: ["v1"],
      },
    ],
  });
  await inForce(server, [MutatingWebhookConfiguration], 1);
  const { body } = await server.create(`${core}/configmaps`, map("m"));
  assert.deepEqual(body["data"], { a: "1", once: "x", again: "xx", seen: "x" });
});

test("a policy sees the version that it names", async (t) => {
  const { create } = await start(t, [
    {
      ...rulesFor("autoscaling", "v2", "horizontalpodautoscalers"),
      mutations: [apply("Object{spec: Object.spec{maxReplicas: object.spec.maxReplicas + size(object.spec.metrics)}}")],
    },
  ]);
  const { body, text } = await create("/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers", {
    metadata: { name: "a" },
    spec: {
      maxReplicas: 3,
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" },
      targetCPUUtilizationPercentage: 60,
    },
  });
  assert.equal(fieldOf(body, "spec", "maxReplicas"), 4, text);
});

test("what cannot be meant is refused when it is written", async (t) => {
  const { create } = await start(t, []);
  const policy = (spec: object) =>
    create("/apis/admissionregistration.k8s.io/v1/mutatingadmissionpolicies", { metadata: { name: "p" }, spec });
  const none = await policy(configMaps);
  assert.match(
    String(none.body["message"]),
    /spec.mutations: Required value: mutations must contain at least one item/,
  );
  assert.match(String(none.body["message"]), /spec.reinvocationPolicy: Required value/);
  const wrong = await policy({
    ...configMaps,
    reinvocationPolicy: "Never",
    mutations: [
      { patchType: "Guess" },
      { patchType: "JSONPatch", applyConfiguration: { expression: "Object{}" } },
      patch("[JSONPatch{op: 'add', paths: '/a'}]"),
      apply("{'a': 1}"),
      apply("Thing{}"),
      apply("Object{data: 1"),
    ],
  });
  const text = String(wrong.body["message"]);
  for (const part of [
    'spec.mutations[0].patchType: Unsupported value: "Guess": supported values: "ApplyConfiguration", "JSONPatch"',
    "spec.mutations[1].jsonPatch: Required value: must be specified when patchType is JSONPatch",
    "undefined field 'paths'",
    "must evaluate to Object but got map(string, int)",
    "undeclared reference to 'Thing'",
    "spec.mutations[5].applyConfiguration.expression: Invalid value",
  ]) {
    assert.ok(text.includes(part), `${part}\n${text}`);
  }
});

test("the policies themselves are not subject to them", async (t) => {
  const everything = rulesFor("*", "*", "*");
  const { client } = await start(t, [
    { ...everything, mutations: [apply("Object{metadata: Object.metadata{labels: {'a': 'b'}}}")] },
  ]);
  const policy = await client.get(MutatingAdmissionPolicy, { name: "p0" });
  const updated = await client.update(MutatingAdmissionPolicy, {
    ...policy,
    spec: { ...policy.spec, failurePolicy: "Ignore" },
  });
  assert.equal(updated.metadata.labels, undefined);
  const made = await client.create(ConfigMap, { metadata: { namespace: "default", name: "m" } });
  assert.deepEqual(made.metadata.labels, { a: "b" });
});

// Admission policies and match conditions, asked by a whole API server.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import {
  ConfigMap,
  Deployment,
  Namespace,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
  ValidatingWebhookConfiguration,
} from "#api/kinds.ts";
import { inProcessTransport } from "#client/in-process-transport.ts";
import { createClient } from "#client/rest-client.ts";
import { isApiError } from "#machinery/api-error.ts";
import { eventually } from "#std/testing.ts";
import { inForce, startAdmissionServer } from "../testing.ts";

async function start(t: TestContext) {
  const warnings: string[] = [];
  let calls = 0;
  const server = await startAdmissionServer(t, () => {
    calls += 1;
    return Promise.reject(new Error("nobody listens"));
  });
  const user = { name: "alice", groups: ["system:masters", "system:authenticated"] };
  const transport = inProcessTransport(async (request) => {
    const answer = await server.handle(request);
    warnings.push(...[answer.headers["warning"] ?? []].flat());
    return answer;
  }, user);
  const client = createClient(transport, { userAgent: "test" });
  t.after(() => client.close());
  return { client, server, warnings, calls: () => calls };
}

const rules = [{ operations: ["CREATE", "UPDATE"], apiGroups: [""], apiVersions: ["v1"], resources: ["configmaps"] }];

/** Makes a policy and its binding, and waits until the server knows them. */
async function enact(
  { client, server }: Awaited<ReturnType<typeof start>>,
  spec: Record<string, unknown>,
  binding: Record<string, unknown> = {},
): Promise<void> {
  const metadata = { name: "p" };
  await client.create(ValidatingAdmissionPolicy, {
    metadata,
    spec: { matchConstraints: { resourceRules: rules }, ...spec },
  });
  const bound = { policyName: "p", validationActions: ["Deny"], ...binding };
  await client.create(ValidatingAdmissionPolicyBinding, { metadata: { name: "b" }, spec: bound });
  await inForce(server, [ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding], 2);
}

const map = (name: string, data: Record<string, string> = {}, labels: Record<string, string> = {}) => ({
  metadata: { namespace: "default", name, labels },
  data,
});

async function messageOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "";
  } catch (error) {
    assert.ok(isApiError(error));
    return `${String(error.code)} ${error.message}`;
  }
}

const denied = "is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request:";

test("a policy denies what it does not allow, and lets all else through", async (t) => {
  const plane = await start(t);
  await enact(plane, {
    variables: [{ name: "size", expression: "has(object.data) ? object.data.size() : 0" }],
    validations: [
      { expression: "variables.size <= 1", messageExpression: "'too many: ' + string(variables.size)" },
      { expression: "object.metadata.name != 'secret'", message: "not that name", reason: "Forbidden" },
      { expression: "request.userInfo.username == 'alice' && namespaceObject.metadata.name == 'default'" },
      { expression: "oldObject == null || oldObject.data == object.data", message: "data stays" },
    ],
  });
  const { client } = plane;
  const made = await client.create(ConfigMap, map("good", { a: "1" }));
  const many = client.create(ConfigMap, map("many", { a: "1", b: "2" }));
  assert.equal(await messageOf(many), `422 configmaps "many" ${denied} too many: 2`);
  const secret = client.create(ConfigMap, map("secret"));
  assert.equal(await messageOf(secret), `403 configmaps "secret" ${denied} not that name`);
  const changed = client.update(ConfigMap, { ...made, data: { a: "2" } });
  assert.equal(await messageOf(changed), `422 configmaps "good" ${denied} data stays`);
  await client.delete(ConfigMap, made.metadata);
});

test("a binding may warn only, and choose namespaces and objects", async (t) => {
  const plane = await start(t);
  const matchResources = {
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "default" } },
    objectSelector: { matchLabels: { checked: "yes" } },
  };
  await enact(
    plane,
    { validations: [{ expression: "false", message: "no" }] },
    { validationActions: ["Warn"], matchResources },
  );
  const { client, warnings } = plane;
  await client.create(Namespace, { metadata: { name: "other" } });
  await client.create(ConfigMap, {
    ...map("a", {}, { checked: "yes" }),
    metadata: { namespace: "other", name: "a", labels: { checked: "yes" } },
  });
  await client.create(ConfigMap, map("b"));
  assert.deepEqual(warnings, []);
  await client.create(ConfigMap, map("c", {}, { checked: "yes" }));
  assert.deepEqual(warnings, ["299 - \"Validation failed for ValidatingAdmissionPolicy 'p' with binding 'b': no\""]);
});

test("an error counts as failurePolicy says", async (t) => {
  const plane = await start(t);
  await enact(plane, { failurePolicy: "Fail", validations: [{ expression: "object.data.size == 'big'" }] });
  const { client } = plane;
  const made = client.create(ConfigMap, map("a"));
  const why = "expression 'object.data.size == 'big'' resulted in error: no such key: data";
  assert.equal(await messageOf(made), `422 configmaps "a" ${denied} ${why}`);
  const policy = await client.get(ValidatingAdmissionPolicy, { name: "p" });
  await client.update(ValidatingAdmissionPolicy, { ...policy, spec: { ...policy.spec, failurePolicy: "Ignore" } });
  await eventually(
    "the policy to be read anew",
    async () => (await messageOf(client.create(ConfigMap, map("a")))) === "",
  );
});

test("parameters: by name, by selector, and when there are none", async (t) => {
  const plane = await start(t);
  const { client } = plane;
  await enact(
    plane,
    {
      paramKind: { apiVersion: "v1", kind: "ConfigMap" },
      matchConditions: [{ name: "no-limits", expression: "!object.metadata.name.startsWith('limit')" }],
      validations: [
        { expression: "size(object.data) <= int(params.data.max)", messageExpression: "'at most ' + params.data.max" },
      ],
    },
    { paramRef: { name: "limits", parameterNotFoundAction: "Deny" } },
  );
  const without = "failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction";
  assert.equal(await messageOf(client.create(ConfigMap, map("a"))), `422 configmaps "a" ${denied} ${without}`);
});

test("what is asked of the authorizer is answered by the roles", async (t) => {
  const plane = await start(t);
  const ask = (account: string) =>
    `authorizer${account}.group('apps').resource('deployments').namespace('default').check('delete').allowed()`;
  await enact(plane, {
    validations: [
      { expression: ask(""), message: "alice may not" },
      { expression: `!${ask(".serviceAccount('default', 'default')")}`, message: "the account may" },
      { expression: "authorizer.requestResource.check('create').allowed()", message: "alice may not create" },
      { expression: "authorizer.path('/healthz').check('get').allowed()", message: "no path" },
    ],
  });
  assert.equal(await messageOf(plane.client.create(ConfigMap, map("a"))), "");
});

test("expressions that do not compile are refused with the place", async (t) => {
  const { client } = await start(t);
  const policy = client.create(ValidatingAdmissionPolicy, {
    metadata: { name: "bad" },
    spec: {
      matchConstraints: { resourceRules: rules },
      validations: [{ expression: "object.x ==" }, { expression: "params.x == 1" }],
    },
  });
  const text = await messageOf(policy);
  assert.match(
    text,
    /spec\.validations\[0\]\.expression: Invalid value: "object\.x ==": compilation failed: ERROR: <input>:1:12/,
  );
  assert.match(text, /spec\.validations\[1\]\.expression: .*undeclared reference to 'params'/);
  const binding = client.create(ValidatingAdmissionPolicyBinding, {
    metadata: { name: "bad" },
    spec: { policyName: "p", validationActions: ["Deny", "Warn"] },
  });
  assert.match(await messageOf(binding), /must not contain both Deny and Warn/);
});

test("match conditions decide whether a webhook is called at all", async (t) => {
  const plane = await start(t);
  const { client, server } = plane;
  await client.create(ValidatingWebhookConfiguration, {
    metadata: { name: "v" },
    webhooks: [
      {
        name: "a.example.com",
        clientConfig: { url: "https://nobody/check" },
        rules,
        sideEffects: "None",
        admissionReviewVersions: ["v1"],
        matchConditions: [
          { name: "not-free", expression: "object.metadata.name != 'free'" },
          { name: "not-broken", expression: "object.metadata.name != 'broken' || object.data.x == '1'" },
        ],
      },
    ],
  });
  await inForce(server, [ValidatingWebhookConfiguration], 1);
  await client.create(ConfigMap, map("free"));
  assert.equal(plane.calls(), 0);
  const broken = "expression 'not-broken' resulted in error: no such key: data";
  assert.equal(
    await messageOf(client.create(ConfigMap, map("broken"))),
    `403 configmaps "broken" is forbidden: ${broken}`,
  );
  assert.equal(plane.calls(), 0);
  assert.match(
    await messageOf(client.create(ConfigMap, map("asked"))),
    /^500 .*failed calling webhook "a.example.com"/,
  );
  assert.equal(plane.calls(), 1);
});

test("other kinds are none of a policy's business", async (t) => {
  const plane = await start(t);
  await enact(plane, { validations: [{ expression: "false" }] });
  const labels = { app: "a" };
  const template = { metadata: { labels }, spec: { containers: [{ name: "a", image: "a" }] } };
  await plane.client.create(Deployment, {
    metadata: { namespace: "default", name: "a" },
    spec: { selector: { matchLabels: labels }, template },
  });
});

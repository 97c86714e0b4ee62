// Conformance by upstream's names: configurations of webhooks and admission policies, priority and fairness, and lists whose
// past has been compacted.
import assert from "node:assert/strict";
import { test } from "node:test";
import { call, testServer } from "#apiserver/testing.ts";
import { eventually } from "#std/testing.ts";
import { memoryStorage } from "#storage/memory/memory-storage.ts";
import { fieldOf } from "#machinery/guards.ts";
import {
  apps,
  type Body,
  condition,
  isDiscovered,
  items,
  jsonPatch,
  list,
  mergePatch,
  nameOf,
  newNamespace,
  ok,
  record,
  refused,
  send,
  text,
  walkOperations,
  withPlane,
} from "./plane.ts";

withPlane();

const registration = "/apis/admissionregistration.k8s.io/v1";
const flowcontrol = "/apis/flowcontrol.apiserver.k8s.io/v1";

test("API priority and fairness should support FlowSchema API operations", async () => {
  await walkOperations({
    path: `${flowcontrol}/flowschemas`,
    object: {
      metadata: { name: "flow" },
      spec: { matchingPrecedence: 9_000, priorityLevelConfiguration: { name: "global-default" }, rules: [] },
    },
    patch: { spec: { matchingPrecedence: 9_999 } },
    status: { conditions: [condition("Dangling")] },
  });
});

test("API priority and fairness should support PriorityLevelConfiguration API operations", async () => {
  const limited = { nominalConcurrencyShares: 2, limitResponse: { type: "Reject" } };
  await walkOperations({
    path: `${flowcontrol}/prioritylevelconfigurations`,
    object: { metadata: { name: "level" }, spec: { type: "Limited", limited } },
    patch: { spec: { limited: { nominalConcurrencyShares: 4 } } },
    status: { conditions: [condition("Degraded")] },
  });
});

test("AdmissionWebhook should include webhook resources in discovery documents", async () => {
  const resources = ["mutatingwebhookconfigurations", "validatingwebhookconfigurations"];
  await isDiscovered("admissionregistration.k8s.io", "v1", ...resources);
});

for (const kind of ["mutating", "validating"] as const) {
  const path = `${registration}/${kind}webhookconfigurations`;
  const configuration = (name: string, expression: string): Body => ({
    metadata: { name },
    webhooks: [
      {
        name: "never.example.com",
        clientConfig: { url: "https://127.0.0.1:1/never" },
        rules: [
          { operations: ["CREATE"], apiGroups: ["none.example.com"], apiVersions: ["v1"], resources: ["nothings"] },
        ],
        sideEffects: "None",
        admissionReviewVersions: ["v1"],
        matchConditions: [{ name: "mine", expression }],
      },
    ],
  });

  test(`AdmissionWebhook should be able to create and update ${kind} webhook configurations with match conditions`, async () => {
    const good = "object.metadata.name != 'x'";
    const made = await ok("POST", path, configuration(`${kind}-good`, good));
    assert.equal(fieldOf(list(fieldOf(list(made["webhooks"])[0], "matchConditions"))[0], "expression"), good);
    const other = "request.userInfo.username != 'someone'";
    const change = [{ op: "replace", path: "/webhooks/0/matchConditions/0/expression", value: other }];
    const changed = await ok("PATCH", `${path}/${kind}-good`, change, jsonPatch);
    assert.equal(fieldOf(list(fieldOf(list(changed["webhooks"])[0], "matchConditions"))[0], "expression"), other);
    await ok("DELETE", `${path}/${kind}-good`);
  });

  test(`AdmissionWebhook should reject ${kind} webhook configurations with invalid match conditions`, async () => {
    const message = await refused(422, "POST", path, configuration(`${kind}-bad`, "... [] bad expression"));
    assert.match(message, /matchConditions\[0\].expression: Invalid value/);
    assert.match(message, /compilation failed/);
  });
}

const scaled = {
  apiGroups: ["apps"],
  apiVersions: ["v1"],
  operations: ["CREATE", "UPDATE"],
  resources: ["deployments"],
};
const policies = `${registration}/validatingadmissionpolicies`;
const bindings = `${registration}/validatingadmissionpolicybindings`;

test("ValidatingAdmissionPolicy should support ValidatingAdmissionPolicy API operations", async () => {
  const nothing = { ...scaled, apiGroups: ["none.example.com"] };
  await walkOperations({
    path: policies,
    object: {
      metadata: { name: "policy" },
      spec: { matchConstraints: { resourceRules: [nothing] }, validations: [{ expression: "true" }] },
    },
    patch: { spec: { failurePolicy: "Ignore" } },
    status: { conditions: [condition("Seen")] },
  });
});

test("ValidatingAdmissionPolicy should support ValidatingAdmissionPolicyBinding API operations", async () => {
  await walkOperations({
    path: bindings,
    object: { metadata: { name: "binding" }, spec: { policyName: "none", validationActions: ["Warn"] } },
    patch: { spec: { validationActions: ["Deny"] } },
  });
});

const deployment = (name: string, replicas: number): Body => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: "a", image: "nginx" }] } },
  },
});

/** Binds a policy to one namespace, and waits until it has an effect there. */
async function enforced(name: string, rest: Body): Promise<string> {
  const namespace = await newNamespace();
  await ok("POST", policies, {
    metadata: { name },
    spec: { failurePolicy: "Fail", matchConstraints: { resourceRules: [scaled] }, ...rest },
  });
  const only = { matchLabels: { "kubernetes.io/metadata.name": namespace } };
  const spec = { policyName: name, validationActions: ["Deny"], matchResources: { namespaceSelector: only } };
  await ok("POST", bindings, { metadata: { name }, spec });
  const bad = `${apps(namespace, "deployments")}?dryRun=All`;
  await eventually(
    `${name} to be enforced`,
    async () => (await send("POST", bad, deployment("marker", 1))).status === 422,
  );
  return namespace;
}

test("ValidatingAdmissionPolicy should validate against a Deployment", async () => {
  const validations = [
    {
      expression: "object.spec.replicas > 1",
      messageExpression: "'wants more than 1 replica, has ' + string(object.spec.replicas)",
    },
    { expression: "namespaceObject.metadata.name == object.metadata.namespace", message: "of another namespace" },
  ];
  const namespace = await enforced("replicas", { validations });
  await ok("POST", apps(namespace, "deployments"), deployment("two", 2));
  const message = await refused(422, "POST", apps(namespace, "deployments"), deployment("one", 1));
  assert.match(message, /wants more than 1 replica, has 1/);
  await refused(422, "PATCH", apps(namespace, "deployments", "two"), { spec: { replicas: 1 } }, mergePatch);
});

test("ValidatingAdmissionPolicy should allow expressions to refer variables.", async () => {
  const variables = [
    { name: "replicas", expression: "object.spec.replicas" },
    { name: "oddReplicas", expression: "variables.replicas % 2 == 1" },
  ];
  const validations = [{ expression: "variables.replicas > 1" }, { expression: "variables.oddReplicas" }];
  const namespace = await enforced("variables", { variables, validations });
  await ok("POST", apps(namespace, "deployments"), deployment("three", 3));
  await refused(422, "POST", apps(namespace, "deployments"), deployment("four", 4));
});

test("Servers with support for API chunking should support continue listing from the last key if the original version has been compacted away, though the list is inconsistent [Slow]", async (t) => {
  const storage = memoryStorage();
  const server = await testServer({ storage });
  t.after(() => server.close());
  const path = "/api/v1/namespaces/default/configmaps";
  const get = async (token: string): Promise<Awaited<ReturnType<typeof call>>> =>
    call(server, "GET", `${path}?limit=4&continue=${encodeURIComponent(token)}`);
  for (let index = 0; index < 10; index++)
    await call(server, "POST", path, { body: { metadata: { name: `c${String(index)}` } } });
  const first = await get("");
  await call(server, "POST", path, { body: { metadata: { name: "later" } } });
  await storage.compact(storage.revision);
  const expired = await get(text(fieldOf(first.body, "metadata", "continue")));
  assert.deepEqual([expired.status, expired.body["reason"]], [410, "Expired"]);
  const seen = items(first.body).map(nameOf);
  for (let token = fieldOf(expired.body, "metadata", "continue"); typeof token === "string";) {
    const page = await get(token);
    assert.equal(page.status, 200);
    seen.push(...items(page.body).map(nameOf));
    token = fieldOf(page.body, "metadata", "continue");
  }
  assert.equal(seen.length, 11, "what came in between is there: the list is inconsistent, as announced");
  assert.notEqual(record(first.body["metadata"])["resourceVersion"], undefined);
});

// matchPolicy: webhooks and policies that name another version of a resource than the request does.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import {
  MutatingWebhookConfiguration,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
  ValidatingWebhookConfiguration,
} from "#api/kinds.ts";
import { fieldOf } from "#machinery/guards.ts";
import { call } from "../testing.ts";
import { inForce, patched, reviewAnswer, startAdmissionServer } from "./testing.ts";

/** Autoscalers are served as v1 and v2. */
const rules = [{ operations: ["CREATE", "UPDATE"], apiGroups: ["autoscaling"], apiVersions: ["v2"], resources: ["*"] }];
const path = "/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers";
const autoscaler = (name: string) => ({
  metadata: { name },
  spec: {
    maxReplicas: 3,
    scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" },
    targetCPUUtilizationPercentage: 60,
  },
});

const hook = (more: object = {}) => ({
  name: "a.example.com",
  clientConfig: { url: "https://hook/check" },
  sideEffects: "None",
  admissionReviewVersions: ["v1"],
  rules,
  ...more,
});

/** A server, and what its webhook was asked; `patch` is its answer. */
async function start(t: TestContext, patch: readonly object[] = []) {
  const asked: unknown[] = [];
  const server = await startAdmissionServer(t, ({ body }) => {
    const review: unknown = JSON.parse(Buffer.from(body).toString());
    const request = fieldOf(review, "request");
    asked.push(request);
    const said = patch.length === 0 ? { allowed: true } : patched(patch);
    return Promise.resolve(reviewAnswer({ uid: fieldOf(request, "uid"), ...said }));
  });
  return { ...server, asked };
}

const create = (server: Parameters<typeof call>[0], name: string) =>
  call(server, "POST", path, { body: autoscaler(name) });

test("a webhook sees the version that it asks for, and its changes come back in the request's", async (t) => {
  const value = {
    type: "Resource",
    resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 42 } },
  };
  const server = await start(t, [{ op: "replace", path: "/spec/metrics/0", value }]);
  await server.client.create(MutatingWebhookConfiguration, { metadata: { name: "m" }, webhooks: [hook()] });
  await inForce(server, [MutatingWebhookConfiguration], 1);
  const { status, body, text } = await create(server, "a");
  assert.equal(status, 201, text);
  assert.equal(body["apiVersion"], "autoscaling/v1");
  assert.equal(fieldOf(body, "spec", "targetCPUUtilizationPercentage"), 42);
  const [request] = server.asked;
  const of = (...fields: string[]) => fieldOf(request, ...fields);
  assert.deepEqual([of("kind", "version"), of("resource", "version")], ["v2", "v2"]);
  assert.deepEqual(of("requestKind"), { group: "autoscaling", version: "v1", kind: "HorizontalPodAutoscaler" });
  assert.deepEqual(of("requestResource"), {
    group: "autoscaling",
    version: "v1",
    resource: "horizontalpodautoscalers",
  });
  assert.equal(of("object", "apiVersion"), "autoscaling/v2");
  assert.equal(of("object", "spec", "targetCPUUtilizationPercentage"), undefined);
});

test("one that wants its version exactly is not asked; conditions see what it would", async (t) => {
  const server = await start(t);
  const webhooks = [
    hook({ matchPolicy: "Exact" }),
    hook({
      name: "b.example.com",
      matchConditions: [{ name: "v2", expression: "object.spec.metrics.size() == 1 && object.metadata.name == 'b'" }],
    }),
  ];
  await server.client.create(ValidatingWebhookConfiguration, { metadata: { name: "v" }, webhooks });
  await inForce(server, [ValidatingWebhookConfiguration], 1);
  assert.equal((await create(server, "a")).status, 201);
  assert.equal(server.asked.length, 0);
  assert.equal((await create(server, "b")).status, 201);
  assert.equal(server.asked.length, 1);
});

for (const { matchPolicy, status } of [
  { matchPolicy: "Equivalent", status: 422 },
  { matchPolicy: "Exact", status: 201 },
]) {
  test(`a policy with matchPolicy ${matchPolicy}`, async (t) => {
    const server = await start(t);
    const validations = [{ expression: "object.spec.metrics[0].resource.target.averageUtilization < 50" }];
    await server.client.create(ValidatingAdmissionPolicy, {
      metadata: { name: "p" },
      spec: { matchConstraints: { resourceRules: rules, matchPolicy }, validations },
    });
    await server.client.create(ValidatingAdmissionPolicyBinding, {
      metadata: { name: "b" },
      spec: { policyName: "p", validationActions: ["Deny"] },
    });
    await inForce(server, [ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding], 2);
    assert.equal((await create(server, "a")).status, status);
  });
}

// Webhooks asked by a whole API server; what they answer is made up here.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { ConfigMap, MutatingWebhookConfiguration, ValidatingWebhookConfiguration } from "#api/kinds.ts";
import { fieldOf, isArray } from "#machinery/guards.ts";
import { eventually } from "#std/testing.ts";
import { call } from "../../testing.ts";
import { inForce, patched, reviewAnswer, startAdmissionServer } from "../testing.ts";
import type { WebhookCall } from "#client/webhook-caller.ts";

interface Review {
  readonly request: {
    readonly uid: string;
    readonly operation: string;
    readonly name?: string;
    readonly object: { readonly data?: Readonly<Record<string, string>> } | null;
  };
}

type Answer = (request: Review["request"], call: WebhookCall) => object | Promise<object>;

async function start(t: TestContext, answers: Readonly<Record<string, Answer>>) {
  const calls: string[] = [];
  const server = await startAdmissionServer(t, async (call) => {
    const host = new URL(call.url).hostname;
    const { request } = JSON.parse(Buffer.from(call.body).toString("utf8")) as Review;
    calls.push(`${host} ${request.operation}`);
    const answer = answers[host];
    assert.ok(answer);
    const response = { uid: request.uid, ...(await answer(request, call)) };
    return reviewAnswer(response);
  });
  return { client: server.client, calls, server };
}

const webhook = (name: string, more: Record<string, unknown> = {}) => ({
  name: `${name}.example.com`,
  clientConfig: { url: `https://${name}/check` },
  rules: [
    { operations: ["CREATE", "UPDATE", "DELETE"], apiGroups: [""], apiVersions: ["v1"], resources: ["configmaps"] },
  ],
  sideEffects: "None",
  admissionReviewVersions: ["v1"],
  ...more,
});

const seen = ({ server }: Awaited<ReturnType<typeof start>>, count: number): Promise<void> =>
  inForce(server, [MutatingWebhookConfiguration, ValidatingWebhookConfiguration], count);

test("mutating webhooks run one after another; a change has those that ask for it called again", async (t) => {
  const plane = await start(t, {
    first: ({ object }) => {
      const before = object?.data?.["seen"] ?? "";
      return patched([{ op: "add", path: "/data/seen", value: `${before}1` }]);
    },
    second: ({ object }) => patched([{ op: "add", path: "/data/after", value: object?.data?.["seen"] ?? "" }]),
  });
  const { client, calls } = plane;
  await client.create(MutatingWebhookConfiguration, {
    metadata: { name: "m" },
    webhooks: [webhook("first", { reinvocationPolicy: "IfNeeded" }), webhook("second")],
  });
  await seen(plane, 1);
  const made = await client.create(ConfigMap, { metadata: { namespace: "default", name: "a" }, data: { x: "y" } });
  assert.deepEqual(made["data"], { x: "y", seen: "11", after: "1" });
  assert.deepEqual(calls, ["first CREATE", "second CREATE", "first CREATE"]);
});

test("a denial is told with the webhook's words, and nothing is stored or deleted", async (t) => {
  const plane = await start(t, {
    judge: ({ operation, name }) =>
      operation === "DELETE" || name === "bad"
        ? { allowed: false, status: { message: "not today", code: 403, reason: "Forbidden" } }
        : { allowed: true },
  });
  const { client } = plane;
  await client.create(ValidatingWebhookConfiguration, { metadata: { name: "v" }, webhooks: [webhook("judge")] });
  await seen(plane, 1);
  const refused = { message: 'admission webhook "judge.example.com" denied the request: not today', code: 403 };
  await assert.rejects(client.create(ConfigMap, { metadata: { namespace: "default", name: "bad" } }), refused);
  const good = await client.create(ConfigMap, { metadata: { namespace: "default", name: "good" } });
  await assert.rejects(client.delete(ConfigMap, good.metadata), refused);
  assert.ok(await client.find(ConfigMap, good.metadata));
  assert.equal(await client.find(ConfigMap, { namespace: "default", name: "bad" }), undefined);
});

test("a webhook that cannot be reached stops the write, unless it is to be ignored; configurations can be mended", async (t) => {
  const down: Answer = () => Promise.reject(new Error("connect ECONNREFUSED 10.1.2.3:443"));
  const plane = await start(t, { down });
  const { client } = plane;
  const config = await client.create(ValidatingWebhookConfiguration, {
    metadata: { name: "v" },
    webhooks: [webhook("down", { rules: [{ ...webhook("down").rules[0], resources: ["*"], apiGroups: ["*"] }] })],
  });
  await seen(plane, 1);
  const draft = { metadata: { namespace: "default", name: "a" } };
  await assert.rejects(client.create(ConfigMap, draft), {
    reason: "InternalError",
    message:
      'Internal error occurred: failed calling webhook "down.example.com": failed to call webhook: ' +
      'Post "https://down/check?timeout=10s": connect ECONNREFUSED 10.1.2.3:443',
  });
  await client.patch(ValidatingWebhookConfiguration, config.metadata, {
    type: "json",
    patch: [{ op: "replace", path: "/webhooks/0/failurePolicy", value: "Ignore" }],
  });
  await eventually("the failing webhook to be ignored", () => client.create(ConfigMap, draft).catch(() => undefined));
});

test("a patch that would make another object of it, or none, is refused", async (t) => {
  const plane = await start(t, { bad: ({ name }) => patched([{ op: "replace", path: `/${name ?? ""}`, value: "x" }]) });
  const { client } = plane;
  await client.create(MutatingWebhookConfiguration, { metadata: { name: "m" }, webhooks: [webhook("bad")] });
  await seen(plane, 1);
  for (const name of ["kind", "metadata", "data"]) {
    const created = client.create(ConfigMap, { metadata: { namespace: "default", name }, data: { x: "y" } });
    await assert.rejects(created, /admission webhook "bad.example.com" returned a patch that does not apply: /, name);
  }
});

test("what a webhook makes of managedFields counts if it can be read", async (t) => {
  const entry = { manager: "hook", operation: "Apply", apiVersion: "v1", fieldsType: "FieldsV1", fieldsV1: {} };
  let sent: object = { ...entry, fieldsV1: { "f:data": { "f:a": {} } } };
  const plane = await start(t, {
    hook: () => patched([{ op: "replace", path: "/metadata/managedFields", value: [sent] }]),
  });
  await plane.client.create(MutatingWebhookConfiguration, { metadata: { name: "h" }, webhooks: [webhook("hook")] });
  await seen(plane, 1);
  const post = (name: string) =>
    call(plane.server, "POST", "/api/v1/namespaces/default/configmaps?fieldManager=me", {
      body: { metadata: { name }, data: { a: "1" } },
    });
  const managersOf = ({ body }: Awaited<ReturnType<typeof post>>) => {
    const list = fieldOf(body, "metadata", "managedFields");
    return isArray(list) ? list.map((each) => fieldOf(each, "manager")) : list;
  };
  const good = await post("good");
  assert.deepEqual(managersOf(good), ["hook"]);
  sent = { ...entry, operation: "Guess" };
  const bad = await post("bad");
  assert.deepEqual(managersOf(bad), ["me"]);
  assert.match(
    String(bad.headers["warning"]),
    /.metadata.managedFields was in an invalid state after admission; .*: operation must be `Apply` or `Update`/,
  );
});

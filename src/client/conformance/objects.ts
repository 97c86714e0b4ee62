// Conformance: identities, writes, patches and errors.
import assert from "node:assert/strict";
import { ConfigMap, Deployment, Role, RoleBinding, SelfSubjectReview } from "#api/kinds.ts";
import { errorText, isApiError } from "#machinery/api-error.ts";
import { fieldOf } from "#machinery/guards.ts";
import { type ClientCase, type Context, eventually } from "./case.ts";

export const objectCases: readonly ClientCase[] = [
  { name: "the server knows who asks", run: knowsWhoAsks },
  { name: "a user may do what roles say, and nothing else", run: obeysRoles },
  { name: "create, get, update and delete", run: writes },
  { name: "objects that come out are the caller's own", run: sharesNothing },
  { name: "defaults are filled in, status is the server's, and admission has its say", run: defaultsAndAdmits },
  { name: "dry runs leave nothing behind; unknown fields are refused where asked", run: dryRuns },
  { name: "patches of three types", run: patches },
  { name: "errors say what happened, in the same words", run: saysWhatHappened },
  { name: "a request whose signal has aborted does nothing", run: doesNothingWhenAborted },
];

async function knowsWhoAsks(context: Context): Promise<void> {
  const answer = await context.alice.create(SelfSubjectReview, { metadata: { name: "" } });
  assert.equal(fieldOf(answer, "status", "userInfo", "username"), "alice");
  assert.deepEqual(fieldOf(answer, "status", "userInfo", "groups"), ["devs", "system:authenticated"]);
}

async function obeysRoles(context: Context): Promise<void> {
  const namespace = await context.namespace();
  const refused = {
    reason: "Forbidden",
    code: 403,
    message:
      `configmaps is forbidden: User "alice" cannot list resource "configmaps" in API group "" ` +
      `in the namespace "${namespace}"`,
  };
  await assert.rejects(context.alice.list(ConfigMap, { namespace }), refused);
  const rules = [{ apiGroups: [""], resources: ["configmaps"], verbs: ["list"] }];
  await context.admin.create(Role, { metadata: { namespace, name: "reader" }, rules });
  const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "reader" };
  const subjects = [{ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: "devs" }];
  await context.admin.create(RoleBinding, { metadata: { namespace, name: "devs" }, roleRef, subjects });
  await eventually(async () => {
    assert.deepEqual((await context.alice.list(ConfigMap, { namespace })).items, []);
  });
  await assert.rejects(context.alice.create(ConfigMap, { metadata: { namespace, name: "a" } }), {
    reason: "Forbidden",
  });
}

async function writes(context: Context): Promise<void> {
  const { admin } = context;
  const namespace = await context.namespace();
  const ref = { namespace, name: "a" };
  const created = await admin.create(ConfigMap, { metadata: ref, data: { text: "grüße €" } });
  assert.deepEqual([created.apiVersion, created.kind, created.data], ["v1", "ConfigMap", { text: "grüße €" }]);
  assert.deepEqual(await admin.get(ConfigMap, ref), created);
  assert.deepEqual(await admin.find(ConfigMap, ref), created);
  const updated = await admin.update(ConfigMap, { ...created, data: { b: "2" } });
  assert.deepEqual(updated.data, { b: "2" });
  assert.notEqual(updated.metadata.resourceVersion, created.metadata.resourceVersion);
  assert.equal(
    (await admin.update(ConfigMap, updated)).metadata.resourceVersion,
    updated.metadata.resourceVersion,
    "an update that changes nothing writes nothing",
  );
  await admin.delete(ConfigMap, ref, { preconditions: { uid: created.metadata.uid ?? "" } });
  assert.equal(await admin.find(ConfigMap, ref), undefined);
}

async function sharesNothing(context: Context): Promise<void> {
  const { admin } = context;
  const ref = { namespace: await context.namespace(), name: "a" };
  const draft = { metadata: ref, data: { a: "1" } };
  const created = await admin.create(ConfigMap, draft);
  draft.data.a = "changed after sending";
  Object.assign(created, { data: { a: "changed after creating" } });
  const first = await admin.get(ConfigMap, ref);
  Object.assign(first.metadata, { labels: { changed: "after getting" } });
  Object.assign((await admin.list(ConfigMap, { namespace: ref.namespace })).items[0] ?? {}, { data: {} });
  const second = await admin.get(ConfigMap, ref);
  assert.deepEqual(second.data, { a: "1" });
  assert.equal(second.metadata.labels, undefined);
}

async function defaultsAndAdmits(context: Context): Promise<void> {
  const { admin } = context;
  const namespace = await context.namespace();
  const deployment = await admin.create(Deployment, deploymentDraft(namespace, { admit: "me" }));
  assert.equal(deployment.spec.replicas, 1);
  assert.equal(deployment.metadata.generation, 1);
  assert.deepEqual(deployment.metadata.labels, { admit: "me", admitted: "yes" });
  const status = { ...deployment.status, replicas: 3 };
  const unchanged = await admin.update(Deployment, { ...deployment, status });
  assert.notEqual(unchanged.status?.replicas, 3);
  const changed = await admin.update(Deployment, { ...unchanged, status }, { subresource: "status" });
  assert.equal(changed.status?.replicas, 3);
  const scale = await admin.get(Deployment, changed.metadata, { subresource: "scale" });
  assert.equal(fieldOf(scale, "spec", "replicas"), 1);
  await assert.rejects(admin.create(Deployment, deploymentDraft(namespace, { admit: "no" })), {
    reason: "Forbidden",
    message: /not this one/,
  });
}

async function dryRuns(context: Context): Promise<void> {
  const { admin } = context;
  const ref = { namespace: await context.namespace(), name: "a" };
  assert.ok((await admin.create(ConfigMap, { metadata: ref }, { dryRun: true })).metadata.uid);
  assert.equal(await admin.find(ConfigMap, ref), undefined);
  const odd = { metadata: ref, oddity: 1 };
  await assert.rejects(admin.create(ConfigMap, odd, { fieldValidation: "Strict" }), {
    reason: "BadRequest",
    message: /strict decoding error: unknown field "oddity"/,
  });
  assert.equal(Object.hasOwn(await admin.create(ConfigMap, odd), "oddity"), false);
}

async function patches(context: Context): Promise<void> {
  const { admin } = context;
  const namespace = await context.namespace();
  const { metadata } = await admin.create(Deployment, deploymentDraft(namespace));
  const containers = [{ name: "web", image: "nginx:2" }];
  const strategic = await admin.patch(Deployment, metadata, {
    type: "strategic",
    patch: { spec: { template: { spec: { containers } } } },
  });
  const container = strategic.spec.template.spec?.containers[0];
  assert.deepEqual([container?.image, container?.ports?.length], ["nginx:2", 1]);
  const merged = await admin.patch(Deployment, metadata, {
    type: "merge",
    patch: { metadata: { labels: { a: "b" } }, spec: { replicas: null } },
  });
  assert.deepEqual([merged.metadata.labels, merged.spec.replicas], [{ a: "b" }, 1]);
  const replaced = await admin.patch(Deployment, metadata, {
    type: "json",
    patch: [{ op: "replace", path: "/spec/replicas", value: 5 }],
  });
  assert.equal(replaced.spec.replicas, 5);
  const stale = { metadata: { resourceVersion: metadata.resourceVersion, labels: { a: "c" } } };
  await assert.rejects(admin.patch(Deployment, metadata, { type: "merge", patch: stale }), { reason: "Conflict" });
}

async function saysWhatHappened(context: Context): Promise<void> {
  const { admin } = context;
  const namespace = await context.namespace();
  const ref = { namespace, name: "a" };
  const first = await admin.create(ConfigMap, { metadata: ref });
  const second = await admin.update(ConfigMap, { ...first, data: { a: "1" } });
  const cases: readonly (readonly [Promise<unknown>, string])[] = [
    [admin.get(ConfigMap, { namespace, name: "x" }), `NotFound 404 configmaps "x" not found`],
    [admin.delete(ConfigMap, { namespace, name: "x" }), `NotFound 404 configmaps "x" not found`],
    [admin.create(ConfigMap, { metadata: ref }), `AlreadyExists 409 configmaps "a" already exists`],
    [
      admin.update(ConfigMap, first),
      `Conflict 409 Operation cannot be fulfilled on configmaps "a": the object has been modified; ` +
        `please apply your changes to the latest version and try again`,
    ],
    [admin.list({ ...ConfigMap, plural: "nothings" }), "NotFound 404 the server could not find the requested resource"],
  ];
  for (const [call, expected] of cases) assert.equal(await failureOf(call), expected);
  await assert.rejects(admin.create(ConfigMap, { metadata: { namespace, name: "Not A Name" } }), {
    reason: "Invalid",
    code: 422,
  });
  await assert.rejects(admin.delete(ConfigMap, ref, { preconditions: { uid: "another" } }), { reason: "Conflict" });
  assert.deepEqual(await admin.get(ConfigMap, ref), second);
}

async function doesNothingWhenAborted(context: Context): Promise<void> {
  const ref = { namespace: await context.namespace(), name: "a" };
  const signal = AbortSignal.abort(new Error("enough"));
  await assert.rejects(context.admin.create(ConfigMap, { metadata: ref }, { signal }), { message: "enough" });
  assert.equal(await context.admin.find(ConfigMap, ref), undefined);
}

function deploymentDraft(namespace: string, labels: Readonly<Record<string, string>> = {}) {
  const containers = [{ name: "web", image: "nginx:1", ports: [{ containerPort: 80 }] }];
  return {
    metadata: { namespace, name: "web", labels },
    spec: {
      selector: { matchLabels: { app: "web" } },
      template: { metadata: { name: "", labels: { app: "web" } }, spec: { containers } },
    },
  };
}

async function failureOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "it succeeded";
  } catch (error) {
    return isApiError(error) ? `${error.reason} ${error.code} ${error.message}` : errorText(error);
  }
}

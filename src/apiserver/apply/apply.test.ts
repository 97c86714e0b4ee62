// Server-side apply through the server, mostly as upstream's documentation and tests tell it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fieldOf, isArray, isRecord } from "#machinery/guards.ts";
import type { TestAnswer } from "../testing.ts";
import { deployments, managers, maps, timesOf, versionOf, web, widgets, world } from "./testing.ts";

const webSet = {
  "f:metadata": { "f:labels": { "f:tier": {} } },
  "f:spec": {
    "f:replicas": {},
    "f:selector": {},
    "f:template": {
      "f:metadata": { "f:labels": { "f:app": {} } },
      "f:spec": {
        "f:containers": {
          'k:{"name":"app"}': {
            ".": {},
            "f:image": {},
            "f:name": {},
            "f:ports": { 'k:{"containerPort":8080,"protocol":"TCP"}': { ".": {}, "f:containerPort": {} } },
          },
        },
      },
    },
  },
};

test("an apply creates what is not there, and owns what it names", async (context) => {
  const { apply } = await world(context);
  const made = await apply(`${deployments}/web`, web(), { by: "team-a" });
  assert.equal(made.status, 201, made.text);
  assert.deepEqual(fieldOf(made.body, "metadata", "managedFields"), [
    {
      manager: "team-a",
      operation: "Apply",
      apiVersion: "apps/v1",
      time: "2026-05-04T10:11:12Z",
      fieldsType: "FieldsV1",
      fieldsV1: webSet,
    },
  ]);
  assert.equal(fieldOf(made.body, "spec", "progressDeadlineSeconds"), 600, "defaulted and nobody's");
});

test("a scale takes the replicas; an apply conflicts until it is forced or gives way", async (context) => {
  const { apply, send } = await world(context);
  await apply(`${deployments}/web`, web(), { by: "team-a" });
  const scale = await send("GET", `${deployments}/web/scale`);
  assert.deepEqual(managers(scale), { "team-a/Apply": { "f:spec": { "f:replicas": {} } } });
  const scaled = await send("PUT", `${deployments}/web/scale`, {
    by: "kube-controller-manager",
    body: { apiVersion: "autoscaling/v1", kind: "Scale", metadata: { name: "web" }, spec: { replicas: 5 } },
  });
  assert.equal(scaled.status, 200, scaled.text);
  const after = await send("GET", `${deployments}/web`);
  const { "f:replicas": _, ...specRest } = webSet["f:spec"];
  assert.deepEqual(managers(after), {
    "team-a/Apply": { ...webSet, "f:spec": specRest },
    "kube-controller-manager/Update/scale": { "f:spec": { "f:replicas": {} } },
  });
  assert.equal(timesOf(after)[1], undefined, "entries of a scale have no time");
  assert.equal(fieldOf(after.body, "metadata", "generation"), 2);

  const refused = await apply(`${deployments}/web`, web(), { by: "team-a" });
  assert.equal(refused.status, 409);
  const who = '"kube-controller-manager" with subresource "scale" using apps/v1';
  assert.deepEqual(refused.body, {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message: `Apply failed with 1 conflict: conflict with ${who}: .spec.replicas`,
    reason: "Conflict",
    details: {
      causes: [{ reason: "FieldManagerConflict", message: `conflict with ${who}`, field: ".spec.replicas" }],
    },
    code: 409,
  });

  const without = web();
  const { replicas: _replicas, ...rest } = isRecord(without["spec"]) ? without["spec"] : {};
  const yielded = await apply(`${deployments}/web`, { ...without, spec: rest }, { by: "team-a" });
  assert.equal(yielded.status, 200, yielded.text);
  assert.equal(versionOf(yielded), versionOf(after), "nothing has changed");
  assert.equal(fieldOf(yielded.body, "spec", "replicas"), 5);

  const forced = await apply(`${deployments}/web`, web(), { by: "team-a", query: "&force=true" });
  assert.equal(fieldOf(forced.body, "spec", "replicas"), 3);
  assert.deepEqual(managers(forced), { "team-a/Apply": webSet });
});

test("what was applied alone goes when it is not applied any more; what is shared stays", async (context) => {
  const { apply } = await world(context);
  const label = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web", labels: { tier: "front" } } };
  await apply(`${deployments}/web`, web(), { by: "team-a" });
  const shared = await apply(`${deployments}/web`, label, { by: "team-b" });
  assert.deepEqual(managers(shared)["team-b/Apply"], { "f:metadata": { "f:labels": { "f:tier": {} } } });
  assert.deepEqual(timesOf(shared), [undefined, "2026-05-04T10:11:12Z"], "a co-owner's entry has no time");
  const again = await apply(`${deployments}/web`, label, { by: "team-b" });
  assert.equal(versionOf(again), versionOf(shared), "the same once more writes nothing");
  const left = await apply(`${deployments}/web`, web({ labels: {} }), { by: "team-a" });
  assert.deepEqual(fieldOf(left.body, "metadata", "labels"), { tier: "front" });
  const gone = await apply(`${deployments}/web`, { ...label, metadata: { name: "web" } }, { by: "team-b" });
  assert.equal(fieldOf(gone.body, "metadata", "labels"), undefined);
  assert.equal(managers(gone)["team-b/Apply"], undefined);
});

test("list items are owned by their keys", async (context) => {
  const { apply, send } = await world(context);
  const sidecar = (containers: readonly object[]): object => ({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web" },
    spec: { template: { spec: { containers } } },
  });
  await apply(`${deployments}/web`, web(), { by: "team-a" });
  const both = await apply(`${deployments}/web`, sidecar([{ name: "sidecar", image: "s:1" }]), { by: "team-b" });
  assert.equal(both.status, 200, both.text);
  const names = ({ body }: TestAnswer): unknown => {
    const containers = fieldOf(body, "spec", "template", "spec", "containers");
    return isArray(containers) ? containers.map((each) => fieldOf(each, "name")) : undefined;
  };
  assert.deepEqual(names(both), ["app", "sidecar"]);
  const patched = await send("PATCH", `${deployments}/web`, {
    body: { spec: { template: { spec: { containers: [{ name: "sidecar", image: "s:2" }] } } } },
    type: "application/strategic-merge-patch+json",
  });
  const path = ["f:spec", "f:template", "f:spec", "f:containers", 'k:{"name":"sidecar"}'];
  assert.deepEqual(fieldOf(managers(patched)["team-b/Apply"], ...path), { ".": {}, "f:name": {} });
  assert.deepEqual(fieldOf(managers(patched)["curl/Update"], ...path), { "f:image": {} });
  const refused = await apply(`${deployments}/web`, sidecar([{ name: "sidecar", image: "s:1" }]), { by: "team-b" });
  assert.equal(
    refused.body["message"],
    'Apply failed with 1 conflict: conflict with "curl" using apps/v1: ' +
      '.spec.template.spec.containers[name="sidecar"].image',
  );
  const removed = await apply(`${deployments}/web`, sidecar([]), { by: "team-b" });
  assert.deepEqual(names(removed), ["app"]);
  assert.deepEqual(Object.keys(managers(removed)), ["team-a/Apply"]);
});

test("several conflicts are told by manager", async (context) => {
  const { apply, merge } = await world(context);
  const map = (data: object): object => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "m" }, data });
  await apply(`${maps}/m`, map({ a: "1", b: "1", c: "1" }), { by: "team" });
  await merge(`${maps}/m`, { data: { a: "2" } }, "zed");
  await merge(`${maps}/m`, { data: { b: "2", c: "2" } }, "ann");
  const refused = await apply(`${maps}/m`, map({ a: "1", b: "1", c: "1" }), { by: "team" });
  assert.equal(
    refused.body["message"],
    'Apply failed with 3 conflicts: conflicts with "ann" using v1:\n- .data.b\n- .data.c\n' +
      'conflicts with "zed" using v1:\n- .data.a',
  );
});

test("sets unite, and each applier takes only its own items out", async (context) => {
  const { apply, send } = await world(context);
  const finalizers = (list: readonly string[]): object => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "m", finalizers: list },
  });
  await send("POST", maps, { body: finalizers(["y/b"]) });
  const both = await apply(`${maps}/m`, finalizers(["x/a"]), { by: "team" });
  assert.deepEqual(fieldOf(both.body, "metadata", "finalizers"), ["y/b", "x/a"]);
  assert.deepEqual(managers(both), {
    "curl/Update": { "f:metadata": { "f:finalizers": { ".": {}, 'v:"y/b"': {} } } },
    "team/Apply": { "f:metadata": { "f:finalizers": { 'v:"x/a"': {} } } },
  });
  const left = await apply(
    `${maps}/m`,
    { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "m" } },
    { by: "team" },
  );
  assert.deepEqual(fieldOf(left.body, "metadata", "finalizers"), ["y/b"]);
});

test("a status is applied through its endpoint alone", async (context) => {
  const { send, apply } = await world(context);
  const body = { apiVersion: "example.com/v1", kind: "Widget", metadata: { name: "w" }, spec: { size: 1 } };
  await send("POST", widgets, { body });
  const config = { ...body, spec: { size: 5 }, status: { phase: "Ready" } };
  const ready = await apply(`${widgets}/w/status`, config, { by: "ctl" });
  assert.equal(ready.status, 200, ready.text);
  assert.deepEqual(managers(ready)["ctl/Apply/status"], { "f:status": { "f:phase": {} } });
  assert.equal(fieldOf(ready.body, "spec", "size"), 1);
  const onlyStatus = { apiVersion: "example.com/v1", kind: "Widget", metadata: { name: "w" }, status: { phase: "X" } };
  const ignored = await apply(`${widgets}/w`, onlyStatus, { by: "other" });
  assert.deepEqual(Object.keys(managers(ignored)), ["ctl/Apply/status", "curl/Update"]);
  assert.equal(fieldOf(ignored.body, "status", "phase"), "Ready");
  const missing = await apply(`${widgets}/none/status`, { ...onlyStatus, metadata: { name: "none" } }, { by: "other" });
  assert.equal(missing.status, 404);
});

test("an applier's entry follows it from version to version", async (context) => {
  const { apply } = await world(context);
  const config = (version: string, spec: object): object => ({
    apiVersion: `example.com/${version}`,
    kind: "Widget",
    metadata: { name: "w" },
    spec,
  });
  await apply(
    `/apis/example.com/v1beta1/namespaces/default/widgets/w`,
    config("v1beta1", { size: 1, free: { a: "1" } }),
    {
      by: "team",
    },
  );
  const moved = await apply(`${widgets}/w`, config("v1", { size: 1 }), { by: "team" });
  assert.equal(moved.status, 200, moved.text);
  assert.deepEqual(fieldOf(moved.body, "spec"), { size: 1 });
  const entries = fieldOf(moved.body, "metadata", "managedFields");
  assert.ok(isArray(entries));
  assert.deepEqual(
    entries.map((entry) => [fieldOf(entry, "apiVersion"), fieldOf(entry, "fieldsV1")]),
    [["example.com/v1", { "f:spec": { "f:size": {} } }]],
  );
});

test("from client-side to server-side apply", async (context) => {
  const { send, apply, merge } = await world(context);
  const annotation = "kubectl.kubernetes.io/last-applied-configuration";
  const file = (data: object): Record<string, unknown> => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "m", namespace: "default" },
    data,
  });
  const annotated = (config: Record<string, unknown>): object => ({
    ...config,
    metadata: { name: "m", namespace: "default", annotations: { [annotation]: `${JSON.stringify(config)}\n` } },
  });
  await send("POST", maps, { by: "kubectl-client-side-apply", body: annotated(file({ a: "1", b: "1" })) });
  const other = await apply(`${maps}/m`, file({ a: "2" }), { by: "someone" });
  assert.equal(other.status, 409, "only kubectl may");
  const applied = await apply(`${maps}/m`, file({ a: "2", b: "1" }), { by: "kubectl" });
  assert.equal(applied.status, 200, applied.text);
  assert.equal(
    fieldOf(applied.body, "metadata", "annotations", annotation),
    '{"apiVersion":"v1","data":{"a":"2","b":"1"},"kind":"ConfigMap","metadata":{"name":"m","namespace":"default"}}\n',
  );
  await merge(`${maps}/m`, { data: { a: "x", b: "x" } }, "editor");
  const refused = await apply(`${maps}/m`, file({ a: "3", b: "1" }), { by: "kubectl" });
  assert.equal(
    refused.body["message"],
    'Apply failed with 2 conflicts: conflicts with "editor" using v1:\n- .data.a\n- .data.b',
  );
});

test("a dry run tells the managers and stores none", async (context) => {
  const { apply, send } = await world(context);
  const config = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "m" }, data: { a: "1" } };
  const tried = await apply(`${maps}/m`, config, { by: "team", query: "&dryRun=All" });
  assert.equal(tried.status, 201);
  assert.deepEqual(managers(tried), { "team/Apply": { "f:data": { "f:a": {} } } });
  assert.equal((await send("GET", `${maps}/m`)).status, 404);
});

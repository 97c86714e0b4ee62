// managedFields of what is created, updated and patched.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fieldOf, isArray, isRecord } from "#machinery/guards.ts";
import { deployments, managers, maps, timesOf, versionOf, web, widgets, world } from "./testing.ts";

test("the same by POST owns the defaults too, with marks on what came", async (context) => {
  const { send } = await world(context);
  const made = await send("POST", deployments, { body: web() });
  assert.equal(made.status, 201, made.text);
  const set = managers(made)["curl/Update"];
  assert.deepEqual(fieldOf(set, "f:metadata"), { "f:labels": { ".": {}, "f:tier": {} } });
  const spec = fieldOf(set, "f:spec");
  assert.ok(isRecord(spec));
  assert.equal(Object.hasOwn(spec, "."), false, "Go always writes spec");
  assert.deepEqual(spec["f:strategy"], {
    "f:rollingUpdate": { ".": {}, "f:maxSurge": {}, "f:maxUnavailable": {} },
    "f:type": {},
  });
  assert.deepEqual(fieldOf(spec, "f:template", "f:spec", "f:containers", 'k:{"name":"app"}', "f:ports"), {
    ".": {},
    'k:{"containerPort":8080,"protocol":"TCP"}': { ".": {}, "f:containerPort": {}, "f:protocol": {} },
  });
  assert.equal(fieldOf(set, "f:status"), undefined);
});

test("managers of updates: one entry each, per version and subresource; the status is not the main endpoint's", async (context) => {
  const { send, merge, clock } = await world(context);
  const made = await send("POST", widgets, {
    body: {
      apiVersion: "example.com/v1",
      kind: "Widget",
      metadata: { name: "w" },
      spec: { size: 1, tags: ["a"], any: { x: { y: [1] } }, whole: { a: "1" } },
      status: { phase: "No" },
    },
  });
  const set = {
    "f:spec": {
      ".": {},
      "f:any": { ".": {}, "f:x": { ".": {}, "f:y": {} } },
      "f:size": {},
      "f:tags": {},
      "f:whole": {},
    },
  };
  assert.deepEqual(managers(made), { "curl/Update": set });
  const before = await send("GET", `${widgets}/w`);
  const ready = await send("PUT", `${widgets}/w/status`, {
    by: "ctl",
    body: { ...before.body, status: { phase: "Ready" }, spec: { size: 9 } },
  });
  assert.deepEqual(managers(ready), {
    "curl/Update": set,
    "ctl/Update/status": { "f:status": { ".": {}, "f:phase": {} } },
  });
  await clock.advance(5000);
  await merge(`${widgets}/w`, { metadata: { labels: { p: "1" } } }, "ctl");
  const old = await merge(`/apis/example.com/v1beta1/namespaces/default/widgets/w`, { spec: { size: 2 } }, "ctl");
  const entries = fieldOf(old.body, "metadata", "managedFields");
  assert.ok(isArray(entries));
  assert.deepEqual(
    entries.map((entry) => [fieldOf(entry, "manager"), fieldOf(entry, "apiVersion"), fieldOf(entry, "subresource")]),
    [
      ["ctl", "example.com/v1", "status"],
      ["curl", "example.com/v1", undefined],
      ["ctl", "example.com/v1", undefined],
      ["ctl", "example.com/v1beta1", undefined],
    ],
  );
});

test("only a change of the object moves the time", async (context) => {
  const { send, clock } = await world(context);
  const body = { apiVersion: "example.com/v1", kind: "Widget", metadata: { name: "w" }, spec: { size: 1 } };
  await send("POST", widgets, { body });
  const first = await send("PUT", `${widgets}/w/status`, {
    body: { ...(await send("GET", `${widgets}/w`)).body, status: { phase: "A" } },
  });
  await clock.advance(60_000);
  const same = await send("PUT", `${widgets}/w/status`, { body: { ...first.body, spec: { size: 7 } } });
  assert.deepEqual(same.body, first.body);
  const other = await send("PUT", `${widgets}/w/status`, { body: { ...first.body, status: { phase: "B" } } });
  assert.deepEqual(timesOf(other), ["2026-05-04T10:11:12Z", "2026-05-04T10:12:12Z"]);
});

test("managedFields that are sent count, an empty list forgets them, nonsense is ignored", async (context) => {
  const { send, merge, apply } = await world(context);
  await send("POST", maps, { body: { metadata: { name: "m" }, data: { a: "1" } } });
  const before = await send("GET", `${maps}/m`);
  const migrated = await send("PATCH", `${maps}/m`, {
    by: "kubectl",
    type: "application/json-patch+json",
    body: [
      {
        op: "replace",
        path: "/metadata/managedFields",
        value: [
          {
            manager: "kubectl",
            operation: "Apply",
            apiVersion: "v1",
            fieldsType: "FieldsV1",
            fieldsV1: { "f:data": { "f:a": {} } },
          },
        ],
      },
      { op: "replace", path: "/metadata/resourceVersion", value: versionOf(before) },
    ],
  });
  assert.equal(migrated.status, 200, migrated.text);
  assert.deepEqual(managers(migrated), { "kubectl/Apply": { "f:data": { "f:a": {} } } });
  const stale = await send("PATCH", `${maps}/m`, {
    type: "application/json-patch+json",
    body: [{ op: "replace", path: "/metadata/resourceVersion", value: versionOf(before) }],
  });
  assert.equal(stale.status, 409);
  const nonsense = await send("PUT", `${maps}/m`, {
    body: { ...migrated.body, metadata: { name: "m", managedFields: [{ manager: "x", operation: "Steal" }] } },
  });
  assert.deepEqual(managers(nonsense), managers(migrated));
  const reset = await send("PUT", `${maps}/m`, {
    body: { ...migrated.body, metadata: { name: "m", managedFields: [] } },
  });
  assert.deepEqual(managers(reset), {});
  const untracked = await merge(`${maps}/m`, { data: { b: "2" } });
  assert.deepEqual(managers(untracked), {}, "not until the next apply");
  const config = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "m" }, data: { c: "3" } };
  const applied = await apply(`${maps}/m`, config, { by: "team" });
  assert.deepEqual(managers(applied), {
    "team/Apply": { "f:data": { "f:c": {} } },
    "before-first-apply/Update": { "f:data": { ".": {}, "f:a": {}, "f:b": {} } },
  });
  const byPatch = await merge(`${maps}/m`, { metadata: { managedFields: [{}] } });
  assert.deepEqual(managers(byPatch), {});
});

test("at most ten managers of updates are kept apart", async (context) => {
  const { send, merge, clock } = await world(context);
  await send("POST", maps, { by: "m", body: { metadata: { name: "m" }, data: { k: "x" } } });
  for (let index = 0; index < 12; index++) {
    await clock.advance(1000);
    await merge(`${maps}/m`, { data: { [`k${String(index)}`]: "x" } }, `m${String(index)}`);
  }
  const sets = managers(await send("GET", `${maps}/m`));
  assert.deepEqual(Object.keys(sets), [
    "ancient-changes/Update",
    ...["m3", "m4", "m5", "m6", "m7", "m8", "m9", "m10", "m11"].map((name) => `${name}/Update`),
  ]);
  assert.deepEqual(sets["ancient-changes/Update"], {
    "f:data": { ".": {}, "f:k": {}, "f:k0": {}, "f:k1": {}, "f:k2": {} },
  });
});

test("an object too large to be stored with its managers is stored without them, unless it was applied", async (context) => {
  const { send, apply } = await world(context);
  // Every key is a manager's path as well.
  const data = Object.fromEntries(Array.from({ length: 40_000 }, (_, index) => [`key-number-${String(index)}`, "v"]));
  const body = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "m" }, data };
  const made = await send("POST", maps, { body });
  assert.equal(made.status, 201, made.text.slice(0, 300));
  assert.deepEqual(managers(made), {});
  const refused = await apply(`${maps}/n`, { ...body, metadata: { name: "n" } }, { by: "team" });
  assert.equal(refused.status, 413);
});

test("managers whose names cannot be are refused", async (context) => {
  const { send } = await world(context);
  await send("POST", maps, { body: { metadata: { name: "m" }, data: { a: "1" } } });
  const set = { fieldsType: "FieldsV1", fieldsV1: { "f:data": { "f:a": {} } } };
  const entry = (manager: string) => ({ manager, operation: "Update", apiVersion: "v1", ...set });
  const put = (manager: string) =>
    send("PUT", `${maps}/m`, { body: { metadata: { name: "m", managedFields: [entry(manager)] }, data: { a: "1" } } });
  assert.equal((await put("x".repeat(128))).status, 200);
  const long = await put("x".repeat(129));
  assert.equal(long.status, 422);
  assert.equal(
    long.body["message"],
    'ConfigMap "m" is invalid: metadata.managedFields[0].manager: Too long: may not be more than 128 bytes',
  );
  const strange = await put("a\nb");
  assert.match(
    String(strange.body["message"]),
    /metadata.managedFields\[0\].manager: Invalid value: "a\\nb": should only contain printable characters/,
  );
});

// Conformance by upstream's names: discovery, definitions of custom resources, their schemas, field validation.
import assert from "node:assert/strict";
import { test } from "node:test";
import { testCrd, testVersion } from "#apiserver/crd/testing.ts";
import { fieldOf } from "#machinery/guards.ts";
import {
  applyPatch,
  apps,
  type Body,
  condition,
  core,
  hasCondition,
  type Headers,
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
  strategicPatch,
  text,
  until,
  untilGone,
  versionOf,
  watch,
  withPlane,
} from "./plane.ts";

withPlane();

const definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const aggregated: Headers = { accept: "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList" };
type CrdSpec = Parameters<typeof testCrd>[0];
type Version = ReturnType<typeof testVersion>;

const kindOf = (plural: string): string => `${plural.slice(0, 1).toUpperCase()}${plural.slice(1, -1)}`;

/** Makes `plural.group` and waits until it is served. */
async function define(group: string, plural: string, rest: Partial<NonNullable<CrdSpec>> = {}): Promise<string> {
  const kind = kindOf(plural);
  const names = { plural, singular: plural.slice(0, -1), kind, listKind: `${kind}List` };
  await ok("POST", definitions, testCrd({ group, names, ...rest }));
  const one = `${definitions}/${plural}.${group}`;
  await until(one, "established", (body) => hasCondition(body, "Established"));
  return one;
}

function schemaVersion(name: string, schema: Body, rest: Partial<Version> = {}): Version {
  return testVersion(name, { storage: true, schema: { openAPIV3Schema: { type: "object", ...schema } }, ...rest });
}

async function groups(headers: Headers = aggregated): Promise<readonly unknown[]> {
  return items(await ok("GET", "/apis", undefined, headers));
}

test("AggregatedDiscovery should support aggregated discovery interface", async () => {
  const kinds = new Map(
    (await groups()).map((group) => [
      nameOf(group),
      list(fieldOf(group, "versions")).map((one) => fieldOf(one, "version")),
    ]),
  );
  for (const [group, version] of [
    ["apps", "v1"],
    ["batch", "v1"],
    ["rbac.authorization.k8s.io", "v1"],
    ["admissionregistration.k8s.io", "v1"],
  ] as const) {
    assert.ok(kinds.get(group)?.includes(version), group);
  }
  const [only] = items(await ok("GET", "/api", undefined, aggregated));
  assert.equal(fieldOf(list(fieldOf(only, "versions"))[0], "version"), "v1");
});

test("AggregatedDiscovery should support aggregated discovery interface for CRDs", async () => {
  const one = await define("aggregated.example.com", "gears");
  const found = (await groups()).find((group) => nameOf(group) === "aggregated.example.com");
  const [resource] = list(fieldOf(list(fieldOf(found, "versions"))[0], "resources"));
  assert.deepEqual([fieldOf(resource, "resource"), fieldOf(resource, "scope")], ["gears", "Namespaced"]);
  await ok("DELETE", one);
  await untilGone(one);
  await until(
    "/apis",
    "the group to go",
    (body) => !list(body["groups"]).some((group) => fieldOf(group, "name") === "aggregated.example.com"),
  );
});

test("AggregatedDiscovery should support raw aggregated discovery endpoint Accept headers", async () => {
  const json = await send("GET", "/apis", undefined, { accept: "application/json" });
  assert.equal(json.body["kind"], "APIGroupList");
  const v2 = await send("GET", "/apis", undefined, aggregated);
  assert.deepEqual([v2.body["kind"], v2.body["apiVersion"]], ["APIGroupDiscoveryList", "apidiscovery.k8s.io/v2"]);
  assert.match(String(v2.headers["content-type"]), /g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList/);
  const either = await send("GET", "/apis", undefined, { accept: `${aggregated["accept"] ?? ""},application/json` });
  assert.equal(either.body["kind"], "APIGroupDiscoveryList");
});

test("AggregatedDiscovery should support raw aggregated discovery request for CRDs", async () => {
  const one = await define("raw.example.com", "levers");
  const found = (await groups()).find((group) => nameOf(group) === "raw.example.com");
  const [resource] = list(fieldOf(list(fieldOf(found, "versions"))[0], "resources"));
  assert.deepEqual(fieldOf(resource, "responseKind"), { group: "raw.example.com", version: "v1", kind: "Lever" });
  await ok("DELETE", one);
});

test("Discovery should locate the groupVersion and a resource within each APIGroup", async () => {
  for (const [group, version, resource] of [
    ["apps", "v1", "deployments"],
    ["policy", "v1", "poddisruptionbudgets"],
    ["storage.k8s.io", "v1", "storageclasses"],
    ["apiextensions.k8s.io", "v1", "customresourcedefinitions"],
  ] as const) {
    await isDiscovered(group, version, resource);
  }
});

test("Discovery should validate PreferredVersion for each APIGroup", async () => {
  for (const group of list((await ok("GET", "/apis"))["groups"])) {
    const preferred = fieldOf(group, "preferredVersion");
    assert.ok(
      list(fieldOf(group, "versions")).some((each) => fieldOf(each, "version") === fieldOf(preferred, "version")),
    );
    const alone = await ok("GET", `/apis/${text(fieldOf(group, "name"))}`);
    assert.deepEqual(alone["preferredVersion"], preferred);
  }
});

test("server version should find the server version", async () => {
  const { major, minor, gitVersion } = await ok("GET", "/version");
  assert.match(text(major), /^\d+$/);
  assert.match(text(minor), /^\d+$/);
  assert.match(text(gitVersion), /^v\d+\.\d+\.\d+/);
});

test("CustomResourceDefinition Watch watch on custom resource definition objects", async () => {
  const namespace = await newNamespace();
  await define("watched.example.com", "bells");
  const path = `/apis/watched.example.com/v1/namespaces/${namespace}/bells`;
  await using watching = await watch(`${path}?watch=true`);
  const object = { apiVersion: "watched.example.com/v1", kind: "Bell", metadata: { name: "a" } };
  await ok("POST", path, object);
  await ok("PATCH", `${path}/a`, { spec: { size: 2 } }, mergePatch);
  await ok("DELETE", `${path}/a`);
  for (const type of ["ADDED", "MODIFIED", "DELETED"]) {
    const event = await watching.next();
    assert.deepEqual([event.type, nameOf(event.object)], [type, "a"]);
  }
});

test("CustomResourceDefinition resources Simple CustomResourceDefinition creating/deleting custom resource definition objects works", async () => {
  const one = await define("simple.example.com", "discs");
  await ok("DELETE", one);
  await untilGone(one);
});

test("CustomResourceDefinition resources Simple CustomResourceDefinition getting/updating/patching custom resource definition status sub-resource works", async () => {
  const one = await define("status.example.com", "valves");
  const read = await ok("GET", `${one}/status`);
  const conditions = [...list(fieldOf(read, "status", "conditions")), condition("StatusUpdate")];
  const updated = await ok("PUT", `${one}/status`, { ...read, status: { ...record(read["status"]), conditions } });
  assert.ok(hasCondition(updated, "StatusUpdate"));
  const patched = await ok(
    "PATCH",
    `${one}/status`,
    { status: { conditions: [...conditions, condition("Patched")] } },
    mergePatch,
  );
  assert.ok(hasCondition(patched, "Patched"));
});

test("CustomResourceDefinition resources Simple CustomResourceDefinition listing custom resource definition objects works", async () => {
  const labels = { listed: "yes" };
  for (const plural of ["apples", "pears", "plums"]) {
    const one = await define("listed.example.com", plural);
    await ok("PATCH", one, { metadata: { labels } }, mergePatch);
  }
  const selected = `${definitions}?labelSelector=listed%3Dyes`;
  assert.equal(items(await ok("GET", selected)).length, 3);
  await ok("DELETE", selected);
  await until(selected, "all to be gone", (body) => items(body).length === 0);
});

test("CustomResourceDefinition resources custom resource defaulting for requests and from storage works", async () => {
  const namespace = await newNamespace();
  const one = await define("defaults.example.com", "doors", {
    versions: [schemaVersion("v1", { properties: { a: { type: "string", default: "A" }, b: { type: "string" } } })],
  });
  const path = `/apis/defaults.example.com/v1/namespaces/${namespace}/doors`;
  const made = await ok("POST", path, { apiVersion: "defaults.example.com/v1", kind: "Door", metadata: { name: "x" } });
  assert.deepEqual([made["a"], made["b"]], ["A", undefined]);
  const schema = { type: "object", properties: { a: { type: "string" }, b: { type: "string", default: "B" } } };
  await ok(
    "PATCH",
    one,
    [{ op: "replace", path: "/spec/versions/0/schema/openAPIV3Schema", value: schema }],
    jsonPatch,
  );
  const read = await until(`${path}/x`, "the new default from storage", (body) => body["b"] === "B");
  assert.equal(read["a"], "A", "what was a default then is a value now");
});

test("CustomResourceDefinition resources should include custom resource definition resources in discovery documents", async () => {
  await isDiscovered("apiextensions.k8s.io", "v1", "customresourcedefinitions");
});

async function definition(name: string): Promise<unknown> {
  return fieldOf(await ok("GET", "/openapi/v2"), "definitions", name);
}

/** Once `/openapi/v2` says that of a kind; unless told otherwise, anything. */
async function published(
  name: string,
  holds: (found: unknown) => boolean = (found) => found !== undefined,
): Promise<void> {
  await until("/openapi/v2", `${name} published`, (body) => holds(fieldOf(body, "definitions", name)));
}

test("CustomResourcePublishOpenAPI works for CRD with validation schema", async () => {
  const properties = {
    spec: {
      type: "object",
      required: ["bars"],
      properties: { bars: { type: "array", items: { type: "object", properties: { age: { type: "string" } } } } },
    },
  };
  await define("validated.example.com", "foos", { versions: [schemaVersion("v1", { properties })] });
  await published("com.example.validated.v1.Foo");
  const found = await definition("com.example.validated.v1.Foo");
  assert.deepEqual(fieldOf(found, "properties", "spec", "required"), ["bars"]);
  assert.equal(
    fieldOf(found, "properties", "spec", "properties", "bars", "items", "properties", "age", "type"),
    "string",
  );
});

test("CustomResourcePublishOpenAPI works for CRD without validation schema", async () => {
  await define("free.example.com", "frees", {
    versions: [schemaVersion("v1", { "x-kubernetes-preserve-unknown-fields": true })],
  });
  await published("com.example.free.v1.Free", (found) => fieldOf(found, "type") === "object");
});

test("CustomResourcePublishOpenAPI works for CRD preserving unknown fields at the schema root", async () => {
  const version = schemaVersion("v1", {
    "x-kubernetes-preserve-unknown-fields": true,
    properties: { spec: { type: "object", properties: { a: { type: "string" } } } },
  });
  await define("root.example.com", "roots", { versions: [version] });
  await published(
    "com.example.root.v1.Root",
    (found) => fieldOf(found, "x-kubernetes-group-version-kind") !== undefined,
  );
});

test("CustomResourcePublishOpenAPI works for CRD preserving unknown fields in an embedded object", async () => {
  const spec = { type: "object", "x-kubernetes-preserve-unknown-fields": true, properties: { a: { type: "string" } } };
  await define("embedded.example.com", "shells", { versions: [schemaVersion("v1", { properties: { spec } })] });
  await published("com.example.embedded.v1.Shell", (found) => fieldOf(found, "properties", "spec") !== undefined);
});

test("CustomResourcePublishOpenAPI works for multiple CRDs of different groups", async () => {
  await define("first.example.com", "pins");
  await define("second.example.com", "pins");
  await published("com.example.first.v1.Pin");
  await published("com.example.second.v1.Pin");
});

test("CustomResourcePublishOpenAPI works for multiple CRDs of same group and version but different kinds", async () => {
  await define("kinds.example.com", "nuts");
  await define("kinds.example.com", "bolts");
  await published("com.example.kinds.v1.Nut");
  await published("com.example.kinds.v1.Bolt");
});

test("CustomResourcePublishOpenAPI works for multiple CRDs of same group but different versions", async () => {
  await define("versions.example.com", "axles", { versions: [testVersion("v2", { storage: true })] });
  await define("versions.example.com", "wheels", {
    versions: [testVersion("v4", { storage: true }), testVersion("v3")],
  });
  for (const name of ["v2.Axle", "v3.Wheel", "v4.Wheel"]) await published(`com.example.versions.${name}`);
});

test("CustomResourcePublishOpenAPI updates the published spec when one version gets renamed", async () => {
  const one = await define("renamed.example.com", "tubes", {
    versions: [testVersion("v2", { storage: true }), testVersion("v3")],
  });
  await published("com.example.renamed.v3.Tube");
  const before = JSON.stringify(await definition("com.example.renamed.v2.Tube"));
  await ok("PATCH", one, [{ op: "replace", path: "/spec/versions/1/name", value: "v4" }], jsonPatch);
  await published("com.example.renamed.v4.Tube");
  await published("com.example.renamed.v3.Tube", (found) => found === undefined);
  assert.equal(JSON.stringify(await definition("com.example.renamed.v2.Tube")), before);
});

test("CustomResourcePublishOpenAPI removes definition from spec when one version gets changed to not be served", async () => {
  const one = await define("unserved.example.com", "lamps", {
    versions: [testVersion("v5", { storage: true }), testVersion("v6alpha1")],
  });
  await published("com.example.unserved.v6alpha1.Lamp");
  await ok("PATCH", one, [{ op: "replace", path: "/spec/versions/1/served", value: false }], jsonPatch);
  await published("com.example.unserved.v6alpha1.Lamp", (found) => found === undefined);
  assert.notEqual(await definition("com.example.unserved.v5.Lamp"), undefined);
});

const strict = "fieldManager=test&fieldValidation=Strict";
const noSchema = schemaVersion("v1", { "x-kubernetes-preserve-unknown-fields": true });
const withSchema = schemaVersion("v1", {
  properties: {
    spec: {
      type: "object",
      properties: {
        foo: { type: "string" },
        ports: { type: "array", items: { type: "object", properties: { port: { type: "integer" } } } },
      },
    },
  },
});

/** The collection of a new kind. */
async function validated(
  group: string,
  plural: string,
  version: Version,
): Promise<{ readonly path: string; readonly head: Body }> {
  const namespace = await newNamespace();
  await define(group, plural, { versions: [version] });
  const head = { apiVersion: `${group}/v1`, kind: kindOf(plural) };
  return { path: `/apis/${group}/v1/namespaces/${namespace}/${plural}`, head };
}

test("FieldValidation should create/apply a CR with unknown fields for CRD with no validation schema", async () => {
  const { path, head } = await validated("noschema.example.com", "opens", noSchema);
  const object = { ...head, metadata: { name: "a" }, spec: { foo: "1", unknown: "2", deep: { more: [1] } } };
  await ok("POST", `${path}?${strict}`, object);
  const applied = await ok("PATCH", `${path}/b?${strict}`, { ...object, metadata: { name: "b" } }, applyPatch);
  assert.deepEqual(applied["spec"], object.spec);
});

test("FieldValidation should create/apply a valid CR for CRD with validation schema", async () => {
  const { path, head } = await validated("schema.example.com", "closes", withSchema);
  const object = { ...head, metadata: { name: "a" }, spec: { foo: "1", ports: [{ port: 80 }] } };
  await ok("POST", `${path}?${strict}`, object);
  await ok("PATCH", `${path}/b?${strict}`, { ...object, metadata: { name: "b" } }, applyPatch);
});

test("FieldValidation should create/apply an invalid CR with extra properties for CRD with validation schema", async () => {
  const { path, head } = await validated("extra.example.com", "extras", withSchema);
  const object = { ...head, metadata: { name: "a" }, spec: { foo: "1", extra: "2" } };
  assert.match(
    await refused(400, "POST", `${path}?${strict}`, object),
    /strict decoding error: unknown field "spec.extra"/,
  );
  assert.match(await refused(500, "PATCH", `${path}/a?${strict}`, object, applyPatch), /extra/);
  const warned = await send("POST", `${path}?fieldValidation=Warn`, object);
  assert.equal(warned.status, 201);
  assert.match(String(warned.headers["warning"]), /unknown field/);
});

test("FieldValidation should detect duplicates in a CR when preserving unknown fields", async () => {
  const { path, head } = await validated("twice.example.com", "twices", noSchema);
  const body = `{"apiVersion":"${text(head["apiVersion"])}","kind":"Twice","metadata":{"name":"a"},"spec":{"x":1,"x":2}}`;
  assert.match(await refused(400, "POST", `${path}?${strict}`, body), /duplicate field "spec.x"/);
});

test("FieldValidation should detect unknown and duplicate fields of a typed object", async () => {
  const path = apps(await newNamespace(), "deployments");
  const template = `{"metadata":{"labels":{"app":"a"}},"spec":{"containers":[{"name":"a","image":"a","image":"b"}]}}`;
  const body = `{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"a"},"spec":{"unknownField":"foo","replicas":1,"replicas":2,"selector":{"matchLabels":{"app":"a"}},"template":${template}}}`;
  const message = await refused(400, "POST", `${path}?${strict}`, body);
  for (const part of [
    /unknown field "spec.unknownField"/,
    /duplicate field "spec.replicas"/,
    /duplicate field "spec.template.spec.containers\[0\].image"/,
  ])
    assert.match(message, part);
  const warned = await send("POST", `${path}?fieldValidation=Warn`, body);
  assert.equal(warned.status, 201);
  assert.match(String(warned.headers["warning"]), /duplicate field/);
  assert.equal(
    (await send("POST", `${path}?fieldValidation=Ignore&dryRun=All`, body.replace('"name":"a"}', '"name":"c"}')))
      .headers["warning"],
    undefined,
  );
  assert.match(
    await refused(422, "PATCH", `${path}/a?${strict}`, { spec: { other: 1 } }, strategicPatch),
    /unknown field "spec.other"/,
  );
});

test("FieldValidation should detect unknown metadata fields in both the root and embedded object of a CR", async () => {
  const template = {
    type: "object",
    "x-kubernetes-embedded-resource": true,
    "x-kubernetes-preserve-unknown-fields": true,
  };
  const version = schemaVersion("v1", { properties: { spec: { type: "object", properties: { template } } } });
  const { path, head } = await validated("embeddedmeta.example.com", "boxes", version);
  const embedded = { apiVersion: "v1", kind: "Pod", metadata: { name: "x", unknownSubMeta: "foo" } };
  const object = { ...head, metadata: { name: "a", unknownMeta: "foo" }, spec: { template: embedded } };
  const message = await refused(400, "POST", `${path}?${strict}`, object);
  assert.match(message, /unknown field "metadata.unknownMeta"/);
  assert.match(message, /unknown field "spec.template.metadata.unknownSubMeta"/);
});

test("FieldValidation should detect unknown metadata fields of a typed object", async () => {
  const path = core(await newNamespace(), "configmaps");
  const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", unknownMeta: "foo" } };
  const message = await refused(400, "POST", `${path}?${strict}`, object);
  assert.match(message, /unknown field "metadata.unknownMeta"/);
});

test("Watchers should observe an object deletion if it stops meeting the requirements of the selector", async () => {
  const path = core(await newNamespace(), "configmaps");
  await using watching = await watch(`${path}?watch=true&labelSelector=seen%3Dyes`);
  await ok("POST", path, { metadata: { name: "a", labels: { seen: "yes" } } });
  await ok("PATCH", `${path}/a`, { metadata: { labels: { seen: "no" } } }, mergePatch);
  const hidden = await ok("PATCH", `${path}/a`, { data: { unseen: "1" } }, mergePatch);
  await ok("PATCH", `${path}/a`, { metadata: { labels: { seen: "yes" } } }, mergePatch);
  await ok("DELETE", `${path}/a`);
  const types = [];
  for (let count = 0; count < 4; count++) types.push((await watching.next()).type);
  assert.deepEqual(types, ["ADDED", "DELETED", "ADDED", "DELETED"]);
  assert.notEqual(hidden, undefined);
});

test("Watchers should observe add, update, and delete watch notifications on configmaps", async () => {
  const path = core(await newNamespace(), "configmaps");
  const selectors = ["app%3Da", "app%3Db", "app%20in%20%28a%2Cb%29"];
  const watches = await Promise.all(selectors.map((selector) => watch(`${path}?watch=true&labelSelector=${selector}`)));
  for (const app of ["a", "b"]) {
    await ok("POST", path, { metadata: { name: app, labels: { app } } });
    await ok("PATCH", `${path}/${app}`, { data: { mutation: "1" } }, mergePatch);
    await ok("DELETE", `${path}/${app}`);
  }
  for (const [index, names] of [["a"], ["b"], ["a", "b"]].entries()) {
    for (const name of names) {
      for (const type of ["ADDED", "MODIFIED", "DELETED"]) {
        const event = await watches[index]?.next();
        assert.deepEqual([event?.type, nameOf(event?.object)], [type, name]);
      }
    }
  }
  await Promise.all(watches.map((each) => each[Symbol.asyncDispose]()));
});

test("Watchers should be able to start watching from a specific resource version", async () => {
  const path = core(await newNamespace(), "configmaps");
  await ok("POST", path, { metadata: { name: "a" } });
  const first = await ok("PATCH", `${path}/a`, { data: { mutation: "1" } }, mergePatch);
  await ok("PATCH", `${path}/a`, { data: { mutation: "2" } }, mergePatch);
  await ok("DELETE", `${path}/a`);
  await using watching = await watch(
    `${path}?watch=true&resourceVersion=${versionOf(first)}&fieldSelector=metadata.name%3Da`,
  );
  const second = await watching.next();
  assert.deepEqual([second.type, fieldOf(second.object, "data", "mutation")], ["MODIFIED", "2"]);
  assert.equal((await watching.next()).type, "DELETED");
});

test("Watchers should be able to restart watching from the last resource version observed by the previous watch", async () => {
  const path = core(await newNamespace(), "configmaps");
  const named = "fieldSelector=metadata.name%3Da";
  const seen: string[] = [];
  let last: string;
  {
    await using first = await watch(`${path}?watch=true&${named}`);
    await ok("POST", path, { metadata: { name: "a" } });
    seen.push((await first.next()).type);
    await ok("PATCH", `${path}/a`, { data: { mutation: "1" } }, mergePatch);
    const event = await first.next();
    seen.push(event.type);
    last = versionOf(event.object);
  }
  await ok("PATCH", `${path}/a`, { data: { mutation: "2" } }, mergePatch);
  await ok("DELETE", `${path}/a`);
  await using second = await watch(`${path}?watch=true&${named}&resourceVersion=${last}`);
  for (let count = 0; count < 2; count++) seen.push((await second.next()).type);
  assert.deepEqual(seen, ["ADDED", "MODIFIED", "MODIFIED", "DELETED"]);
});

test("Watchers should receive events on concurrent watches in same order", async () => {
  const path = core(await newNamespace(), "configmaps");
  const start = versionOf(await ok("GET", path));
  const writes = 60;
  const watches = await Promise.all(
    Array.from({ length: 5 }, () => watch(`${path}?watch=true&resourceVersion=${start}&labelSelector=mine`)),
  );
  const writer = async (index: number): Promise<void> => {
    for (let count = 0; count < writes / 6; count++) {
      await ok("POST", path, { metadata: { name: `w${String(index)}-${String(count)}`, labels: { mine: "" } } });
    }
  };
  await Promise.all(Array.from({ length: 6 }, (_, index) => writer(index)));
  const orders = await Promise.all(
    watches.map(async (each) => {
      const versions: string[] = [];
      while (versions.length < writes) versions.push(versionOf((await each.next()).object));
      return versions;
    }),
  );
  for (const order of orders) assert.deepEqual(order, orders[0]);
  await Promise.all(watches.map((each) => each[Symbol.asyncDispose]()));
});

test("Servers with support for API chunking should return chunks of results for list calls", async () => {
  const path = core(await newNamespace(), "podtemplates");
  await Promise.all(Array.from({ length: 40 }, (_, index) => ok("POST", path, podTemplate(index))));
  const seen: string[] = [];
  let next = "";
  let version: unknown;
  do {
    const page = await ok("GET", `${path}?limit=17&continue=${encodeURIComponent(next)}`);
    version ??= fieldOf(page, "metadata", "resourceVersion");
    assert.equal(fieldOf(page, "metadata", "resourceVersion"), version);
    seen.push(...items(page).map(nameOf));
    const token = fieldOf(page, "metadata", "continue");
    assert.equal(fieldOf(page, "metadata", "remainingItemCount"), token === undefined ? undefined : 40 - seen.length);
    next = typeof token === "string" ? token : "";
  } while (next !== "");
  assert.deepEqual(
    seen,
    Array.from({ length: 40 }, (_, index) => podTemplate(index).metadata.name),
  );
});

function podTemplate(index: number) {
  const template = { spec: { containers: [{ name: "a", image: "a" }] } };
  return { metadata: { name: `template-${String(index).padStart(3, "0")}` }, template };
}

test("Servers with support for Table transformation should return a 406 for a backend which does not implement metadata", async () => {
  const table: Headers = { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" };
  const review = {
    apiVersion: "authorization.k8s.io/v1",
    kind: "SelfSubjectAccessReview",
    spec: { nonResourceAttributes: { path: "/", verb: "get" } },
  };
  await refused(406, "POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", review, table);
});

// Random and hostile requests get a Status or a page, never a crash, a hang, a polluted prototype or a 500.
// Strategy: real paths with odd pieces, bodies that are nearly right, patches of every type. Invariants: an answer with a code
// below 500 (or one that upstream has too), objects of the namespace still readable, Object.prototype as it was.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { builtinResources } from "#api/builtin/index.ts";
import { isRecord } from "#machinery/guards.ts";
import type { ApiRequest } from "#machinery/http.ts";
import type { ApiServer } from "./options.ts";
import { call, type TestAnswer, testServer } from "./testing.ts";

let server: ApiServer;
before(async () => {
  server = await testServer({ resources: builtinResources });
  const body = { metadata: { name: "a", labels: { app: "a" } }, data: { k: "v" } };
  await call(server, "POST", "/api/v1/namespaces/default/configmaps", { body });
});
after(() => server.close());

const odd = fc.constantFrom(
  "__proto__",
  "constructor",
  "..",
  "%2e%2e",
  "%00",
  "a".repeat(300),
  "",
  "ä",
  "a/b",
  "-1",
  "1e9",
);
const name = fc.oneof(fc.constantFrom("a", "b", "default"), odd);
const path = fc.oneof(
  fc
    .tuple(fc.constantFrom("configmaps", "pods", "services", "secrets", "events", "bindings"), name)
    .map(([resource, object]) => `/api/v1/namespaces/default/${resource}/${object}`),
  fc
    .tuple(
      fc.constantFrom("deployments", "replicasets", "daemonsets"),
      name,
      fc.constantFrom("", "/status", "/scale", "/x"),
    )
    .map(([resource, object, sub]) => `/apis/apps/v1/namespaces/default/${resource}/${object}${sub}`),
  fc.constantFrom(
    "/api/v1/namespaces/default/configmaps",
    "/apis/apps/v1/deployments",
    "/api/v1/namespaces",
    "/api",
    "/apis",
  ),
  fc
    .array(fc.oneof(name, fc.constantFrom("api", "apis", "v1", "namespaces")), { maxLength: 7 })
    .map((parts) => `/${parts.join("/")}`),
);
const parameter = fc.tuple(
  fc.constantFrom(
    "labelSelector",
    "fieldSelector",
    "limit",
    "continue",
    "resourceVersion",
    "resourceVersionMatch",
    "dryRun",
    "pretty",
    "fieldManager",
    "fieldValidation",
    "gracePeriodSeconds",
    "propagationPolicy",
    "timeout",
    "includeObject",
    "force",
  ),
  fc.oneof(
    odd,
    fc.string(),
    fc.constantFrom("a=b", "a in (b,c)", "metadata.name=a", "All", "Strict", "5s", "0", "true"),
  ),
);
const query = fc.array(parameter, { maxLength: 3 }).map((list) => {
  const text = list.map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join("&");
  return text === "" ? "" : `?${text}`;
});
const json = fc.oneof(
  fc.json(),
  fc
    .record(
      {
        apiVersion: fc.constantFrom("v1", "apps/v1", 7),
        kind: fc.constantFrom("ConfigMap", "Deployment", "Status", null),
        metadata: fc.oneof(
          fc.record(
            { name: fc.oneof(name, fc.jsonValue()), labels: fc.jsonValue(), finalizers: fc.jsonValue() },
            { requiredKeys: [] },
          ),
          fc.jsonValue(),
        ),
        spec: fc.jsonValue(),
        data: fc.jsonValue(),
        status: fc.jsonValue(),
      },
      { requiredKeys: [] },
    )
    .map((value) => JSON.stringify(value)),
  fc
    .array(
      fc.record({
        op: fc.constantFrom("add", "remove", "test", "copy", "x"),
        path: fc.constantFrom("/metadata/labels/a", "/__proto__/x", "", "x", "/data/0"),
        value: fc.jsonValue(),
      }),
    )
    .map((value) => JSON.stringify(value)),
  fc.string(),
  fc.constantFrom("[".repeat(20_000), '{"__proto__":{"polluted":1}}', "{", "a: &a [*a]", "\u0000"),
);
const contentType = fc.constantFrom(
  "application/json",
  "application/yaml",
  "application/vnd.kubernetes.protobuf",
  "application/merge-patch+json",
  "application/json-patch+json",
  "application/strategic-merge-patch+json",
  "application/apply-patch+yaml",
  "text/plain",
  "",
);
const accept = fc.constantFrom(
  "",
  "*/*",
  "application/yaml",
  "application/json;as=Table;v=v1;g=meta.k8s.io",
  "text/html;q=x",
  ",;,",
);
const method = fc.constantFrom<ApiRequest["method"]>("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS");

/** A 500 without a reason is upstream's own answer to some bad input; one with a reason is an error of ours. */
function isNoFault({ status, body, text }: TestAnswer): void {
  if (status >= 500 && status !== 504) assert.equal(body["reason"], undefined, text);
}

test("hostile requests", async () => {
  // A promise that nobody waits for would end the process.
  const unhandled: unknown[] = [];
  const onUnhandled = (error: unknown): void => {
    unhandled.push(error);
  };
  process.on("unhandledRejection", onUnhandled);
  await fc.assert(
    fc.asyncProperty(
      method,
      path,
      query,
      json,
      contentType,
      accept,
      async (verb, where, what, body, type, accepted) => {
        const headers = { "content-type": type, accept: accepted };
        const sent = verb === "GET" || verb === "HEAD" ? {} : { body };
        const answer = await call(server, verb, `${where}${what}`, { headers, ...sent });
        isNoFault(answer);
        assert.equal(Reflect.get({}, "polluted"), undefined);
      },
    ),
    { numRuns: 1_500 },
  );
  const list = await call(server, "GET", "/api/v1/namespaces/default/configmaps");
  assert.equal(list.status, 200);
  await new Promise((resolve) => setImmediate(resolve));
  process.off("unhandledRejection", onUnhandled);
  assert.deepEqual(unhandled, []);
});

const deployment = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "d" },
  spec: {
    selector: { matchLabels: { app: "d" } },
    template: { metadata: { labels: { app: "d" } }, spec: { containers: [{ name: "c", image: "i" }] } },
  },
};

/** Parts of an object replaced by anything. */
const bent = fc
  .tuple(
    fc.constantFrom(
      ["metadata"],
      ["metadata", "labels"],
      ["metadata", "annotations"],
      ["metadata", "ownerReferences"],
      ["metadata", "finalizers"],
      ["metadata", "managedFields"],
      ["metadata", "generateName"],
      ["metadata", "uid"],
      ["spec"],
      ["spec", "selector"],
      ["spec", "replicas"],
      ["spec", "strategy"],
      ["spec", "template"],
      ["spec", "template", "spec"],
      ["spec", "template", "spec", "containers"],
      ["spec", "template", "spec", "volumes"],
      ["spec", "template", "metadata"],
      ["status"],
      ["status", "conditions"],
      ["extra"],
    ),
    fc.oneof(fc.jsonValue(), fc.constantFrom(null, [], {}, [null], [{}], [[]], { $patch: "delete" }, -1, 1e30, "")),
  )
  .map(([where, value]) => bend(deployment, where, value));

function bend(object: unknown, [first, ...rest]: readonly string[], value: unknown): unknown {
  if (first === undefined) return value;
  const fields = isRecord(object) ? object : {};
  return { ...fields, [first]: bend(fields[first], rest, value) };
}

test("objects and patches that are nearly right", async () => {
  const deployments = "/apis/apps/v1/namespaces/default/deployments";
  await call(server, "POST", deployments, { body: deployment });
  const patchType = fc.constantFrom("application/merge-patch+json", "application/strategic-merge-patch+json");
  const sub = fc.constantFrom("", "/status", "/scale");
  await fc.assert(
    fc.asyncProperty(bent, patchType, sub, async (body, type, subresource) => {
      const answers = [
        await call(server, "POST", `${deployments}?dryRun=All`, { body }),
        await call(server, "PUT", `${deployments}/d${subresource}?dryRun=All`, { body }),
        await call(server, "PATCH", `${deployments}/d${subresource}?dryRun=All`, {
          body,
          headers: { "content-type": type },
        }),
      ];
      answers.forEach(isNoFault);
    }),
    { numRuns: 500 },
  );
  assert.equal((await call(server, "GET", `${deployments}/d`)).status, 200);
});

const nasty = "\\u0000,__proto__".repeat(2_000);
const level = "a,b,c,d,e,f,g,h,i";
const bomb = level
  .split(",")
  .map(
    (name, index) =>
      `${name}: &${name} [${Array(9)
        .fill(index === 0 ? "x" : `*${level.split(",")[index - 1] ?? ""}`)
        .join(", ")}]`,
  )
  .join("\n");
const maps = "/api/v1/namespaces/default/configmaps";
const yaml = { "content-type": "application/yaml" };
const applied = { "content-type": "application/apply-patch+yaml" };
const strategic = { "content-type": "application/strategic-merge-patch+json" };
const operations = { "content-type": "application/json-patch+json" };
const many = 20_000;

/** The random requests before may have deleted the whole collection. */
async function keep(): Promise<void> {
  await call(server, "POST", maps, { body: { metadata: { name: "kept" }, data: { k: "v" } } });
}

// What has brought other servers down; each is answered, and within a second of processor time.
for (const { name, method, path: where, body, headers = {} } of [
  { name: "a bomb of aliases, created", method: "POST", path: maps, body: bomb, headers: yaml },
  {
    name: "a bomb of aliases, applied",
    method: "PATCH",
    path: `${maps}/x?fieldManager=m`,
    body: bomb,
    headers: applied,
  },
  { name: "deep lists", method: "POST", path: maps, body: "[".repeat(500_000) },
  { name: "deep maps", method: "PATCH", path: `${maps}/kept`, body: '{"a":'.repeat(100_000), headers: strategic },
  {
    name: "deep maps of YAML",
    method: "PATCH",
    path: `${maps}/x?fieldManager=m`,
    body: "? ".repeat(many),
    headers: applied,
  },
  {
    name: "copies of copies",
    method: "PATCH",
    path: `${maps}/kept`,
    headers: operations,
    body: JSON.stringify(Array.from({ length: 9_999 }, () => ({ op: "copy", from: "/data", path: "/data/k" }))),
  },
  {
    name: "too many operations",
    method: "PATCH",
    path: `${maps}/kept`,
    headers: operations,
    body: JSON.stringify(Array.from({ length: 10_001 }, () => ({ op: "test", path: "/kind", value: "ConfigMap" }))),
  },
  {
    name: "a long label selector",
    method: "GET",
    path: `${maps}?labelSelector=${encodeURIComponent(`a in (${"x,".repeat(many)}x)`)}`,
  },
  { name: "a selector of commas", method: "GET", path: `${maps}?labelSelector=${",".repeat(many)}` },
  { name: "a long field selector", method: "GET", path: `${maps}?fieldSelector=${encodeURIComponent(nasty)}` },
  { name: "a long continue token", method: "GET", path: `${maps}?limit=1&continue=${"A".repeat(many)}` },
  { name: "many parameters", method: "GET", path: `${maps}?${"a=b&".repeat(many)}` },
  { name: "many accepted types", method: "GET", path: maps, headers: { accept: "application/x;q=0.1,".repeat(many) } },
  { name: "many slashes", method: "GET", path: "/".repeat(many) },
  { name: "a way out", method: "GET", path: "/api/v1/namespaces/../../etc/passwd" },
  { name: "a way out, encoded", method: "GET", path: "/api/v1/namespaces/%2e%2e/secrets/%2e%2e%2f%2e%2e" },
  { name: "a prototype for a name", method: "GET", path: "/apis/__proto__/constructor/toString" },
  {
    name: "prototypes in labels",
    method: "POST",
    path: maps,
    body: '{"metadata":{"name":"p","labels":{"__proto__":"x"}},"data":{"__proto__":"polluted"}}',
  },
  {
    name: "many managers",
    method: "PUT",
    path: `${maps}/kept`,
    body: JSON.stringify({
      metadata: {
        name: "a",
        managedFields: Array.from({ length: 2_000 }, (_, at) => ({
          manager: `m${String(at)}`,
          fieldsV1: { "f:data": { "f:__proto__": {} } },
        })),
      },
    }),
  },
  {
    name: "a number without end",
    method: "POST",
    path: maps,
    body: `{"metadata":{"generation":${"9".repeat(500_000)}}}`,
  },
  {
    name: "a protobuf of lengths",
    method: "POST",
    path: maps,
    body: Buffer.concat([Buffer.from("k8s\0"), Buffer.alloc(100_000, 0xff)]),
    headers: { "content-type": "application/vnd.kubernetes.protobuf" },
  },
  {
    name: "a protobuf of groups",
    method: "POST",
    path: maps,
    body: Buffer.concat([Buffer.from("k8s\0"), Buffer.alloc(100_000, 0x0b)]),
    headers: { "content-type": "application/vnd.kubernetes.protobuf" },
  },
] as const) {
  test(`hostile: ${name}`, async () => {
    await keep();
    const startedAt = process.cpuUsage();
    const answer = await call(server, method, where, { headers, ...(body === undefined ? {} : { body }) });
    const { user, system } = process.cpuUsage(startedAt);
    isNoFault(answer);
    assert.ok((user + system) / 1e6 < 1, `it took ${String((user + system) / 1e6)} s`);
    assert.equal(Reflect.get({}, "polluted"), undefined);
    assert.equal((await call(server, "GET", `${maps}/kept`)).status, 200, "the server goes on");
  });
}

test("who takes protobuf only is told what there is; who takes JSON too gets JSON", async () => {
  await keep();
  const protobuf = "application/vnd.kubernetes.protobuf";
  const only = await call(server, "GET", `${maps}/kept`, { headers: { accept: protobuf } });
  assert.deepEqual([only.status, only.body["reason"]], [406, "NotAcceptable"]);
  // As client-go's typed clients, controller-runtime and the metadata client ask.
  for (const accept of [
    `${protobuf},application/json`,
    `${protobuf}, */*`,
    `${protobuf};as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json`,
  ]) {
    const answer = await call(server, "GET", `${maps}/kept`, { headers: { accept } });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers["content-type"], "application/json");
  }
  const partial = await call(server, "GET", `${maps}/kept`, {
    headers: {
      accept: `${protobuf};as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1`,
    },
  });
  assert.equal(partial.body["kind"], "PartialObjectMetadata");
});

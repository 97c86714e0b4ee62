// The verbs on built-in kinds: what is defaulted, checked and said.
import assert from "node:assert/strict";
import { test } from "node:test";
import { builtinResources } from "#api/builtin/index.ts";
import { fieldOf, isArray, isRecord } from "#machinery/guards.ts";
import type { ApiServer } from "../options.ts";
import { call, testServer } from "../testing.ts";

const deployments = "/apis/apps/v1/namespaces/default/deployments";
const maps = "/api/v1/namespaces/default/configmaps";

function deployment(name: string, replicas = 1): Record<string, unknown> {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: "web", image: "nginx" }] },
      },
    },
  };
}

function recordOf(value: unknown): Record<string, unknown> {
  assert.ok(isRecord(value));
  return value;
}

const builtinServer = (): Promise<ApiServer> => testServer({ resources: builtinResources });

test("a created Deployment is defaulted, has generation 1 and an empty status", async () => {
  const server = await builtinServer();
  const { status, body } = await call(server, "POST", deployments, {
    body: { ...deployment("web"), status: { replicas: 7 } },
  });
  assert.equal(status, 201);
  assert.equal(fieldOf(body, "metadata", "generation"), 1);
  assert.deepEqual(fieldOf(body, "status"), {});
  assert.equal(fieldOf(body, "spec", "strategy", "type"), "RollingUpdate");
  await server.close();
});

for (const { type, body, expected } of [
  { type: "application/merge-patch+json", body: { spec: { replicas: 3 } }, expected: 3 },
  { type: "application/strategic-merge-patch+json", body: { spec: { replicas: 4 } }, expected: 4 },
  { type: "application/json-patch+json", body: [{ op: "replace", path: "/spec/replicas", value: 5 }], expected: 5 },
]) {
  test(`${type} changes the object and moves its generation`, async () => {
    const server = await builtinServer();
    await call(server, "POST", deployments, { body: deployment("web") });
    const headers = { "content-type": type };
    const patched = await call(server, "PATCH", `${deployments}/web`, { body, headers });
    assert.equal(patched.status, 200);
    assert.equal(fieldOf(patched.body, "spec", "replicas"), expected);
    assert.equal(fieldOf(patched.body, "metadata", "generation"), 2);
    const again = await call(server, "PATCH", `${deployments}/web`, { body, headers });
    assert.deepEqual(again.body, patched.body, "what changes nothing keeps the resourceVersion");
    await server.close();
  });
}

test("a strategic patch merges containers by name", async () => {
  const server = await builtinServer();
  await call(server, "POST", deployments, { body: deployment("web") });
  const { body } = await call(server, "PATCH", `${deployments}/web`, {
    headers: { "content-type": "application/strategic-merge-patch+json" },
    body: { spec: { template: { spec: { containers: [{ name: "side", image: "busybox" }] } } } },
  });
  const containers = fieldOf(body, "spec", "template", "spec", "containers");
  assert.ok(isArray(containers));
  assert.deepEqual(
    containers.map((container) => fieldOf(container, "name")),
    ["side", "web"],
  );
  await server.close();
});

test("patches of a type that nobody knows are refused, and CBOR is one", async () => {
  const server = await builtinServer();
  const { status, body } = await call(server, "PATCH", `${maps}/a?fieldManager=kubectl&force=false`, {
    headers: { "content-type": "application/apply-patch+cbor" },
    body: "{}",
  });
  assert.equal(status, 415);
  assert.equal(
    body["message"],
    "the body of the request was in an unknown format - accepted media types include: application/json-patch+json, " +
      "application/merge-patch+json, application/strategic-merge-patch+json, application/apply-patch+yaml",
  );
  await server.close();
});

for (const { name, query, body, status, message } of [
  {
    name: "an unknown field, strictly",
    query: "?fieldValidation=Strict",
    body: { ...deployment("web"), spec: { ...recordOf(deployment("web")["spec"]), foo: 1 } },
    status: 400,
    message:
      'Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: unknown field "spec.foo"',
  },
  {
    name: "a wrong type",
    query: "",
    body: { ...deployment("web"), spec: { replicas: "three" } },
    status: 400,
    message:
      'Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal string into Go struct ' +
      "field DeploymentSpec.spec.replicas of type int32",
  },
  {
    name: "another version",
    query: "",
    body: { ...deployment("web"), apiVersion: "apps/v1beta1" },
    status: 400,
    message: "the API version in the data (apps/v1beta1) does not match the expected API version (apps/v1)",
  },
  {
    name: "another namespace",
    query: "",
    body: { ...deployment("web"), metadata: { name: "web", namespace: "other" } },
    status: 400,
    message: "the namespace of the provided object does not match the namespace sent on the request",
  },
  {
    name: "a resourceVersion",
    query: "",
    body: { ...deployment("web"), metadata: { name: "web", resourceVersion: "7" } },
    status: 500,
    message: "resourceVersion should not be set on objects to be created",
  },
  {
    name: "an unknown dryRun",
    query: "?dryRun=Some",
    body: deployment("web"),
    status: 422,
    message: 'CreateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: ["Some"]: supported values: "All"',
  },
  {
    name: "a name in capitals",
    query: "",
    body: deployment("Web"),
    status: 422,
    message:
      /^Deployment\.apps "Web" is invalid: .*metadata\.name: Invalid value: "Web": a lowercase RFC 1123 subdomain/,
  },
]) {
  test(`creating is refused for ${name}`, async () => {
    const server = await builtinServer();
    const answer = await call(server, "POST", `${deployments}${query}`, { body });
    if (message instanceof RegExp) assert.match(String(answer.body["message"]), message);
    else assert.equal(answer.body["message"], message);
    assert.equal(answer.status, status);
    await server.close();
  });
}

test("unknown fields are warned of by default and dropped", async () => {
  const server = await builtinServer();
  const answer = await call(server, "POST", maps, { body: { metadata: { name: "a" }, foo: 1, data: { k: "v" } } });
  assert.equal(answer.status, 201);
  assert.deepEqual(answer.headers["warning"], ['299 - "unknown field \\"foo\\""']);
  assert.equal(answer.body["foo"], undefined);
  await server.close();
});

test("dry run answers as if, and keeps nothing", async () => {
  const server = await builtinServer();
  const made = await call(server, "POST", `${maps}?dryRun=All`, { body: { metadata: { name: "a" } } });
  assert.equal(made.status, 201);
  assert.equal(fieldOf(made.body, "metadata", "resourceVersion"), undefined);
  assert.ok(fieldOf(made.body, "metadata", "uid"));
  assert.equal((await call(server, "GET", `${maps}/a`)).status, 404);
  const { body } = await call(server, "POST", maps, { body: { metadata: { name: "a" } } });
  const changed = await call(server, "PUT", `${maps}/a?dryRun=All`, {
    body: { metadata: { name: "a" }, data: { k: "v" } },
  });
  assert.deepEqual(changed.body["data"], { k: "v" });
  assert.equal(fieldOf(changed.body, "metadata", "resourceVersion"), fieldOf(body, "metadata", "resourceVersion"));
  await call(server, "DELETE", `${maps}/a?dryRun=All`);
  assert.deepEqual((await call(server, "GET", `${maps}/a`)).body, body);
  await server.close();
});

test("names are generated", async () => {
  const server = await builtinServer();
  const { body } = await call(server, "POST", maps, { body: { metadata: { generateName: "job-" } } });
  assert.match(String(fieldOf(body, "metadata", "name")), /^job-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  const none = await call(server, "POST", maps, { body: { metadata: {} } });
  assert.equal(none.status, 422);
  assert.equal(
    none.body["message"],
    'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required',
  );
  await server.close();
});

test("an object with finalizers waits, takes no new ones, and goes with the last", async () => {
  const server = await builtinServer();
  await call(server, "POST", maps, { body: { metadata: { name: "a", finalizers: ["example.com/hold"] } } });
  const deleted = await call(server, "DELETE", `${maps}/a`);
  assert.equal(deleted.status, 200);
  assert.ok(fieldOf(deleted.body, "metadata", "deletionTimestamp"));
  assert.equal(fieldOf(deleted.body, "metadata", "deletionGracePeriodSeconds"), 0);
  const headers = { "content-type": "application/merge-patch+json" };
  const more = await call(server, "PATCH", `${maps}/a`, {
    headers,
    body: { metadata: { finalizers: ["example.com/hold", "example.com/x"] } },
  });
  assert.equal(
    more.body["message"],
    'ConfigMap "a" is invalid: metadata.finalizers: Forbidden: no new finalizers can be added if the object is being ' +
      'deleted, found new finalizers []string{"example.com/x"}',
  );
  const again = await call(server, "POST", maps, { body: { metadata: { name: "a" } } });
  assert.equal(again.body["message"], 'object is being deleted: configmaps "a" already exists');
  const last = await call(server, "PATCH", `${maps}/a`, { headers, body: { metadata: { finalizers: null } } });
  assert.equal(last.status, 200);
  assert.equal((await call(server, "GET", `${maps}/a`)).status, 404);
  await server.close();
});

test("preconditions and propagation policies", async () => {
  const server = await builtinServer();
  const { body } = await call(server, "POST", maps, { body: { metadata: { name: "a" } } });
  const wrong = await call(server, "DELETE", `${maps}/a`, { body: { preconditions: { uid: "other" } } });
  assert.equal(wrong.status, 409);
  assert.equal(
    wrong.body["message"],
    'Operation cannot be fulfilled on ConfigMap "a": the UID in the precondition (other) does not match the UID in ' +
      `record (${String(fieldOf(body, "metadata", "uid"))}). The object might have been deleted and then recreated`,
  );
  const both = await call(server, "DELETE", `${maps}/a`, {
    body: { orphanDependents: true, propagationPolicy: "Orphan" },
  });
  assert.equal(both.status, 422);
  const foreground = await call(server, "DELETE", `${maps}/a?propagationPolicy=Foreground`);
  assert.deepEqual(fieldOf(foreground.body, "metadata", "finalizers"), ["foregroundDeletion"]);
  await server.close();
});

test("namespaces: must exist, end in two steps, some never", async () => {
  const server = await builtinServer();
  const missing = await call(server, "POST", "/api/v1/namespaces/none/configmaps", {
    body: { metadata: { name: "a" } },
  });
  assert.equal(missing.status, 404);
  assert.equal(missing.body["message"], 'namespaces "none" not found');
  const forever = await call(server, "DELETE", "/api/v1/namespaces/default");
  assert.equal(forever.status, 403);
  assert.equal(forever.body["message"], 'namespaces "default" is forbidden: this namespace may not be deleted');
  const made = await call(server, "POST", "/api/v1/namespaces", { body: { metadata: { name: "short" } } });
  assert.deepEqual(fieldOf(made.body, "spec", "finalizers"), ["kubernetes"]);
  assert.equal(fieldOf(made.body, "metadata", "labels", "kubernetes.io/metadata.name"), "short");
  const going = await call(server, "DELETE", "/api/v1/namespaces/short");
  assert.equal(fieldOf(going.body, "status", "phase"), "Terminating");
  const late = await call(server, "POST", "/api/v1/namespaces/short/configmaps", { body: { metadata: { name: "a" } } });
  assert.equal(late.status, 403);
  assert.equal(
    late.body["message"],
    'configmaps "a" is forbidden: unable to create new content in namespace short because it is being terminated',
  );
  assert.equal(fieldOf(late.body, "details", "causes", "0"), undefined);
  const finalized = await call(server, "PUT", "/api/v1/namespaces/short/finalize", {
    body: { ...going.body, spec: { finalizers: [] } },
  });
  assert.equal(finalized.status, 200);
  assert.equal((await call(server, "GET", "/api/v1/namespaces/short")).status, 404);
  await server.close();
});

test("status and scale change what they are for", async () => {
  const server = await builtinServer();
  const { body } = await call(server, "POST", deployments, { body: deployment("web", 2) });
  const reported = await call(server, "PUT", `${deployments}/web/status`, {
    body: { ...body, spec: { ...recordOf(body["spec"]), replicas: 9 }, status: { replicas: 2, readyReplicas: 1 } },
  });
  assert.equal(fieldOf(reported.body, "spec", "replicas"), 2);
  assert.equal(fieldOf(reported.body, "status", "readyReplicas"), 1);
  assert.equal(fieldOf(reported.body, "metadata", "generation"), 1);
  const scale = await call(server, "GET", `${deployments}/web/scale`);
  assert.equal(scale.body["kind"], "Scale");
  assert.deepEqual(scale.body["status"], { replicas: 2, selector: "app=web" });
  const scaled = await call(server, "PUT", `${deployments}/web/scale`, {
    body: { ...scale.body, spec: { replicas: 5 } },
  });
  assert.equal(fieldOf(scaled.body, "spec", "replicas"), 5);
  const stale = await call(server, "PUT", `${deployments}/web/scale`, {
    body: { ...scale.body, spec: { replicas: 6 } },
  });
  assert.equal(stale.status, 409);
  const patched = await call(server, "PATCH", `${deployments}/web/scale`, {
    headers: { "content-type": "application/merge-patch+json" },
    body: { spec: { replicas: 7 } },
  });
  assert.equal(fieldOf(patched.body, "spec", "replicas"), 7);
  const parent = await call(server, "GET", `${deployments}/web`);
  assert.equal(fieldOf(parent.body, "spec", "replicas"), 7);
  assert.equal(fieldOf(parent.body, "metadata", "generation"), 3);
  assert.equal(fieldOf(parent.body, "status", "readyReplicas"), 1);
  const negative = await call(server, "PUT", `${deployments}/web/scale`, {
    body: { ...patched.body, spec: { replicas: -1 } },
  });
  assert.equal(
    negative.body["message"],
    'Scale.autoscaling "web" is invalid: spec.replicas: Invalid value: -1: should be a non-negative integer',
  );
  await server.close();
});

test("a pod is bound once and evicted", async () => {
  const server = await builtinServer();
  const pods = "/api/v1/namespaces/default/pods";
  const pod = { metadata: { name: "p" }, spec: { containers: [{ name: "c", image: "i" }] } };
  await call(server, "POST", pods, { body: pod });
  const bound = await call(server, "POST", `${pods}/p/binding`, {
    body: { metadata: { name: "p" }, target: { kind: "Node", name: "n1" } },
  });
  assert.equal(bound.status, 201);
  assert.deepEqual(bound.body, { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 });
  const read = await call(server, "GET", `${pods}/p`);
  assert.equal(fieldOf(read.body, "spec", "nodeName"), "n1");
  const again = await call(server, "POST", `${pods}/p/binding`, { body: { target: { kind: "Node", name: "n2" } } });
  assert.equal(again.status, 409);
  const evicted = await call(server, "POST", `${pods}/p/eviction`, { body: { metadata: { name: "p" } } });
  assert.equal(evicted.status, 201);
  const going = await call(server, "GET", `${pods}/p`);
  assert.equal(fieldOf(going.body, "metadata", "deletionGracePeriodSeconds"), 30);
  const gone = await call(server, "DELETE", `${pods}/p?gracePeriodSeconds=0`);
  assert.equal(gone.body["kind"], "Pod");
  assert.equal((await call(server, "GET", `${pods}/p`)).status, 404);
  await server.close();
});

test("YAML goes in and comes out", async () => {
  const server = await builtinServer();
  const made = await call(server, "POST", maps, {
    headers: { "content-type": "application/yaml", accept: "application/yaml" },
    body: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  port: "3306"\n',
  });
  assert.equal(made.status, 201);
  assert.equal(made.headers["content-type"], "application/yaml");
  assert.match(made.text, /\n {2}name: a\n/);
  assert.match(made.text, /port: "3306"/);
  await server.close();
});

test("a collection is deleted by selector, and answered as it was", async () => {
  const server = await builtinServer();
  for (const name of ["a", "b", "c"]) {
    await call(server, "POST", maps, { body: { metadata: { name, labels: { keep: String(name === "c") } } } });
  }
  const { body } = await call(server, "DELETE", `${maps}?labelSelector=keep=false`);
  assert.equal(body["kind"], "ConfigMapList");
  const items = body["items"];
  assert.ok(isArray(items));
  assert.deepEqual(
    items.map((item) => fieldOf(item, "metadata", "name")),
    ["a", "b"],
  );
  const left = await call(server, "GET", maps);
  assert.equal(isArray(left.body["items"]) && left.body["items"].length, 1);
  await server.close();
});

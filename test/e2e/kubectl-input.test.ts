// What users get wrong, through the real kubectl: each mistake has a clear answer with the right status, and nothing is
// lost by it.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { needsKubectl, type Plane, quietly, type Ran, startPlane } from "./plane.ts";

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 0
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: nginx}]}
`;

const policy = `apiVersion: policy.karmada.io/v1alpha1
kind: PropagationPolicy
metadata: {name: web}
spec:
  resourceSelectors: [{apiVersion: apps/v1, kind: Deployment, name: web}]
  placement: {clusterAffinity: {clusterNames: [member1]}}
`;

describe("bad input to kubectl", needsKubectl, () => {
  let plane: Plane;
  before(async () => {
    plane = await startPlane(["--members", "1"]);
    await quiet("create -f -", deployment);
  });
  after(() => plane.dispose());
  const quiet = (args: readonly string[] | string, input = ""): Promise<string> => quietly(plane, args, { input });
  const tried = (args: readonly string[] | string, input = "", context = "member1"): Promise<Ran> =>
    plane.tryKubectl(args, { context, input });

  for (const { name, input, context = "member1", error } of [
    { name: "half a JSON object", input: '{"kind"', error: /^error: error parsing STDIN: unexpected EOF/ },
    { name: "text that is no object", input: "hello", error: /invalid object to validate/ },
    {
      name: "a kind that does not exist",
      input: "apiVersion: example.com/v1\nkind: Foo\nmetadata: {name: x}\n",
      error: /no matches for kind "Foo" in version "example\.com\/v1"\nensure CRDs are installed first\n$/,
    },
    {
      name: "a number that is too small",
      input: deployment.replace("replicas: 0", "replicas: -2").replace("name: web}", "name: negative}"),
      error:
        /The Deployment "negative" is invalid: spec\.replicas: Invalid value: -2: must be greater than or equal to 0/,
    },
    {
      name: "an unknown field of a custom resource",
      context: "karmada-apiserver",
      input: policy.replace("placement:", "placementz:"),
      error: /\(BadRequest\).*strict decoding error: unknown field "spec\.placementz"/,
    },
    {
      name: "a wrong type in a custom resource",
      context: "karmada-apiserver",
      input: policy.replace("[member1]", "3"),
      error: /clusterNames in body must be of type array: "integer"/,
    },
    {
      name: "too few items in a custom resource",
      context: "karmada-apiserver",
      input: policy.replace(/resourceSelectors: .*/, "resourceSelectors: []"),
      error: /spec\.resourceSelectors in body should have at least 1 items/,
    },
    {
      name: "a name that is taken",
      input: deployment,
      error: /\(AlreadyExists\).*deployments\.apps "web" already exists/,
    },
    {
      name: "a namespace that does not exist",
      input: deployment.replace("name: web}", "name: web, namespace: nowhere}"),
      error: /\(NotFound\).*namespaces "nowhere" not found/,
    },
  ]) {
    test(`create: ${name}`, async () => {
      const { code, out, err } = await tried(["create", "-f", "-"], input, context);
      assert.equal(code, 1, out);
      assert.equal(out, "");
      assert.match(err, error);
    });
  }

  test("unknown fields are warned of on request, and kept quiet about on request", async () => {
    const input = deployment.replace("replicas: 0", "replicaz: 0").replace("name: web}", "name: warned}");
    const warned = await tried("create --validate=warn -f -", input);
    assert.equal(warned.code, 0);
    assert.equal(warned.err, 'Warning: unknown field "spec.replicaz"\n');
    await quiet("delete deployment warned");
    await quiet("create --validate=ignore -f -", input);
    await quiet("delete deployment warned");
  });

  for (const { name, args, error } of [
    {
      name: "a test that fails",
      args: ["--type", "json", "-p", '[{"op":"test","path":"/spec/replicas","value":3}]'],
      error: /the server rejected our request due to an error in our request/,
    },
    { name: "no JSON", args: ["-p", "{bad"], error: /\(BadRequest\): error decoding patch: invalid character 'b'/ },
    {
      name: "a list as a merge patch",
      args: ["--type", "merge", "-p", "[]"],
      error: /\(BadRequest\).*cannot unmarshal/,
    },
    {
      name: "another name",
      args: ["--type", "merge", "-p", '{"metadata":{"name":"other"}}'],
      error: /the name of the object \(other\) does not match the name on the URL \(web\)/,
    },
    {
      name: "a stale resourceVersion",
      args: ["--type", "merge", "-p", '{"metadata":{"resourceVersion":"1"}}'],
      error: /\(Conflict\): Operation cannot be fulfilled on deployments\.apps "web": the object has been modified/,
    },
    {
      name: "a field that may not change",
      args: ["--type", "merge", "-p", '{"spec":{"selector":{"matchLabels":{"a":"b"}}}}'],
      error: /spec\.selector: Invalid value: .*: field is immutable/,
    },
    {
      name: "a wrong type",
      args: ["-p", '{"spec":{"replicas":"x"}}'],
      error: /cannot unmarshal string into Go struct field DeploymentSpec\.spec\.replicas of type int32/,
    },
  ]) {
    test(`patch: ${name}`, async () => {
      const before = await quiet("get deployment web -o jsonpath={.metadata.resourceVersion}");
      const { code, err } = await tried(["patch", "deployment", "web", ...args]);
      assert.equal(code, 1);
      assert.match(err, error);
      assert.equal(await quiet("get deployment web -o jsonpath={.metadata.resourceVersion}"), before);
    });
  }

  for (const { bytes, error } of [
    { bytes: 1_000_000, error: undefined },
    { bytes: 2_000_000, error: /ConfigMap "big" is invalid: \[\]: Too long: may not be more than 1048576 bytes/ },
    { bytes: 4_000_000, error: /Request entity too large: limit is 3145728/ },
  ]) {
    test(`a config map of ${bytes} bytes`, async () => {
      const file = path.join(plane.directory, "big.txt");
      writeFileSync(file, "x".repeat(bytes));
      const { code, err } = await tried(["create", "configmap", "big", "--from-file", file]);
      assert.equal(code, error === undefined ? 0 : 1, err);
      if (error !== undefined) assert.match(err, error);
      else await quiet("delete configmap big");
    });
  }

  test("apply of an object too large for its annotation says so", async () => {
    const input = JSON.stringify({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "large" },
      data: { text: "x".repeat(300_000) },
    });
    const { code, err } = await tried("apply -f -", input);
    assert.equal(code, 1);
    assert.match(err, /metadata\.annotations: Too long: may not be more than 262144 bytes/);
  });

  test("selectors that cannot be read, kinds and names that are not there", async () => {
    assert.match((await tried(["get", "pods", "-l", "a b"])).err, /\(BadRequest\).*unable to parse requirement/);
    assert.match((await tried("get pods --field-selector spec.nope=1")).err, /field label not supported: spec\.nope/);
    assert.match((await tried("get nope")).err, /the server doesn't have a resource type "nope"/);
    assert.match((await tried("get deployment nope")).err, /\(NotFound\): deployments\.apps "nope" not found/);
    assert.match((await tried("get --raw /apis/nope")).err, /\(NotFound\)/);
  });

  test("replacing an object by an older state of it is a conflict", async () => {
    await quiet("create configmap state --from-literal a=b");
    const old = await quiet("get configmap state -o yaml");
    await quiet("annotate configmap state touched=yes");
    const { code, err } = await tried("replace -f -", old);
    assert.equal(code, 1);
    assert.match(err, /\(Conflict\).*configmaps "state": the object has been modified/);
    assert.equal(await quiet("get configmap state -o jsonpath={.metadata.annotations.touched}"), "yes");
  });
});

// The real kubectl against the control plane and a member: every verb that users type, without --validate=false and
// without warnings.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { eventually, needsKubectl, type Plane, startPlane } from "./plane.ts";

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: {app: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: web, image: "nginx:1.27", ports: [{containerPort: 80}]}
`;

describe("kubectl", needsKubectl, () => {
  let plane: Plane;
  let file = "";
  before(async () => {
    plane = await startPlane(["--members", "1"]);
    file = path.join(plane.directory, "web.yaml");
    writeFileSync(file, deployment);
  });
  after(() => plane.dispose());

  async function quiet(args: readonly string[] | string, context = "member1", input = ""): Promise<string> {
    const { code, out, err } = await plane.tryKubectl(args, { context, input });
    assert.equal(code, 0, `kubectl ${String(args)}: ${err}${out}`);
    assert.equal(err, "", `kubectl ${String(args)} warns`);
    return out;
  }

  test("version, api-resources, api-versions, get --raw, cluster-info", async () => {
    // A kubectl of the user's own may be some versions older, which it remarks upon.
    assert.match(await plane.kubectl("version"), /Server Version: v1\.\d+/);
    const resources = await quiet("api-resources --no-headers", "karmada-apiserver");
    for (const name of [
      "deployments",
      "propagationpolicies",
      "resourcebindings",
      "works",
      "clusters",
      "customresourcedefinitions",
    ]) {
      assert.match(resources, new RegExp(`^${name} `, "m"));
    }
    assert.match(await quiet("api-versions", "karmada-apiserver"), /^policy\.karmada\.io\/v1alpha1$/m);
    assert.equal(await quiet("get --raw /livez"), "ok");
    assert.match(await quiet("cluster-info"), /is running at/);
    assert.match(await quiet("get crd -o name", "karmada-apiserver"), /propagationpolicies\.policy\.karmada\.io/);
  });

  test("apply, get in every form, describe", async () => {
    assert.match(await quiet(["apply", "-f", file]), /deployment\.apps\/web created/);
    assert.match(await quiet(["apply", "-f", file]), /deployment\.apps\/web unchanged/);
    await quiet("rollout status deployment/web --timeout 30s");
    assert.match(await quiet("get deployments"), /^NAME\s+READY\s+UP-TO-DATE\s+AVAILABLE\s+AGE\nweb\s+2\/2\s+2\s+2/);
    assert.match(await quiet("get deploy web -o wide"), /CONTAINERS\s+IMAGES\s+SELECTOR\n.*nginx:1\.27\s+app=web/);
    assert.match(await quiet("get deploy web -o yaml"), /^apiVersion: apps\/v1\nkind: Deployment/m);
    assert.match(await quiet("get deploy web -o json"), /"kind": "Deployment"/);
    assert.equal(await quiet("get deploy web -o name"), "deployment.apps/web\n");
    assert.equal(
      await quiet(["get", "deploy", "web", "-o", "jsonpath={.spec.template.spec.containers[0].image}"]),
      "nginx:1.27",
    );
    assert.match(await quiet("get pods -A -l app=web"), /default\s+web-\w+-\w{5}\s+1\/1\s+Running/);
    assert.match(await quiet("get nodes -o wide"), /Ready/);
    const described = await quiet("describe deployment web");
    assert.match(described, /Replicas:\s+2 desired \| 2 updated \| 2 total \| 2 available/);
    assert.match(described, /ScalingReplicaSet/);
    const pod = (await quiet("get pods -o name")).split("\n")[0] ?? "";
    assert.match(await quiet(["describe", pod]), /Status:\s+Running/);
  });

  test("scale, set image, rollout, annotate, label", async () => {
    await quiet("scale deployment web --replicas 4");
    await quiet("rollout status deployment/web --timeout 30s");
    await quiet("set image deployment/web web=nginx:1.28");
    await quiet("rollout status deployment/web --timeout 30s");
    assert.match(await quiet("rollout history deployment/web"), /^2 /m);
    await quiet("rollout undo deployment/web");
    await eventually("the image to be back", 10_000, async () =>
      (await quiet("get deploy web -o yaml")).includes("image: nginx:1.27"),
    );
    await quiet("label deployment web tier=front");
    await quiet("annotate deployment web note=kept");
    assert.match(await quiet("get deploy -l tier=front -o name"), /web/);
    await quiet("label deployment web tier-");
  });

  test("patch in three types", async () => {
    await quiet(["patch", "deploy", "web", "--type", "merge", "-p", '{"spec":{"replicas":1}}']);
    await quiet([
      "patch",
      "deploy",
      "web",
      "--type",
      "json",
      "-p",
      '[{"op":"replace","path":"/spec/replicas","value":2}]',
    ]);
    const sidecar = '{"spec":{"template":{"spec":{"containers":[{"name":"side","image":"busybox"}]}}}}';
    await quiet(["patch", "deploy", "web", "-p", sidecar]);
    assert.equal(
      await quiet(["get", "deploy", "web", "-o", "jsonpath={.spec.template.spec.containers[*].name}"]),
      "side web",
    );
  });

  test("edit, with an editor that is a program", async () => {
    const editor = path.join(plane.directory, "editor.sh");
    writeFileSync(editor, '#!/bin/sh\nsed -i "s/note: kept/note: edited/" "$1"\n', { mode: 0o755 });
    const { code, err } = await plane.tryKubectl("edit deployment web", {
      context: "member1",
      env: { KUBE_EDITOR: editor },
    });
    assert.equal(code, 0, err);
    assert.equal(await quiet(["get", "deploy", "web", "-o", "jsonpath={.metadata.annotations.note}"]), "edited");
  });

  test("watch sees every change, wait waits", async () => {
    const watching = plane.tryKubectl("get configmap -w --output-watch-events --request-timeout 4s", {
      context: "member1",
    });
    const waiting = quiet("wait --for=create configmap/seen --timeout 30s");
    await quiet("create configmap seen --from-literal a=b");
    await waiting;
    await quiet("label configmap seen looked=yes");
    await quiet("wait --for=jsonpath={.metadata.labels.looked}=yes configmap/seen --timeout 30s");
    await quiet("wait --for=condition=Available deployment/web --timeout 30s");
    await quiet("delete configmap seen");
    await quiet("wait --for=delete configmap/seen --timeout 30s");
    assert.match((await watching).out, /ADDED\s+seen[^]*MODIFIED\s+seen[^]*DELETED\s+seen/);
  });

  test("delete, in its modes", async () => {
    await quiet("delete deployment web --cascade=foreground");
    await eventually("pods to be gone", 15_000, async () => (await quiet("get pods -o name")) === "");
    await quiet(["create", "-f", file]);
    await quiet("delete deployment web --cascade=orphan");
    assert.match(await quiet("get replicasets -o name"), /web-/);
    await quiet("delete replicasets --all --cascade=background");
    await eventually("pods to be gone", 15_000, async () => (await quiet("get pods -o name")) === "");
  });

  test("a namespace goes with everything in it", async () => {
    await quiet("create namespace shortlived");
    await quiet("create configmap inside --from-literal a=b -n shortlived");
    await quiet("delete namespace shortlived --timeout 30s");
    assert.match((await plane.tryKubectl("get namespace shortlived", { context: "member1" })).err, /NotFound/);
  });

  for (const { name, input, error } of [
    { name: "malformed YAML", input: "kind: [", error: /error parsing/ },
    {
      name: "an unknown field",
      input: deployment.replace("replicas: 2", "replicaz: 2"),
      error: /unknown field "spec\.replicaz"/,
    },
    {
      name: "a wrong type",
      input: deployment.replace("replicas: 2", "replicas: two"),
      error: /cannot unmarshal string into Go struct field/,
    },
    { name: "a bad name", input: deployment.replace("name: web\n", "name: Web_1\n"), error: /RFC 1123 subdomain/ },
    {
      name: "too long a name",
      input: deployment.replace("name: web\n", `name: ${"w".repeat(254)}\n`),
      error: /must be no more than 253/,
    },
    {
      name: "a stale resourceVersion",
      input: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: kube-root-ca.crt, resourceVersion: '1'}\n",
      error: /Conflict|has been modified/,
    },
  ]) {
    test(`bad input: ${name}`, async () => {
      const verb = name.startsWith("a stale") ? "replace" : "create";
      const { code, err } = await plane.tryKubectl([verb, "-f", "-"], { context: "member1", input });
      assert.equal(code, 1);
      assert.match(err, error);
    });
  }
});

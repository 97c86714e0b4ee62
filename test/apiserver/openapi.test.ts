// The real kubectl reading our OpenAPI: client-side apply with strategic merge, strict validation, server-side dry run, explain.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { resourcesFromCrd } from "#apiserver/crd/resource.ts";
import type { CustomResourceDefinition } from "#api/kinds.ts";
import { type ListeningServer, listeningServer } from "./listening-server.ts";

const kubectl = process.env["KUBECTL"];

const deployment = (image: string, extra = ""): string => `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  ${extra}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: web, image: "${image}"}
`;

const widgets: CustomResourceDefinition = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "widgets.example.com", resourceVersion: "1" },
  spec: {
    group: "example.com",
    names: { plural: "widgets", singular: "widget", kind: "Widget", listKind: "WidgetList" },
    scope: "Namespaced",
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: "object",
            description: "A thing to count.",
            properties: {
              spec: { type: "object", properties: { size: { type: "integer", description: "How big it is." } } },
            },
          },
        },
      },
    ],
  },
};

describe("OpenAPI and kubectl", { skip: kubectl === undefined && "no kubectl here: set KUBECTL to one" }, () => {
  let running: ListeningServer;
  before(async () => {
    running = await listeningServer();
    for (const resource of resourcesFromCrd(widgets)) running.server.registry.set(resource);
  });
  after(() => running.dispose());

  /** Runs kubectl without a cache that an earlier test could have filled. */
  async function run(args: string, input = ""): Promise<{ code: number | null; out: string; err: string }> {
    const cache = path.join(path.dirname(running.kubeconfig), "cache");
    const env = { ...process.env, KUBECONFIG: running.kubeconfig, HOME: cache };
    const child = spawn(kubectl ?? "kubectl", [...args.split(" "), "--cache-dir", cache], { env });
    child.stdin.end(input);
    const [out, err] = await Promise.all([child.stdout.toArray(), child.stderr.toArray()]);
    const code = child.exitCode ?? (await new Promise<number | null>((resolve) => child.once("exit", resolve)));
    return { code, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() };
  }

  async function quiet(args: string, input = ""): Promise<string> {
    const { code, out, err } = await run(args, input);
    assert.deepEqual([code, err], [0, ""], `kubectl ${args}: ${out}`);
    return out;
  }

  test("apply merges by name: what others added stays", async () => {
    assert.match(await quiet("apply -f -", deployment("nginx:1")), /created/);
    assert.match(await quiet("apply -f -", deployment("nginx:1")), /unchanged/);
    const sidecar = { spec: { template: { spec: { containers: [{ name: "sidecar", image: "proxy:1" }] } } } };
    await quiet(`patch deployment web -p ${JSON.stringify(sidecar)}`);
    assert.match(await quiet("apply -f -", deployment("nginx:2")), /configured/);
    const images = await quiet("get deployment web -o jsonpath={.spec.template.spec.containers[*].image}");
    assert.deepEqual(images.split(" ").sort(), ["nginx:2", "proxy:1"]);
  });

  test("validation is strict unless it is asked to warn", async () => {
    const strict = await run("apply -f -", deployment("nginx:3", "replica: 2"));
    assert.equal(strict.code, 1);
    assert.match(strict.err, /unknown field "spec\.replica"/);
    const warned = await run("apply --validate=warn -f -", deployment("nginx:3", "replica: 2"));
    assert.equal(warned.code, 0);
    assert.match(warned.err, /Warning: unknown field "spec\.replica"/);
    const wrong = await run("create -f -", deployment("nginx:3", "replicas: two").replace("name: web}", "name: b}"));
    assert.match(
      wrong.err,
      /cannot unmarshal string into Go struct field DeploymentSpec\.spec\.replicas of type int32/,
    );
  });

  test("a server-side dry run stores nothing", async () => {
    const before = await quiet("get deployment web -o jsonpath={.metadata.resourceVersion}");
    assert.match(await quiet("apply --dry-run=server -f -", deployment("nginx:9")), /configured \(server dry run\)/);
    assert.equal(await quiet("get deployment web -o jsonpath={.metadata.resourceVersion}"), before);
    assert.match(await quiet("create --dry-run=server -f -", deployment("nginx:1").replace("web}", "dry}")), /dry run/);
  });

  test("explain knows built-in and custom kinds", async () => {
    const strategy = await quiet("explain deployment.spec.strategy.rollingUpdate");
    assert.match(strategy, /FIELD: rollingUpdate <RollingUpdateDeployment>/);
    assert.match(strategy, /maxSurge\s+<IntOrString>/);
    assert.match(await quiet("explain pod.spec.containers.ports"), /protocol\s+<string>\s+enum: SCTP, TCP, UDP/);
    assert.match(await quiet("explain widget.spec"), /size\s+<integer>\s+How big it is\./);
    assert.match(await quiet("explain widget --recursive"), /A thing to count\./);
  });
});

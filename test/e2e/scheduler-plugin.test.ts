// The example of a scheduler with a plugin of one's own, as it lies under examples/, beside a control plane.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { test } from "node:test";
import { eventually, needsKubectl, readPath, root, startPlane } from "./plane.ts";

const folder = path.join(root, "examples", "scheduler-plugin");
/** Programs outside the repository get the SDK by the package's name. */
const sdk = pathToFileURL(path.join(root, "src", "sdk", "index.ts")).href;
const hooks = `import { registerHooks } from "node:module";
registerHooks({ resolve: (name, context, next) => next(name === "karmada-ts" ? "${sdk}" : name, context) });`;
const hooksUrl = `data:text/javascript,${encodeURIComponent(hooks)}`;

test("a plugin of one's own: the cheapest cluster that tells its price", needsKubectl, async (t) => {
  const plane = await startPlane();
  t.after(() => plane.dispose());
  await plane.kubectl("wait --for=condition=Ready clusters --all --timeout 30s");
  const program = spawn(process.execPath, ["--import", hooksUrl, path.join(folder, "scheduler.js")], {
    env: { ...process.env, KUBECONFIG: plane.kubeconfig },
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(() => program.kill("SIGTERM"));
  let said = "";
  program.stdout.setEncoding("utf8").on("data", (chunk: string) => (said += chunk));
  await eventually("the scheduler to work", 30_000, () => said.includes("thrifty is at work"));
  await plane.kubectl(["apply", "-f", path.join(folder, "policy.yaml")]);
  const read = (template: string): Promise<string> => readPath(plane, "rb thrifty-deployment", template);
  const message = "{.status.conditions[?(@.type=='Scheduled')].message}";
  await eventually("nobody to tell a price", 30_000, async () => {
    assert.equal(await read(message), "0/3 clusters are available: 3 cluster(s) did not tell what they cost.");
    return true;
  });
  await plane.kubectl("label cluster member1 example.com/price=30");
  await eventually(
    "the only one that does",
    30_000,
    async () => (await read("{.spec.clusters[*].name}")) === "member1",
  );
  await plane.kubectl("label cluster member3 example.com/price=20");
  await plane.kubectl("delete deployment thrifty");
  await plane.kubectl(["apply", "-f", path.join(folder, "policy.yaml")]);
  await eventually("the cheaper one", 30_000, async () => (await read("{.spec.clusters[*].name}")) === "member3");
});

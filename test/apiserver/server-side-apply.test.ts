// Server-side apply with the real kubectl, new and old: conflicts, force, managedFields, and the way from client-side apply.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { isArray, isRecord } from "#machinery/guards.ts";
import { listeningServer, type ListeningServer } from "./listening-server.ts";
import { type Kubectl, kubectlOf, kubectls } from "./programs.ts";

const web = (name: string, replicas: number | undefined, image = "nginx:1.27"): string => `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, labels: {tier: front}}
spec:
  ${replicas === undefined ? "" : `replicas: ${String(replicas)}`}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "${image}"}]}
`;

/** `manager operation` of each entry, as the object is printed with `-o json --show-managed-fields`. */
async function managersOf(kubectl: Kubectl, name: string): Promise<readonly string[]> {
  const text = await kubectl.good(`get deploy ${name} -o json --show-managed-fields`);
  const object: unknown = JSON.parse(text);
  const entries = isRecord(object) && isRecord(object["metadata"]) ? object["metadata"]["managedFields"] : undefined;
  return (isArray(entries) ? entries : []).map((entry) =>
    isRecord(entry) ? [entry["manager"], entry["operation"], entry["subresource"] ?? ""].join(" ").trim() : "",
  );
}

if (kubectls.length === 0) test("server-side apply", { skip: "no kubectl here: set KUBECTL to one" });

for (const program of kubectls) {
  describe(`server-side apply by ${program.name}`, () => {
    let running: ListeningServer;
    let kubectl: Kubectl;
    before(async () => {
      running = await listeningServer();
      kubectl = kubectlOf(program, running.kubeconfig);
    });
    after(() => running.dispose());

    test("applies, conflicts, forces, gives way", async () => {
      const said = await kubectl.good("apply --server-side -f -", web("a", 2));
      assert.equal(said, "deployment.apps/a serverside-applied\n");
      assert.deepEqual(await managersOf(kubectl, "a"), ["kubectl Apply"]);
      assert.doesNotMatch(await kubectl.good("get deploy a -o yaml"), /managedFields/);

      const refused = await kubectl.try("apply --server-side --field-manager=other -f -", web("a", 3));
      assert.notEqual(refused.code, 0);
      assert.match(refused.err, /Apply failed with 1 conflict: conflict with "kubectl": \.spec\.replicas/);
      assert.match(refused.err, /--force-conflicts/);
      await kubectl.good("apply --server-side --field-manager=other --force-conflicts -f -", web("a", 3));
      assert.equal(await kubectl.good("get deploy a -o jsonpath={.spec.replicas}"), "3");
      assert.deepEqual([...(await managersOf(kubectl, "a"))].sort(), ["kubectl Apply", "other Apply"]);

      await kubectl.good("apply --server-side -f -", web("a", undefined));
      assert.equal(await kubectl.good("get deploy a -o jsonpath={.spec.replicas}"), "3", "the other's");
      await kubectl.good("scale deploy/a --replicas=5");
      assert.ok((await managersOf(kubectl, "a")).includes("kubectl Update scale"));
      const again = await kubectl.try("apply --server-side --field-manager=other -f -", web("a", 3));
      assert.match(again.err, /conflict with "kubectl" with subresource "scale" using apps\/v1: \.spec\.replicas/);
    });

    test("a dry run changes nothing; the same again writes nothing", async () => {
      await kubectl.good("apply --server-side -f -", web("b", 1));
      const before = await kubectl.good("get deploy b -o jsonpath={.metadata.resourceVersion}");
      const said = await kubectl.good("apply --server-side --dry-run=server -f -", web("b", 9));
      assert.equal(said, "deployment.apps/b serverside-applied (server dry run)\n");
      await kubectl.good("apply --server-side -f -", web("b", 1));
      assert.equal(await kubectl.good("get deploy b -o jsonpath={.metadata.resourceVersion}"), before);
    });

    test("takes over what client-side apply has made", async () => {
      await kubectl.good("apply -f -", web("c", 1));
      assert.deepEqual(await managersOf(kubectl, "c"), ["kubectl-client-side-apply Update"]);
      await kubectl.good("apply --server-side -f -", web("c", 1, "nginx:1.28"));
      assert.equal(await kubectl.good("get deploy c -o jsonpath={..image}"), "nginx:1.28");
      // kubectl writes the annotation once more, in a name that nobody conflicts with.
      assert.deepEqual(
        await managersOf(kubectl, "c"),
        ["kubectl-last-applied Apply", "kubectl Apply"],
        "the old entry has become the new one",
      );
      assert.match(await kubectl.good("apply view-last-applied deploy/c"), /nginx:1\.28/);
      await kubectl.good("apply --server-side -f -", web("c", 1, "nginx:1.28").replace(", labels: {tier: front}", ""));
      assert.equal(await kubectl.good("get deploy c -o jsonpath={.metadata.labels}"), "");
      await kubectl.good("apply -f -", web("c", 2, "nginx:1.29"));
      assert.equal(await kubectl.good("get deploy c -o jsonpath={..image}"), "nginx:1.29", "and back");
    });

    test("shows what an apply would change", async () => {
      await kubectl.good("apply --server-side -f -", web("e", 1));
      assert.equal(await kubectl.good("diff --server-side -f -", web("e", 1)), "");
      const { code, out } = await kubectl.try("diff --server-side -f -", web("e", 2));
      assert.equal(code, 1);
      assert.match(out, /^- {2}replicas: 1\n\+ {2}replicas: 2$/m);
    });

    test("says what is wrong with a configuration", async () => {
      const unknown = await kubectl.try("apply --server-side -f -", web("d", 1).replace("replicas:", "replicaz:"));
      assert.notEqual(unknown.code, 0);
      assert.match(unknown.err, /\.spec\.replicaz: field not declared in schema/);
    });
  });
}

// The real kubectl against the listener alone: what it reads first, prints, changes and waits for.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { listeningServer, type ListeningServer } from "./listening-server.ts";
import { type Ran, runProgram } from "../e2e/plane.ts";
import { kubectls, type Program } from "./programs.ts";

const web = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "nginx:1.27"}]}
`;

if (kubectls.length === 0) test("kubectl", { skip: "no kubectl here: set KUBECTL to one" });
for (const program of kubectls) describeKubectl(program);

function describeKubectl(program: Program): void {
  describe(program.name, () => {
    let running: ListeningServer;
    before(async () => {
      running = await listeningServer();
    });
    after(() => running.dispose());

    const kubectl = (args: readonly string[], input = ""): Promise<Ran> =>
      runProgram(program.path, ["--kubeconfig", running.kubeconfig, ...args], { input });

    async function good(args: string, input = ""): Promise<string> {
      const { code, out, err } = await kubectl(args.split(" "), input);
      assert.equal(code, 0, `kubectl ${args}: ${err}${out}`);
      assert.equal(err, "", `kubectl ${args} warns`);
      return out;
    }

    test("reads discovery and version", async () => {
      // An older kubectl warns of the distance to the server's version.
      assert.match((await kubectl(["version"])).out, /Server Version: v1\.36\.0-test/);
      assert.match(await good("api-resources"), /^deployments +deploy +apps\/v1 +true +Deployment$/m);
      assert.match(await good("api-versions"), /^apps\/v1$/m);
      assert.equal(await good("get --raw /readyz"), "ok");
      assert.match(await good("get --raw /readyz?verbose"), /^\[\+\]ping ok$[^]*^readyz check passed$/m);
    });

    test("creates, prints, changes and deletes", async () => {
      assert.equal(await good("apply -f -", web), "deployment.apps/web created\n");
      assert.equal(await good("apply -f -", web), "deployment.apps/web unchanged\n");
      assert.match(await good("get deployments"), /^NAME +READY|^NAME +CREATED AT/);
      assert.equal(await good("get deployments -o name"), "deployment.apps/web\n");
      assert.equal(await good("get deploy web -o jsonpath={.spec.replicas}"), "2");
      assert.match(await good("get deploy web -o yaml"), /^kind: Deployment$/m);
      assert.equal(await good("scale deploy/web --replicas=5"), "deployment.apps/web scaled\n");
      assert.equal(await good("set image deploy/web web=nginx:1.28"), "deployment.apps/web image updated\n");
      assert.equal(await good("label deploy/web tier=front"), "deployment.apps/web labeled\n");
      assert.equal(await good("annotate deploy/web note=x"), "deployment.apps/web annotated\n");
      assert.equal(await good("get deploy -l tier=front -o jsonpath={.items[*].spec.replicas}"), "5");
      for (const [type, patch] of [
        ["merge", '{"spec":{"replicas":3}}'],
        ["strategic", '{"spec":{"template":{"spec":{"containers":[{"name":"web","image":"nginx:1.29"}]}}}}'],
        ["json", '[{"op":"remove","path":"/metadata/annotations/note"}]'],
      ]) {
        const { code, err } = await kubectl(["patch", "deploy", "web", "--type", type ?? "", "-p", patch ?? ""]);
        assert.equal(code, 0, err);
      }
      assert.match(await good("describe deploy web"), /Image: +nginx:1\.29/);
      assert.match(await good("apply --dry-run=server -f -", web.replace("2", "4")), /configured \(server dry run\)/);
      assert.equal(await good("get deploy web -o jsonpath={.spec.replicas}"), "3");
      assert.match(await good("delete deploy web"), /^deployment\.apps "web" deleted/);
      const gone = await kubectl(["get", "deploy", "web"]);
      assert.equal(gone.err, 'Error from server (NotFound): deployments.apps "web" not found\n');
    });

    test("says what is wrong with bad input", async () => {
      const unknown = await kubectl(["apply", "-f", "-"], web.replace("replicas: 2", "replicaz: 2"));
      assert.notEqual(unknown.code, 0);
      assert.match(unknown.err, /strict decoding error: unknown field "spec\.replicaz"/);
      const type = await kubectl(["create", "-f", "-"], web.replace("replicas: 2", "replicas: two"));
      assert.match(
        type.err,
        /cannot unmarshal string into Go struct field DeploymentSpec\.spec\.replicas of type int32/,
      );
      const name = await kubectl(["create", "configmap", "X"]);
      assert.match(name.err, /a lowercase RFC 1123 subdomain must consist of/);
      const path = await kubectl(["get", "--raw", "/apis/none/v1/things"]);
      assert.match(path.err, /the server could not find the requested resource/);
    });

    test("pages long lists", async () => {
      for (let index = 0; index < 7; index++) await good(`create configmap page-${String(index)}`);
      const out = await good("get configmaps --chunk-size=2 -o name");
      assert.equal(out.split("\n").filter((line) => line.includes("/page-")).length, 7);
    });

    test("watches and waits", async () => {
      await good("create configmap watched");
      const waited = good("wait --for=delete configmap/watched --timeout=20s");
      const listed = good("get configmaps --watch --output-watch-events --request-timeout=3s");
      await new Promise((resolve) => setTimeout(resolve, 500));
      await good("delete configmap watched");
      assert.match(await waited, /condition met/);
      assert.match(await listed, /^DELETED +watched/m);
    });

    test("edits with a tool of the user's, explains, and prints with -A", async () => {
      await good("create configmap edited --from-literal=a=1");
      assert.match(await good("explain deployment.spec.replicas"), /FIELD: replicas <integer>/);
      assert.match(await good("get configmaps -A"), /^default +edited/m);
    });
  });
}

// What every supported kubectl must be able to do with a cluster, walked in each version that is here.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { kubectls } from "../apiserver/programs.ts";
import { certificateRequest, eventually, needsKubectl, type Plane, type Ran, runProgram, startPlane } from "./plane.ts";

const json = (object: object): string => JSON.stringify(object);
const deployment = (image: string, replicas = 2): object => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", labels: { app: "web" } },
  spec: {
    replicas,
    selector: { matchLabels: { app: "web" } },
    template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "web", image }] } },
  },
});

describe("kubectl, line by line", needsKubectl, () => {
  let plane: Plane;
  before(async () => {
    plane = await startPlane(["--members", "1"]);
  });
  after(() => plane.dispose());

  for (const [index, program] of kubectls.entries()) {
    describe(program.name, () => {
      const namespace = `checklist-${String(index)}`;
      const attempt = (args: string | readonly string[], input = ""): Promise<Ran> => {
        const list = typeof args === "string" ? args.split(" ") : args;
        const env = { HOME: plane.directory, KUBECONFIG: plane.kubeconfig, KUBECTL_EXTERNAL_DIFF: "diff -u" };
        return runProgram(program.path, ["--context", "member1", "-n", namespace, ...list], { env, input });
      };
      const good = async (args: string | readonly string[], input?: string): Promise<string> => {
        const { code, out, err } = await attempt(args, input);
        assert.equal(code, 0, `${program.name} ${String(args)}: ${err}${out}`);
        return out;
      };
      before(() => good(`create namespace ${namespace}`));

      test("apply, diff and wait", async () => {
        await good("apply -f -", json(deployment("nginx:1.26")));
        await good("wait deployment/web --for=condition=Available --timeout=30s");
        await good("rollout status deployment/web --timeout=30s");
        await good("wait pod -l app=web --for=jsonpath={.status.phase}=Running --timeout=30s");
        const diff = await attempt("diff -f -", json(deployment("nginx:1.27")));
        assert.equal(diff.code, 1, diff.err);
        assert.match(diff.out, /-.*image: nginx:1.26\n\+.*image: nginx:1.27/);
        assert.equal((await attempt("diff -f -", json(deployment("nginx:1.26")))).code, 0);
      });

      test("server-side apply: a conflict, and force", async () => {
        const map = (value: string): string =>
          json({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "shared" }, data: { key: value } });
        await good("apply --server-side --field-manager one -f -", map("a"));
        const conflict = await attempt("apply --server-side --field-manager two -f -", map("b"));
        assert.equal(conflict.code, 1);
        assert.match(conflict.err, /conflict with "one": \.data\.key/);
        await good("apply --server-side --field-manager two --force-conflicts -f -", map("b"));
        assert.equal(await good("get configmap shared -o jsonpath={.data.key}"), "b");
      });

      test("get with chunking gives all, in order", async () => {
        const items = Array.from({ length: 23 }, (_, at) => {
          const metadata = { name: `chunk-${String(at).padStart(2, "0")}`, labels: { chunk: "" } };
          return { apiVersion: "v1", kind: "ConfigMap", metadata };
        });
        await good("create -f -", json({ apiVersion: "v1", kind: "List", items }));
        const names = items.map(({ metadata }) => `configmap/${metadata.name}\n`).join("");
        assert.equal(await good("get configmaps -l chunk --chunk-size 5 -o name"), names);
        const table = await good("get configmaps -l chunk --chunk-size 10 --no-headers");
        assert.equal(table.trimEnd().split("\n").length, items.length);
      });

      test("explain, to the last field", async () => {
        const whole = await good("explain deployment --recursive");
        assert.match(whole, /GROUP: +apps/);
        assert.match(whole, /containerPort\s+<integer>/);
        assert.match(await good("explain pods.spec.containers.resources"), /limits\s+<map/);
      });

      test("exec and logs", async () => {
        const command = ["sh", "-c", "echo from $HOSTNAME; sleep 3600"];
        const spec = { containers: [{ name: "main", image: "busybox", command }] };
        await good("create -f -", json({ apiVersion: "v1", kind: "Pod", metadata: { name: "talks" }, spec }));
        await good("wait pod/talks --for=condition=Ready --timeout=30s");
        assert.equal(await good("logs talks"), "from talks\n");
        assert.equal(await good("exec talks -- echo over WebSocket"), "over WebSocket\n");
        assert.equal((await attempt(["exec", "talks", "--", "sh", "-c", "exit 3"])).code, 3);
      });

      test("an old client that speaks SPDY only is told what is spoken", async () => {
        const env = { HOME: plane.directory, KUBECONFIG: plane.kubeconfig, KUBECTL_REMOTE_COMMAND_WEBSOCKETS: "false" };
        const args = ["--context", "member1", "-n", namespace, "exec", "talks", "--", "true"];
        const { code, err } = await runProgram(program.path, args, { env });
        assert.equal(code, 1);
        assert.match(err, /SPDY\/3\.1 is not spoken here, only WebSocket/);
      });

      test("top says that there are no metrics", async () => {
        for (const what of ["pods", "nodes"]) {
          const { code, err } = await attempt(`top ${what}`);
          assert.equal(code, 1);
          assert.match(err, /Metrics API not available/);
        }
      });

      test("create token, auth can-i, auth whoami", async () => {
        await good("create serviceaccount robot");
        const token = (await good("create token robot --duration 10m")).trim();
        assert.equal(token.split(".").length, 3);
        assert.equal((await attempt(`auth can-i get pods --as system:serviceaccount:${namespace}:robot`)).out, "no\n");
        assert.equal(await good("auth can-i delete nodes"), "yes\n");
        assert.match(await good("auth whoami"), /Username +kubernetes-admin/);
      });

      test("certificate approve and deny", async (t) => {
        for (const name of [`${namespace}-good`, `${namespace}-bad`]) {
          const made = certificateRequest(plane.directory, name);
          if (made === undefined) {
            t.skip("openssl is not installed");
            return;
          }
          const spec = {
            request: made.request,
            signerName: "kubernetes.io/kube-apiserver-client",
            usages: ["client auth"],
          };
          const kind = { apiVersion: "certificates.k8s.io/v1", kind: "CertificateSigningRequest" };
          await good("create -f -", json({ ...kind, metadata: { name }, spec }));
        }
        await good(`certificate approve ${namespace}-good`);
        await eventually("the certificate", 20_000, () =>
          good(`get csr ${namespace}-good -o jsonpath={.status.certificate}`),
        );
        await good(`certificate deny ${namespace}-bad`);
        assert.match(await good(`get csr ${namespace}-bad`), /Denied/);
      });

      test("delete: cascade in three modes", async () => {
        const file = path.join(plane.directory, `${namespace}.json`);
        writeFileSync(file, json(deployment("nginx:1.26")));
        const isGone = async (what: string): Promise<boolean> => (await good(`get ${what} -l app=web -o name`)) === "";
        await good("delete deployment web --cascade=foreground --timeout=30s");
        assert.ok(await isGone("replicasets"), "foreground: dependents go first");
        await good(["create", "-f", file]);
        await eventually("a ReplicaSet", 15_000, async () => !(await isGone("replicasets")));
        await good("delete deployment web --cascade=orphan --timeout=30s");
        assert.ok(!(await isGone("replicasets")), "orphan: dependents stay");
        await good("delete replicasets --all --cascade=background --timeout=30s");
        await eventually("the pods to go", 15_000, () => isGone("pods"));
      });
    });
  }
});

// What kubectl does with containers and with people: logs, exec, attach; certificates, tokens, permissions.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { fieldOf } from "#machinery/guards.ts";
import { certificateRequest, eventually, needsKubectl, type Plane, quietly, startPlane, withToken } from "./plane.ts";

const manifests = JSON.stringify({
  apiVersion: "v1",
  kind: "List",
  items: [
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "settings" },
      data: { "app.yaml": "port: 80\n", MODE: "test" },
    },
    {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "web", labels: { app: "web" } },
      spec: {
        volumes: [{ name: "settings", configMap: { name: "settings" } }],
        containers: [
          {
            name: "main",
            image: "busybox",
            command: ["sh", "-c", "echo started in $MODE as $POD; ls /etc/settings; sleep 3600; echo never"],
            env: [{ name: "POD", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }],
            envFrom: [{ configMapRef: { name: "settings" } }],
            volumeMounts: [{ name: "settings", mountPath: "/etc/settings" }],
          },
          { name: "side", image: "nginx" },
        ],
      },
    },
    {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "stuck" },
      spec: { containers: [{ name: "a", image: "fake/x" }] },
    },
  ],
});

describe("kubectl and containers", needsKubectl, () => {
  let plane: Plane;
  const member = { context: "member1" };
  before(async () => {
    plane = await startPlane(["--members", "1"]);
    await plane.kubectl("apply -f -", { ...member, input: manifests });
    await plane.kubectl("wait pod/web --for=condition=Ready --timeout=30s", member);
  });
  after(() => plane.dispose());

  test("logs are what the command has written so far", async () => {
    assert.equal(await quietly(plane, "logs web -c main"), "started in test as web\nMODE\napp.yaml\n");
    assert.equal(await quietly(plane, "logs web -c main --tail 1"), "app.yaml\n");
    assert.match(
      await quietly(plane, "logs web -c main --timestamps --tail 1"),
      /^\d{4}-\d\d-\d\dT[\d:.]+Z app\.yaml\n$/,
    );
    assert.equal(
      await quietly(plane, "logs web -c side"),
      "simulated container side of image nginx: nothing runs in it\n",
    );
    const job = ["create", "job", "once", "--image", "busybox", "--", "echo", "done"];
    await plane.kubectl(job, member);
    await plane.kubectl("wait job/once --for=condition=Complete --timeout=30s", member);
    assert.equal(await quietly(plane, "logs job/once"), "done\n");
  });

  test("logs by their age, followed while they grow, and of the run before", async () => {
    const pod = (name: string, script: string, annotations: object = {}) => ({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name, annotations },
      spec: { containers: [{ name: "main", image: "busybox", command: ["sh", "-c", script] }] },
    });
    const items = [
      pod("talks", "echo one; sleep 2; echo two; sleep 1; echo three; sleep 3600; echo never"),
      pod("falls", "echo started as $HOSTNAME; exit 3", { "localcluster.karmada.io/run-milliseconds": "50" }),
    ];
    const input = JSON.stringify({ apiVersion: "v1", kind: "List", items });
    await plane.kubectl("apply -f -", { ...member, input });
    await plane.kubectl("wait pod/talks --for=condition=Ready --timeout=30s", member);
    const following = quietly(plane, "logs -f talks --limit-bytes 14");
    assert.match(await quietly(plane, "logs talks"), /^one\n/);
    assert.equal(await following, "one\ntwo\nthree\n");
    assert.equal(await quietly(plane, "logs talks --since 1h"), "one\ntwo\nthree\n");
    const stamped = await quietly(plane, "logs talks --timestamps --tail 2");
    const [second = "", third = ""] = stamped.split("\n").map((line) => line.split(" ")[0]);
    assert.equal(Date.parse(third) - Date.parse(second), 1_000);
    assert.equal(await quietly(plane, `logs talks --since-time ${third}`), "three\n");
    assert.equal(await quietly(plane, `logs talks --since-time ${second} --tail 1`), "three\n");
    await eventually("the old lines to be too old", 30_000, async () => {
      assert.equal(await quietly(plane, "logs talks --since 1s"), "");
      return true;
    });
    await eventually("the pod to have been started before", 30_000, async () => {
      const { code, out } = await plane.tryKubectl("logs falls --previous", member);
      assert.deepEqual([code, out], [0, "started as falls\n"]);
      return true;
    });
    assert.equal(await quietly(plane, "logs falls"), "started as falls\n");
    const raw = (query: string) =>
      plane.tryKubectl(`get --raw /api/v1/namespaces/default/pods/talks/log?${query}`, member);
    assert.match((await raw("tailLines=-1")).err, /tailLines: Invalid value: -1: must be greater than or equal to 0/);
    assert.match((await raw("sinceSeconds=1&sinceTime=2026-01-01T00:00:00Z")).err, /at most one of/);
  });

  test("logs that cannot be had say why", async () => {
    const { code, err } = await plane.tryKubectl("logs stuck", member);
    assert.equal(code, 1);
    assert.match(err, /container "a" in pod "stuck" is waiting to start: ImagePullBackOff/);
    assert.match((await plane.tryKubectl("logs web -c none", member)).err, /container none is not valid for pod web/);
    assert.match(
      (await plane.tryKubectl("logs web -c main --previous", member)).err,
      /previous terminated container "main" in pod "web" not found/,
    );
  });

  test("a pod has its account's token, the cluster's authority and its namespace", async () => {
    const directory = "/var/run/secrets/kubernetes.io/serviceaccount";
    const read = (file: string) => quietly(plane, `exec web -c main -- cat ${directory}/${file}`);
    assert.equal(await read("namespace"), "default");
    assert.match(await read("ca.crt"), /^-----BEGIN CERTIFICATE-----/);
    const who = await withToken(plane, await read("token"), "auth whoami -o json");
    assert.equal(who.code, 0, who.err);
    const userInfo = fieldOf(JSON.parse(who.out), "status", "userInfo");
    assert.equal(fieldOf(userInfo, "username"), "system:serviceaccount:default:default");
    assert.deepEqual(fieldOf(userInfo, "extra", "authentication.kubernetes.io/pod-name"), ["web"]);
    const nobody = { spec: { serviceAccountName: "nobody" } };
    const refused = await plane.tryKubectl(
      ["run", "lone", "--image", "nginx", `--overrides=${JSON.stringify(nobody)}`],
      member,
    );
    assert.match(
      refused.err,
      /pods "lone" is forbidden: error looking up service account default\/nobody: serviceaccount "nobody" not found/,
    );
  });

  test("exec runs in the container's environment, and its exit code is kubectl's", async () => {
    assert.equal(await quietly(plane, "exec web -c main -- cat /etc/settings/app.yaml"), "port: 80\n");
    assert.equal(
      await quietly(plane, ["exec", "web", "-c", "main", "--", "sh", "-c", "echo $MODE $POD; hostname"]),
      "test web\nweb\n",
    );
    const ended = await plane.tryKubectl(
      ["exec", "web", "-c", "main", "--", "sh", "-c", "echo out; ls /none; exit 7"],
      member,
    );
    assert.equal(ended.code, 7);
    assert.equal(ended.out, "out\n");
    assert.match(ended.err, /^ls: \/none: No such file or directory\ncommand terminated with exit code 7/);
    const missing = await plane.tryKubectl("exec web -c main -- nginx -t", member);
    assert.equal(missing.code, 126);
    assert.match(missing.err, /executable file not found in \$PATH \(the container is simulated\)/);
  });

  test("exec takes what is typed", async () => {
    const typed = await plane.tryKubectl("exec -i web -c main -- cat", { ...member, input: "a\nb\n" });
    assert.deepEqual(typed, { code: 0, out: "a\nb\n", err: "" });
    const script = await plane.tryKubectl("exec -i web -c main -- sh", {
      ...member,
      input: "cd /etc/settings\nls\nexit 3\n",
    });
    assert.equal(script.code, 3);
    assert.equal(script.out, "MODE\napp.yaml\n");
    // The deployment's default container is chosen by kubectl.
    const large = "x".repeat(200_000);
    assert.equal((await plane.tryKubectl("exec -i web -c main -- cat", { ...member, input: large })).out, large);
  });

  test("exec where nothing runs, or in what is not there, is refused", async () => {
    assert.match(
      (await plane.tryKubectl("exec stuck -- true", member)).err,
      /container "a" in pod "stuck" is waiting to start/,
    );
    assert.match((await plane.tryKubectl("exec nobody -- true", member)).err, /pods "nobody" not found/);
  });

  test("reading pods is not enough to run something in them", async () => {
    await plane.kubectl("create serviceaccount looker", member);
    await plane.kubectl("create clusterrole looker --verb get,list --resource pods,pods/exec,pods/log", member);
    await plane.kubectl(
      "create clusterrolebinding looker --clusterrole looker --serviceaccount default:looker",
      member,
    );
    const token = (await plane.kubectl("create token looker", member)).trim();
    const asLooker = async (args: string) =>
      plane.tryKubectl(`--as system:serviceaccount:default:looker ${args}`, member);
    assert.equal((await asLooker("logs web -c side")).code, 0);
    const refused = await asLooker("exec web -c main -- true");
    assert.equal(refused.code, 1);
    assert.match(refused.err, /cannot create resource "pods\/exec"/);
    assert.match(token, /^[\w-]+\.[\w-]+\.[\w-]+$/);
  });

  test("attach says that nothing runs", async () => {
    const { out } = await plane.tryKubectl("attach web -c side -i", { ...member, input: "\u0003" });
    assert.match(out, /nothing runs in it/);
  });

  test("a certificate request is approved and signed, and its certificate opens the door", async (t) => {
    const made = certificateRequest(plane.directory, "alice");
    if (made === undefined) {
      t.skip("openssl is not installed");
      return;
    }
    const { request, key } = made;
    const spec = { request, signerName: "kubernetes.io/kube-apiserver-client", usages: ["client auth"] };
    const object = {
      apiVersion: "certificates.k8s.io/v1",
      kind: "CertificateSigningRequest",
      metadata: { name: "alice" },
      spec,
    };
    await plane.kubectl("create -f -", { input: JSON.stringify(object) });
    assert.match(await plane.kubectl("get csr alice"), /kubernetes\.io\/kube-apiserver-client +\S+ +<none> +Pending/);
    await plane.kubectl("certificate approve alice");
    const certificate = await eventually("the certificate", 20_000, () =>
      plane.kubectl(["get", "csr", "alice", "-o", "jsonpath={.status.certificate}"]),
    );
    const file = path.join(plane.directory, "alice.crt");
    writeFileSync(file, Buffer.from(certificate, "base64"));
    await plane.kubectl(["config", "set-credentials", "alice", "--client-certificate", file, "--client-key", key]);
    const who = await plane.kubectl([
      "auth",
      "whoami",
      "--user",
      "alice",
      "-o",
      "jsonpath={.status.userInfo.username} {.status.userInfo.groups}",
    ]);
    assert.equal(who, 'alice ["devs","system:authenticated"]');
    assert.match(await plane.kubectl("get csr alice"), /Approved,Issued/);
    const denied = await plane.tryKubectl("get secrets --user alice");
    assert.match(denied.err, /User "alice" cannot list resource "secrets"/);
  });

  test("nobody grants what they do not hold", async () => {
    await plane.kubectl("create namespace team");
    await plane.kubectl("create rolebinding bob --clusterrole admin --user bob -n team");
    const own = await plane.tryKubectl("create role reader --verb get --resource pods -n team --as bob");
    assert.equal(own.code, 0, own.err);
    const more = await plane.tryKubectl("create role nodes --verb get --resource nodes -n team --as bob");
    assert.match(
      more.err,
      /attempting to grant RBAC permissions not currently held:\s+\{APIGroups:\[""\], Resources:\["nodes"\], Verbs:\["get"\]\}/,
    );
    const master = await plane.tryKubectl(
      "create rolebinding me --clusterrole cluster-admin --user bob -n team --as bob",
    );
    assert.match(master.err, /attempting to grant RBAC permissions not currently held/);
  });
});

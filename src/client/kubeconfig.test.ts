import assert from "node:assert/strict";
import { test } from "node:test";
import { kubeconfigContexts, loadKubeconfig } from "./kubeconfig.ts";

const base64 = (text: string) => Buffer.from(text).toString("base64");
const files = new Map([
  ["ca.crt", "CA FILE"],
  ["token", "from-file\n"],
]);
const readFile = (path: string): Promise<Uint8Array> => {
  const text = files.get(path);
  return text === undefined ? Promise.reject(new Error("ENOENT")) : Promise.resolve(Buffer.from(text));
};

const text = `
apiVersion: v1
kind: Config
current-context: one
contexts:
- {name: one, context: {cluster: c1, user: u1, namespace: shop}}
- {name: two, context: {cluster: c2, user: u2}}
- {name: three, context: {cluster: c3, user: u3}}
- {name: anonymous, context: {cluster: c2}}
- {name: exec, context: {cluster: c2, user: exec}}
- {name: provider, context: {cluster: c2, user: provider}}
- {name: nowhere, context: {cluster: c9}}
- {name: half, context: {cluster: c2, user: half}}
- {name: both, context: {cluster: both}}
- {name: empty, context: {cluster: empty}}
- {name: nofile, context: {cluster: nofile}}
clusters:
- {name: c1, cluster: {server: "https://a:1", certificate-authority-data: ${base64("CA")}, certificate-authority: ignored}}
- {name: c2, cluster: {server: "https://b:2", certificate-authority: ca.crt, tls-server-name: name, proxy-url: "http://p:3"}}
- {name: c3, cluster: {server: "https://c:3", insecure-skip-tls-verify: true}}
- {name: both, cluster: {server: "https://c:3", insecure-skip-tls-verify: true, certificate-authority: ca.crt}}
- {name: empty, cluster: {}}
- {name: nofile, cluster: {server: "https://c:3", certificate-authority: missing.crt}}
users:
- {name: u1, user: {client-certificate-data: ${base64("CERT")}, client-key-data: ${base64("KEY")}}}
- {name: u2, user: {token: abc, as: root, as-uid: "7", as-groups: [g], as-user-extra: {k: [v]}}}
- {name: u3, user: {tokenFile: token, token: older, username: x, password: pw}}
- {name: exec, user: {exec: {command: aws}}}
- {name: provider, user: {auth-provider: {name: gcp}}}
- {name: half, user: {client-key-data: ${base64("KEY")}}}
`;

test("kubeconfig: certificates as data, the current context", async () => {
  assert.deepEqual(await loadKubeconfig(text, { readFile }), {
    context: "one",
    namespace: "shop",
    config: { server: "https://a:1", certificateAuthority: "CA", clientCertificate: "CERT", clientKey: "KEY" },
  });
});

test("kubeconfig: files, a token, impersonation, a proxy", async () => {
  assert.deepEqual(await loadKubeconfig(text, { context: "two", readFile }), {
    context: "two",
    namespace: "default",
    config: {
      server: "https://b:2",
      certificateAuthority: "CA FILE",
      tlsServerName: "name",
      proxyUrl: "http://p:3",
      token: "abc",
      impersonate: { user: "root", uid: "7", groups: ["g"], extra: { k: ["v"] } },
    },
  });
});

test("kubeconfig: a token file goes before a token and is read each time", async () => {
  const { config } = await loadKubeconfig(text, { context: "three", readFile });
  assert.equal(config.insecureSkipTlsVerify, true);
  assert.deepEqual([config.username, config.password], ["x", "pw"]);
  const { token } = config;
  assert.ok(typeof token === "function");
  assert.equal(await token(), "from-file");
  files.set("token", "rotated");
  assert.equal(await token(), "rotated");
});

test("kubeconfig: a context without a user is anonymous", async () => {
  const { config } = await loadKubeconfig(text, { context: "anonymous", readFile });
  assert.equal(config.token, undefined);
});

for (const { name, file = text, message } of [
  {
    name: "exec",
    message:
      "kubeconfig: user exec gets its credentials from a command (aws), which is not supported: use a certificate or a token",
  },
  {
    name: "provider",
    message: "kubeconfig: user provider uses an auth-provider, which is not supported: use a certificate or a token",
  },
  { name: "nowhere", message: `kubeconfig: it has no cluster "c9"; it has c1, c2, c3, both, empty, nofile` },
  { name: "unknown", message: /^kubeconfig: it has no context "unknown"; it has one, two, / },
  { name: "half", message: "kubeconfig: the user has only one of client-certificate and client-key" },
  {
    name: "both",
    message: "kubeconfig: a cluster has either a certificate authority or insecure-skip-tls-verify, not both",
  },
  { name: "empty", message: "kubeconfig: the cluster has no server" },
  { name: "nofile", message: "kubeconfig: the file missing.crt that it names cannot be read" },
  { name: undefined, file: "", message: "kubeconfig: it is empty or no map; is this the right file?" },
  { name: undefined, file: "kind: Config", message: "kubeconfig: it has no current context; name one with --context" },
  { name: "x", file: "contexts: {}", message: `kubeconfig: it has no context "x"; it has none` },
]) {
  test(`kubeconfig: refuses ${name ?? JSON.stringify(file)}`, async () => {
    await assert.rejects(loadKubeconfig(file, { context: name, readFile }), { reason: "BadRequest", message });
  });
}

test("kubeconfig: lists its contexts", () => {
  const { current, names } = kubeconfigContexts(text);
  assert.deepEqual([current, names.slice(0, 3)], ["one", ["one", "two", "three"]]);
  assert.deepEqual(kubeconfigContexts(""), { current: "", names: [] });
});

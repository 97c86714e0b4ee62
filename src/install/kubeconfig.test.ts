import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { parse } from "yaml";
import { writeKubeconfig } from "./kubeconfig.ts";

test("writes a kubeconfig that keeps users of one name apart", async (t) => {
  const root = await mkdtemp(join(tmpdir(), "kubeconfig-"));
  t.after(() => rm(root, { recursive: true }));
  const path = join(root, "data", "kubeconfig");
  const pair = { certificate: "cert", privateKey: "key" };
  await writeKubeconfig(path, [
    { context: "karmada-apiserver", server: "https://127.0.0.1:1", authority: "ca", user: "admin", credentials: pair },
    {
      context: "member1",
      server: "https://127.0.0.1:2",
      authority: "ca2",
      user: "admin",
      credentials: { token: "t" },
      namespace: "n",
    },
  ]);
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  assert.equal((await stat(join(root, "data"))).mode & 0o777, 0o700);
  assert.deepEqual(parse(await readFile(path, "utf8")), {
    apiVersion: "v1",
    kind: "Config",
    preferences: {},
    clusters: [
      {
        name: "karmada-apiserver",
        cluster: { "certificate-authority-data": "Y2E=", server: "https://127.0.0.1:1" },
      },
      { name: "member1", cluster: { "certificate-authority-data": "Y2Ey", server: "https://127.0.0.1:2" } },
    ],
    users: [
      {
        name: "admin@karmada-apiserver",
        user: { "client-certificate-data": "Y2VydA==", "client-key-data": "a2V5" },
      },
      { name: "admin@member1", user: { token: "t" } },
    ],
    contexts: [
      { name: "karmada-apiserver", context: { cluster: "karmada-apiserver", user: "admin@karmada-apiserver" } },
      { name: "member1", context: { cluster: "member1", user: "admin@member1", namespace: "n" } },
    ],
    "current-context": "karmada-apiserver",
  });
});

// Service accounts of pods, through the server.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { itemsOf } from "#api/builtin/access.ts";
import { builtinResources } from "#api/builtin/index.ts";
import { fieldOf } from "#machinery/guards.ts";
import { systemClock } from "#std/time.ts";
import { call, testServer } from "../../testing.ts";

const core = "/api/v1/namespaces/default";
const mountPath = "/var/run/secrets/kubernetes.io/serviceaccount";

async function start(t: TestContext, account?: object) {
  const server = await testServer({ resources: builtinResources, runsPods: true });
  t.after(() => server.close());
  const createAccount = (body: object) => call(server, "POST", `${core}/serviceaccounts`, { body });
  if (account !== undefined) await createAccount({ metadata: { name: "default" }, ...account });
  const createPod = (spec: object) => {
    const containers = [{ name: "a", image: "i" }];
    return call(server, "POST", `${core}/pods`, { body: { metadata: { name: "p" }, spec: { containers, ...spec } } });
  };
  return { createAccount, createPod };
}

test("a pod runs under the default account, with its token and its secrets for images", async (t) => {
  const { createPod } = await start(t, { imagePullSecrets: [{ name: "registry" }] });
  const { status, body, text } = await createPod({ initContainers: [{ name: "i", image: "i" }] });
  assert.equal(status, 201, text);
  const spec = (field: string) => fieldOf(body, "spec", field);
  assert.deepEqual([spec("serviceAccountName"), spec("serviceAccount")], ["default", "default"]);
  assert.deepEqual(spec("imagePullSecrets"), [{ name: "registry" }]);
  const volumes = itemsOf({ volumes: spec("volumes") }, "volumes");
  assert.equal(volumes.length, 1);
  const name = volumes[0]?.["name"];
  assert.match(String(name), /^kube-api-access-[a-z0-9]{5}$/);
  assert.deepEqual(volumes[0]?.["projected"], {
    defaultMode: 420,
    sources: [
      { serviceAccountToken: { expirationSeconds: 3607, path: "token" } },
      { configMap: { items: [{ key: "ca.crt", path: "ca.crt" }], name: "kube-root-ca.crt" } },
      {
        downwardAPI: {
          items: [{ fieldRef: { apiVersion: "v1", fieldPath: "metadata.namespace" }, path: "namespace" }],
        },
      },
    ],
  });
  for (const part of ["containers", "initContainers"]) {
    const mounts = itemsOf({ all: spec(part) }, "all").map(({ volumeMounts }) => volumeMounts);
    assert.deepEqual(mounts, [[{ mountPath, name, readOnly: true }]]);
  }
});

for (const { name, account = {}, spec } of [
  { name: "the account says so", account: { automountServiceAccountToken: false }, spec: {} },
  { name: "the pod says so", spec: { automountServiceAccountToken: false } },
]) {
  test(`no token where ${name}`, async (t) => {
    const { createPod } = await start(t, account);
    const { body } = await createPod(spec);
    assert.equal(fieldOf(body, "spec", "volumes"), undefined);
    assert.equal(fieldOf(body, "spec", "serviceAccountName"), "default");
  });
}

test("what a container has mounted there already stays", async (t) => {
  const { createPod } = await start(t, {});
  const { body } = await createPod({
    volumes: [{ name: "own", emptyDir: {} }],
    containers: [{ name: "a", image: "i", volumeMounts: [{ name: "own", mountPath }] }],
  });
  assert.deepEqual(fieldOf(body, "spec", "volumes"), [{ name: "own", emptyDir: {} }]);
});

test("an account that is not there is told of; the default one may come a moment later", async (t) => {
  const { createAccount, createPod } = await start(t);
  const refused = await createPod({ serviceAccountName: "robot" });
  assert.equal(refused.status, 403);
  assert.equal(
    refused.body["message"],
    'pods "p" is forbidden: error looking up service account default/robot: serviceaccount "robot" not found',
  );
  const pending = createPod({});
  await systemClock.sleep(20);
  await createAccount({ metadata: { name: "default" } });
  assert.equal((await pending).status, 201);
});

import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test, type TestContext } from "node:test";
import { ConfigMap, Namespace, Secret, ServiceAccount } from "#api/kinds.ts";
import { startApiServer } from "#apiserver/start-api-server.ts";
import { testVersion } from "#apiserver/testing.ts";
import { createClient } from "#client/rest-client.ts";
import { isApiError } from "#machinery/api-error.ts";
import { parseJson } from "#machinery/json.ts";
import { startManager } from "#runtime/index.ts";
import { silentLogger } from "#std/logger.ts";
import { systemRandom } from "#std/random.ts";
import { systemClock } from "#std/time.ts";
import { memoryStorage } from "#storage/memory/memory-storage.ts";
import { rootCaPublisher } from "../root-ca/controller.ts";
import { defaultServiceAccount } from "../service-account/controller.ts";
import { serviceAccountTokens } from "./controller.ts";

async function start(t: TestContext) {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const end = new AbortController();
  const base = { clock: systemClock, random: systemRandom(), log: silentLogger, signal: end.signal };
  const server = await startApiServer({
    ...base,
    storage: memoryStorage({ clock: systemClock }),
    admission: [],
    version: testVersion,
    signingKeys: [privateKey.export({ type: "pkcs8", format: "pem" }).toString()],
    address: { host: "10.0.0.1", port: 6443 },
  });
  const { client, informers } = server;
  const controllers = [defaultServiceAccount, rootCaPublisher("PEM"), serviceAccountTokens("PEM")];
  const manager = startManager({ ...base, client, informers, controllers });
  t.after(async () => {
    end.abort(new Error("the test is over"));
    await manager.stopped;
    await client.close();
    await server.close();
  });
  return server;
}

async function eventually<T>(read: () => Promise<T | undefined>, what: string): Promise<T> {
  const deadline = systemClock.monotonic() + 5000;
  for (;;) {
    const value = await read();
    if (value !== undefined) return value;
    if (systemClock.monotonic() > deadline) assert.fail(`timed out waiting for ${what}`);
    await systemClock.sleep(2);
  }
}

test("every namespace has its account and the authority, also after they were removed", async (t) => {
  const { client } = await start(t);
  await client.create(Namespace, { metadata: { name: "prod" } });
  const account = { namespace: "prod", name: "default" };
  const config = { namespace: "prod", name: "kube-root-ca.crt" };
  const first = await eventually(() => client.find(ServiceAccount, account), "the account");
  const published = await eventually(() => client.find(ConfigMap, config), "the authority");
  assert.deepEqual(published.data, { "ca.crt": "PEM" });
  await client.delete(ServiceAccount, account);
  await client.update(ConfigMap, { ...published, data: { "ca.crt": "forged" } });
  await eventually(async () => {
    const found = await client.find(ServiceAccount, account);
    return found?.metadata.uid === first.metadata.uid ? undefined : found;
  }, "the account to come back");
  await eventually(async () => {
    const { data } = await client.get(ConfigMap, config);
    return data?.["ca.crt"] === "PEM" ? data : undefined;
  }, "the authority to be put right");
});

test("a token secret is filled, its token works, and both go with the account", async (t) => {
  const { client, handle } = await start(t);
  const ref = { namespace: "default", name: "robot" };
  await client.create(ServiceAccount, { metadata: ref });
  await client.create(Secret, {
    metadata: { ...ref, annotations: { "kubernetes.io/service-account.name": "robot" } },
    type: "kubernetes.io/service-account-token",
  });
  const data = await eventually(async () => {
    const found = await client.get(Secret, ref);
    return (found.data?.["token"] ?? "") === "" ? undefined : found.data;
  }, "the token");
  assert.equal(Buffer.from(data["ca.crt"] ?? "", "base64").toString(), "PEM");
  assert.equal(Buffer.from(data["namespace"] ?? "", "base64").toString(), "default");
  const authorization = `Bearer ${Buffer.from(data["token"] ?? "", "base64").toString()}`;
  const robot = createClient({
    send: (request) => handle({ ...request, headers: { ...request.headers, authorization } }),
    close: () => Promise.resolve(),
  });
  const answer = await robot.raw("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", { body: {} });
  assert.match(JSON.stringify(parseJson(answer.body)), /system:serviceaccount:default:robot/);
  await client.delete(ServiceAccount, ref);
  await eventually(async () => ((await client.find(Secret, ref)) === undefined ? true : undefined), "the secret to go");
  await assert.rejects(robot.raw("GET", "/api/v1/namespaces"), (error) =>
    isApiError(error, "Unauthorized", "Forbidden"),
  );
});

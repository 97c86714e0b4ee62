import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { ClusterRoleBinding, ConfigMap, Namespace, Secret, ServiceAccount } from "#api/kinds.ts";
import { createClient } from "#client/rest-client.ts";
import { isApiError } from "#machinery/api-error.ts";
import { parseJson } from "#machinery/json.ts";
import { eventually } from "#std/testing.ts";
import { systemClock } from "#std/time.ts";
import { memoryStorage } from "#storage/memory/memory-storage.ts";
import { startTestApiServer } from "./testing-server.ts";

async function start(t: TestContext, storage = memoryStorage({ clock: systemClock })) {
  const staticTokens = new Map([["s3cret", { name: "amy", groups: ["devs"] }]]);
  const server = await startTestApiServer({ storage, staticTokens });
  t.after(() => server.end());
  return server;
}

/** A client that shows a bearer token, as one over HTTPS does; empty: none. */
function clientWith(server: Awaited<ReturnType<typeof start>>, token: string) {
  const authorization = token === "" ? {} : { authorization: `Bearer ${token}` };
  return createClient({
    send: (request) => server.handle({ ...request, headers: { ...request.headers, ...authorization } }),
    close: () => Promise.resolve(),
  });
}

const post = async (client: ReturnType<typeof clientWith>, path: string, body: object) => {
  const answer = parseJson((await client.raw("POST", path, { body })).body);
  return (answer as { status: Record<string, unknown> }).status;
};

test("identities: tokens, visitors, roles, reviews", async (t) => {
  const server = await start(t);
  const amy = clientWith(server, "s3cret");
  const visitor = clientWith(server, "");
  await assert.rejects(clientWith(server, "guess").list(Namespace), (error) => isApiError(error, "Unauthorized"));
  await assert.rejects(visitor.list(Namespace), {
    message:
      'namespaces is forbidden: User "system:anonymous" cannot list resource "namespaces" in API group "" at the cluster scope',
  });
  assert.equal((await visitor.raw("GET", "/version")).status, 200);
  await assert.rejects(amy.list(Namespace), (error) => isApiError(error, "Forbidden"));

  const reviews = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
  const ask = () =>
    post(amy, reviews, {
      spec: { resourceAttributes: { verb: "list", resource: "configmaps", namespace: "default" } },
    });
  assert.deepEqual(await ask(), { allowed: false });
  await server.client.create(ClusterRoleBinding, {
    metadata: { name: "devs-view" },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: "devs" }],
  });
  await eventually("the binding to be in force", async () => (await ask())["allowed"] === true);
  assert.deepEqual(await ask(), {
    allowed: true,
    reason: 'RBAC: allowed by ClusterRoleBinding "devs-view" of ClusterRole "view" to Group "devs"',
  });
  assert.deepEqual((await amy.list(ConfigMap, { namespace: "default" })).items, []);
  await assert.rejects(amy.list(Secret, { namespace: "default" }), (error) => isApiError(error, "Forbidden"));

  const who = await post(amy, "/apis/authentication.k8s.io/v1/selfsubjectreviews", {});
  assert.deepEqual(who["userInfo"], { username: "amy", groups: ["devs", "system:authenticated"] });
});

test("a service account's token is asked for, shown, reviewed, and ends with the account", async (t) => {
  const server = await start(t);
  const ref = { namespace: "default", name: "robot" };
  await server.client.create(ServiceAccount, { metadata: ref });
  const path = "/api/v1/namespaces/default/serviceaccounts/robot/token";
  const { token } = await post(server.client, path, { spec: {} });
  assert.ok(typeof token === "string");
  const robot = clientWith(server, token);
  const who = await post(robot, "/apis/authentication.k8s.io/v1/selfsubjectreviews", {});
  assert.equal((who["userInfo"] as { username: string }).username, "system:serviceaccount:default:robot");
  const reviewed = await post(server.client, "/apis/authentication.k8s.io/v1/tokenreviews", { spec: { token } });
  assert.equal(reviewed["authenticated"], true);
  const keys = parseJson((await robot.raw("GET", "/openid/v1/jwks")).body) as { keys: unknown[] };
  assert.equal(keys.keys.length, 1);
});

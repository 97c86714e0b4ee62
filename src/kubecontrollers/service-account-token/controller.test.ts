import assert from "node:assert/strict";
import { test } from "node:test";
import { Secret, ServiceAccount } from "#api/kinds.ts";
import { createClient } from "#client/rest-client.ts";
import { isApiError } from "#machinery/api-error.ts";
import { parseJson } from "#machinery/json.ts";
import { eventually } from "#std/testing.ts";
import { startTestPlane } from "../testing.ts";
import { serviceAccountTokens } from "./controller.ts";

test("a token secret is filled, its token works, and both go with the account", async (t) => {
  const { client, handle, stop } = await startTestPlane([serviceAccountTokens("PEM")]);
  t.after(stop);
  const ref = { namespace: "default", name: "robot" };
  await client.create(ServiceAccount, { metadata: ref });
  await client.create(Secret, {
    metadata: { ...ref, annotations: { "kubernetes.io/service-account.name": "robot" } },
    type: "kubernetes.io/service-account-token",
  });
  const data = await eventually("the token", async () => {
    const found = await client.get(Secret, ref);
    return (found.data?.["token"] ?? "") === "" ? undefined : found.data;
  });
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
  await eventually("the secret to go", async () => ((await client.find(Secret, ref)) === undefined ? true : undefined));
  await assert.rejects(robot.raw("GET", "/api/v1/namespaces"), (error) =>
    isApiError(error, "Unauthorized", "Forbidden"),
  );
});

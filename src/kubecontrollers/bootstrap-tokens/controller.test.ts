import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { ConfigMap, Namespace, Secret } from "#api/kinds.ts";
import { formatTime, systemClock } from "#std/time.ts";
import { eventually } from "#std/testing.ts";
import { startTestPlane } from "../testing.ts";
import { bootstrapSigner, tokenCleaner } from "./controller.ts";

const hour = 3_600_000;

const token = (id: string, more: Readonly<Record<string, string>> = {}) => ({
  metadata: { namespace: "kube-system", name: `bootstrap-token-${id}` },
  type: "bootstrap.kubernetes.io/token",
  data: Object.fromEntries(
    Object.entries({ "token-id": id, "token-secret": "0123456789abcdef", ...more }).map(([key, value]) => [
      key,
      Buffer.from(value).toString("base64"),
    ]),
  ),
});

test("cluster-info is signed with every token that may sign, and no other", async (t) => {
  const { client, stop } = await startTestPlane([bootstrapSigner]);
  t.after(stop);
  if ((await client.find(Namespace, { name: "kube-public" })) === undefined) {
    await client.create(Namespace, { metadata: { name: "kube-public" } });
  }
  const ref = { namespace: "kube-public", name: "cluster-info" };
  const signs = { "usage-bootstrap-signing": "true" };
  await client.create(Secret, token("aaaaaa", signs));
  await client.create(Secret, token("bbbbbb"));
  await client.create(Secret, token("cccccc", { ...signs, expiration: formatTime(systemClock.now() - hour) }));
  await client.create(ConfigMap, { metadata: ref, data: { kubeconfig: "x: y", "jws-kubeconfig-dddddd": "old" } });
  const signed = await eventually("the signature", async () => {
    const { data = {} } = await client.get(ConfigMap, ref);
    return "jws-kubeconfig-aaaaaa" in data && !("jws-kubeconfig-dddddd" in data) ? data : undefined;
  });
  assert.deepEqual(Object.keys(signed).sort(), ["jws-kubeconfig-aaaaaa", "kubeconfig"]);
  const [header = "", payload, signature] = (signed["jws-kubeconfig-aaaaaa"] ?? "").split(".");
  assert.equal(Buffer.from(header, "base64url").toString(), '{"alg":"HS256","kid":"aaaaaa"}');
  assert.equal(payload, "");
  const input = `${header}.${Buffer.from("x: y").toString("base64url")}`;
  assert.equal(signature, createHmac("sha256", "0123456789abcdef").update(input).digest("base64url"));
  await client.delete(Secret, { namespace: "kube-system", name: "bootstrap-token-aaaaaa" });
  await eventually("the signature to go with its token", async () => {
    const { data = {} } = await client.get(ConfigMap, ref);
    return "jws-kubeconfig-aaaaaa" in data ? undefined : data;
  });
});

test("expired tokens go, others stay", async (t) => {
  const { client, stop } = await startTestPlane([tokenCleaner]);
  t.after(stop);
  const of = (milliseconds: number) => ({ expiration: formatTime(systemClock.now() + milliseconds) });
  await client.create(Secret, token("aaaaaa", of(hour)));
  await client.create(Secret, token("bbbbbb"));
  await client.create(Secret, token("cccccc", of(-hour)));
  await eventually("the expired token to go", async () => {
    const { items } = await client.list(Secret, { namespace: "kube-system" });
    const names = items
      .filter(({ type }) => type === "bootstrap.kubernetes.io/token")
      .map(({ metadata }) => metadata.name);
    return names.includes("bootstrap-token-cccccc") ? undefined : names.length === 2 || undefined;
  });
});

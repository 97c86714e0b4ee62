import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { describe, test } from "node:test";
import { isApiError } from "#machinery/api-error.ts";
import type { KubeObject } from "#machinery/object.ts";
import { systemRandom } from "#std/random.ts";
import { type Clock, systemClock } from "#std/time.ts";
import type { VirtualRequest } from "../../options.ts";
import { jsonWebKeySet, loadSigningKey, signJwt, verifyJwt } from "./jwt.ts";
import { serviceAccountAuthenticator, type TokenObjectLookup } from "./service-account-authenticator.ts";
import { tokenRequest } from "./token-request.ts";

function newKey(type: "ec" | "rsa" = "ec") {
  const { privateKey } =
    type === "ec"
      ? generateKeyPairSync("ec", { namedCurve: "P-256" })
      : generateKeyPairSync("rsa", { modulusLength: 2048 });
  return loadSigningKey(privateKey.export({ type: "pkcs8", format: "pem" }).toString());
}

const key = newKey();
const issuer = "https://kubernetes.default.svc";

describe("tokens as such", () => {
  for (const type of ["ec", "rsa"] as const) {
    test(`an ${type} key signs and verifies`, () => {
      const signer = newKey(type);
      const token = signJwt({ iss: "me" }, signer);
      assert.deepEqual(verifyJwt(token, [key, signer]), { iss: "me" });
      assert.equal(verifyJwt(token, [key]), undefined, "another signer");
      const [head = "", , signature = ""] = token.split(".");
      const forged = Buffer.from('{"iss":"you"}').toString("base64url");
      assert.equal(verifyJwt(`${head}.${forged}.${signature}`, [signer]), undefined, "changed");
      assert.equal(verifyJwt(`${token}=`, [signer]), undefined, "another spelling");
      const unsigned = Buffer.from(JSON.stringify({ alg: "none", kid: signer.id })).toString("base64url");
      assert.equal(verifyJwt(`${unsigned}.${forged}.`, [signer]), undefined, "no algorithm");
      assert.equal(verifyJwt("x", [signer]), undefined);
    });
  }

  test("other curves are refused, private halves are never published", () => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-384" });
    assert.throws(() => loadSigningKey(privateKey.export({ type: "pkcs8", format: "pem" }).toString()), /P-256/);
    const [published] = jsonWebKeySet([key])["keys"] as Record<string, unknown>[];
    assert.deepEqual(Object.keys(published ?? {}).sort(), ["alg", "crv", "kid", "kty", "use", "x", "y"]);
  });
});

/** A server with objects that can go, and a clock that can be turned. */
function world() {
  const objects = new Map<string, KubeObject>();
  const put = (kind: string, name: string, uid: string, more: Record<string, unknown> = {}) =>
    objects.set(`${kind}/${name}`, { apiVersion: "v1", kind, ...more, metadata: { name, uid } });
  put("serviceaccount", "robot", "u1");
  put("secret", "s", "u2");
  put("pod", "p", "u3", { spec: { serviceAccountName: "robot", nodeName: "n" } });
  put("node", "n", "u4");
  let now = 1_800_000_000_000;
  const clock: Clock = { ...systemClock, now: () => now, monotonic: () => now };
  const lookup: TokenObjectLookup = (kind, ref) => Promise.resolve(objects.get(`${kind}/${ref.name}`));
  const audiences = [issuer];
  const issue = tokenRequest({ key, issuer, audiences, lookup, clock, random: systemRandom() });
  const authenticator = serviceAccountAuthenticator({ keys: [key], issuer, audiences, lookup, clock });
  const send = async (spec: Record<string, unknown>, name = "robot") => {
    const object = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", metadata: { name: "" }, spec };
    return issue({ object, namespace: "prod", name } as unknown as VirtualRequest);
  };
  return {
    objects,
    put,
    pass: (milliseconds: number) => (now += milliseconds),
    authenticator,
    issue: send,
    async token(spec: Record<string, unknown> = {}) {
      const { status } = await send(spec);
      return (status as { token: string }).token;
    },
  };
}

const refused = (error: unknown) => isApiError(error, "Unauthorized");

describe("service account tokens", () => {
  test("are issued with defaults and accepted", async () => {
    const { issue, authenticator } = world();
    const answer = await issue({});
    assert.deepEqual(answer.metadata, {
      name: "robot",
      namespace: "prod",
      creationTimestamp: "2027-01-15T08:00:00Z",
    });
    assert.deepEqual(answer["spec"], { audiences: [issuer], expirationSeconds: 3600, boundObjectRef: null });
    const { token, expirationTimestamp } = answer["status"] as { token: string; expirationTimestamp: string };
    assert.equal(expirationTimestamp, "2027-01-15T09:00:00Z");
    const user = await authenticator.authenticate(token);
    assert.deepEqual(
      { ...user, extra: undefined },
      {
        name: "system:serviceaccount:prod:robot",
        uid: "u1",
        groups: ["system:serviceaccounts", "system:serviceaccounts:prod"],
        extra: undefined,
      },
    );
    assert.match(user?.extra?.["authentication.kubernetes.io/credential-id"]?.[0] ?? "", /^JTI=[0-9a-f-]{36}$/);
  });

  test("a pod's token says which pod and node", async () => {
    const w = world();
    const token = await w.token({ boundObjectRef: { apiVersion: "v1", kind: "Pod", name: "p", uid: "u3" } });
    const { extra = {} } = (await w.authenticator.authenticate(token)) ?? {};
    assert.deepEqual(extra["authentication.kubernetes.io/pod-name"], ["p"]);
    assert.deepEqual(extra["authentication.kubernetes.io/node-uid"], ["u4"]);
  });

  test("end with their time, their account or the object they are bound to", async () => {
    const secret = { boundObjectRef: { apiVersion: "v1", kind: "Secret", name: "s" } };
    for (const { name, spec, change } of [
      { name: "time", spec: {}, change: (w: ReturnType<typeof world>) => w.pass(3_661_000) },
      {
        name: "account gone",
        spec: {},
        change: (w: ReturnType<typeof world>) => w.objects.delete("serviceaccount/robot"),
      },
      {
        name: "account anew",
        spec: {},
        change: (w: ReturnType<typeof world>) => w.put("serviceaccount", "robot", "x"),
      },
      { name: "secret gone", spec: secret, change: (w: ReturnType<typeof world>) => w.objects.delete("secret/s") },
    ]) {
      const w = world();
      const token = await w.token(spec);
      assert.ok(await w.authenticator.authenticate(token), name);
      change(w);
      w.pass(10_000);
      await assert.rejects(Promise.resolve(w.authenticator.authenticate(token)), refused, name);
    }
  });

  test("for others, or of others, are not accepted", async () => {
    const w = world();
    const foreign = await w.token({ audiences: ["vault"] });
    await assert.rejects(Promise.resolve(w.authenticator.authenticate(foreign)), refused);
    assert.deepEqual((await w.authenticator.review(foreign, ["vault", "x"]))?.audiences, ["vault"]);
    assert.equal(await w.authenticator.review(foreign, []), undefined);
    assert.equal(await w.authenticator.authenticate(signJwt({ iss: "elsewhere" }, key)), undefined);
    await assert.rejects(Promise.resolve(w.authenticator.authenticate(signJwt({ iss: issuer }, key))), refused);
    await assert.rejects(Promise.resolve(w.authenticator.authenticate(signJwt({ iss: issuer }, newKey()))), refused);
    assert.equal(await w.authenticator.authenticate("opaque"), undefined);
  });

  test("requests that make no sense", async () => {
    const { issue, put } = world();
    put("pod", "q", "u9", { spec: { serviceAccountName: "other" } });
    for (const { spec, name, message } of [
      {
        spec: { expirationSeconds: 60 },
        message:
          'TokenRequest.authentication.k8s.io "robot" is invalid: spec.expirationSeconds: Invalid value: 60: may not specify a duration less than 10 minutes',
      },
      { spec: {}, name: "nobody", message: 'serviceaccounts "nobody" not found' },
      {
        spec: { boundObjectRef: { apiVersion: "v1", kind: "ConfigMap", name: "x" } },
        message: "cannot bind token to object of type /v1, Kind=ConfigMap",
      },
      {
        spec: { boundObjectRef: { apiVersion: "apps/v1", kind: "constructor", name: "x" } },
        message: "cannot bind token to object of type apps/v1, Kind=constructor",
      },
      { spec: { boundObjectRef: { apiVersion: "v1", kind: "Pod", name: "x" } }, message: 'pods "x" not found' },
      {
        spec: { boundObjectRef: { apiVersion: "v1", kind: "Pod", name: "q" } },
        message: 'cannot bind token for serviceaccount "robot" to pod running with different serviceaccount name.',
      },
      {
        spec: { boundObjectRef: { apiVersion: "v1", kind: "Secret", name: "s", uid: "old" } },
        message:
          'Operation cannot be fulfilled on Secret "s": the UID in the bound object reference (old) does not match the UID in record. The object might have been deleted and then recreated',
      },
    ]) {
      await assert.rejects(issue(spec, name), { message });
    }
  });
});

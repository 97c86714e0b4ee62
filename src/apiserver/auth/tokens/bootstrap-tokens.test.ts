import assert from "node:assert/strict";
import { test } from "node:test";
import type { Secret } from "#api/kinds.ts";
import { isApiError } from "#machinery/api-error.ts";
import { systemClock } from "#std/time.ts";
import { bootstrapTokenAuthenticator } from "./bootstrap-tokens.ts";

const now = Date.parse("2026-01-01T00:00:00Z");
const token = "abcdef.0123456789abcdef";

function secret(data: Record<string, string> = {}, rest: Partial<Secret> = {}): Secret {
  const whole = {
    "token-id": "abcdef",
    "token-secret": "0123456789abcdef",
    "usage-bootstrap-authentication": "true",
    "auth-extra-groups": "system:bootstrappers:karmada:default-cluster-token",
    ...data,
  };
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { namespace: "kube-system", name: "bootstrap-token-abcdef" },
    type: "bootstrap.kubernetes.io/token",
    data: Object.fromEntries(Object.entries(whole).map(([key, text]) => [key, Buffer.from(text).toString("base64")])),
    ...rest,
  };
}

async function authenticate(given: string, stored: Secret | undefined) {
  const lookup = (name: string) => Promise.resolve(name === "bootstrap-token-abcdef" ? stored : undefined);
  return bootstrapTokenAuthenticator({ lookup, clock: { ...systemClock, now: () => now } })(given);
}

test("a good token is a bootstrapper", async () => {
  assert.deepEqual(await authenticate(token, secret({ expiration: "2026-01-02T00:00:00Z" })), {
    name: "system:bootstrap:abcdef",
    groups: ["system:bootstrappers", "system:bootstrappers:karmada:default-cluster-token"],
  });
});

test("tokens of another form are for others to judge", async () => {
  for (const given of ["", "abcdef", "ABCDEF.0123456789abcdef", `${token}0`, "a.b.c"]) {
    assert.equal(await authenticate(given, secret()), undefined, given);
  }
});

for (const { name, given, stored } of [
  { name: "an unknown one", given: "zzzzzz.0123456789abcdef", stored: secret() },
  { name: "another secret", given: "abcdef.0123456789abcdee", stored: secret() },
  { name: "an expired one", given: token, stored: secret({ expiration: "2025-12-31T23:59:59Z" }) },
  { name: "one whose end cannot be read", given: token, stored: secret({ expiration: "soon" }) },
  {
    name: "one that is not for authentication",
    given: token,
    stored: secret({ "usage-bootstrap-authentication": "no" }),
  },
  { name: "one with other groups", given: token, stored: secret({ "auth-extra-groups": "system:masters" }) },
  { name: "another type of secret", given: token, stored: secret({}, { type: "Opaque" }) },
  { name: "no secret", given: token, stored: undefined },
]) {
  test(`refuses ${name}`, async () => {
    await assert.rejects(authenticate(given, stored), (error) => isApiError(error, "Unauthorized"));
  });
}

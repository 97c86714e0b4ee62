import assert from "node:assert/strict";
import { test } from "node:test";
import type { Secret, ServiceAccount } from "#api/kinds.ts";
import { judgeTokenSecret, withToken } from "./decide.ts";

const robot: ServiceAccount = {
  apiVersion: "v1",
  kind: "ServiceAccount",
  metadata: { namespace: "prod", name: "robot", uid: "u1" },
};

function secret(fields: {
  readonly type?: string;
  readonly uid?: string;
  readonly data?: Record<string, string>;
}): Secret {
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: {
      namespace: "prod",
      name: "robot",
      annotations: {
        "kubernetes.io/service-account.name": "robot",
        ...(fields.uid === undefined ? {} : { "kubernetes.io/service-account.uid": fields.uid }),
      },
    },
    type: fields.type ?? "kubernetes.io/service-account-token",
    ...(fields.data === undefined ? {} : { data: fields.data }),
  };
}

const whole = { "ca.crt": "UEVN", namespace: "cHJvZA==", token: "dA==" };

for (const { name, given, account, expected } of [
  { name: "another type", given: secret({ type: "Opaque" }), account: robot, expected: { kind: "nothing" } },
  { name: "whole", given: secret({ uid: "u1", data: whole }), account: robot, expected: { kind: "nothing" } },
  { name: "no account", given: secret({}), account: undefined, expected: { kind: "delete" } },
  { name: "another account of that name", given: secret({ uid: "u0" }), account: robot, expected: { kind: "delete" } },
  {
    name: "empty",
    given: secret({}),
    account: robot,
    expected: {
      kind: "fill",
      needsToken: true,
      secret: secret({ uid: "u1", data: { "ca.crt": "UEVN", namespace: "cHJvZA==" } }),
    },
  },
  {
    name: "an old authority",
    given: secret({ uid: "u1", data: { ...whole, "ca.crt": "b2xk", extra: "eA==" } }),
    account: robot,
    expected: { kind: "fill", needsToken: false, secret: secret({ uid: "u1", data: { ...whole, extra: "eA==" } }) },
  },
]) {
  test(`judgeTokenSecret: ${name}`, () => {
    assert.deepEqual(judgeTokenSecret(given, account, "PEM"), expected);
  });
}

test("withToken", () => {
  assert.deepEqual(withToken(secret({ data: {} }), "t").data, { token: "dA==" });
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { userOfCertificate } from "./certificate-user.ts";

test("userOfCertificate", () => {
  for (const { given, expected } of [
    { given: {}, expected: undefined },
    { given: { subject: { O: "g" } }, expected: undefined },
    { given: { subject: { CN: "amy" } }, expected: { name: "amy", groups: [] } },
    {
      given: { subject: { CN: ["old", "amy"], O: ["a", "b"] }, fingerprint256: "AB:0C" },
      expected: {
        name: "amy",
        groups: ["a", "b"],
        extra: { "authentication.kubernetes.io/credential-id": ["X509SHA256=ab0c"] },
      },
    },
  ]) {
    assert.deepEqual(userOfCertificate(given), expected);
  }
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { CertificateSigningRequest } from "#api/kinds.ts";
import type { AdmissionRequest } from "#machinery/admission.ts";
import { certificateRequests } from "./certificate-requests.ts";

const spec = { signerName: "example.com/a", request: "" };
const old = { apiVersion: "certificates.k8s.io/v1", kind: "CertificateSigningRequest", metadata: { name: "x" }, spec };

function request(more: Partial<AdmissionRequest>): AdmissionRequest {
  return {
    ...{
      operation: "UPDATE",
      kind: CertificateSigningRequest,
      subresource: undefined,
      namespace: undefined,
      name: "x",
      dryRun: false,
    },
    object: { ...structuredClone(old) },
    old,
    user: { name: "alice", groups: ["devs"], uid: "7" },
    warn: () => undefined,
    ...more,
  };
}

const plugin = (...granted: readonly string[]) =>
  certificateRequests(({ verb, name }) => ({ allowed: granted.includes(`${verb} ${name}`), reason: "" }));

test("a request says who made it, whatever its author has written", () => {
  const object = {
    ...structuredClone(old),
    spec: { ...spec, username: "root", groups: ["system:masters"], extra: { a: ["b"] } },
  };
  void plugin().mutate?.(request({ operation: "CREATE", old: undefined, object }));
  assert.deepEqual(object.spec, { ...spec, username: "alice", uid: "7", groups: ["devs"] });
});

const refused = (verb: string) => ({
  code: 403,
  message: `certificatesigningrequests.certificates.k8s.io "x" is forbidden: user not permitted to ${verb} requests with signerName "example.com/a"`,
});

test("who approves must be allowed to for the signer, or for its domain", async () => {
  const approval = request({ subresource: "approval" });
  await assert.rejects(async () => plugin("approve example.com/b").validate?.(approval), refused("approve"));
  await plugin("approve example.com/a").validate?.(approval);
  await plugin("approve example.com/*").validate?.(approval);
});

test("who gives the certificate, or says that there will be none, must be allowed to sign", async () => {
  const withStatus = (status: object) =>
    request({ subresource: "status", object: { ...structuredClone(old), status } });
  for (const status of [{ certificate: "x" }, { conditions: [{ type: "Failed", status: "True" }] }]) {
    await assert.rejects(async () => plugin().validate?.(withStatus(status)), refused("sign"));
    await plugin("sign example.com/a").validate?.(withStatus(status));
  }
  await plugin().validate?.(withStatus({ conditions: [{ type: "Other", status: "True" }] }));
});

// Certificate signing requests say who made them, and are approved and signed only by who may do so for their signer.
// Upstream: kubernetes pkg/registry/certificates/certificates/strategy.go, plugin/pkg/admission/certificates/{approval,signing}.
import { childOf, itemsOf, textOf } from "#api/builtin/access.ts";
import type { AdmissionPlugin, AdmissionRequest } from "#machinery/admission.ts";
import { isRecord } from "#machinery/guards.ts";
import type { Authorizer } from "../auth/authorizer.ts";
import { refusedWrite } from "./refused-write.ts";

const group = "certificates.k8s.io";

export function certificateRequests(authorize: Authorizer): AdmissionPlugin {
  return {
    name: "CertificateRequests",
    mutate(request) {
      if (isRequest(request) && request.operation === "CREATE") setRequester(request);
    },
    async validate(request) {
      if (!isRequest(request) || request.operation !== "UPDATE") return;
      if (request.subresource === "approval") await mustBeAllowed("approve", request, authorize);
      if (request.subresource === "status" && isSigning(request)) await mustBeAllowed("sign", request, authorize);
    },
  };
}

function isRequest({ kind }: AdmissionRequest): boolean {
  return kind.group === group && kind.kind === "CertificateSigningRequest";
}

/** Whatever the client has written there. */
function setRequester({ object, user }: AdmissionRequest): void {
  const spec = object?.["spec"];
  if (!isRecord(spec)) return;
  for (const field of ["username", "uid", "groups", "extra"]) Reflect.deleteProperty(spec, field);
  spec["username"] = user.name;
  if (user.uid !== undefined && user.uid !== "") spec["uid"] = user.uid;
  if (user.groups.length > 0) spec["groups"] = [...user.groups];
  if (user.extra !== undefined) spec["extra"] = { ...user.extra };
}

/** A certificate is given, or the request is said to have failed. */
function isSigning({ object, old }: AdmissionRequest): boolean {
  const [now, before] = [childOf(object, "status"), childOf(old, "status")];
  const hasFailed = (status: typeof now): boolean =>
    itemsOf(status, "conditions").some((each) => textOf(each, "type") === "Failed");
  return textOf(now, "certificate") !== textOf(before, "certificate") || hasFailed(now) !== hasFailed(before);
}

/** By the signer's name, or by all names of its domain. */
async function mustBeAllowed(
  verb: string,
  { kind, user, old, name }: AdmissionRequest,
  authorize: Authorizer,
): Promise<void> {
  const signer = textOf(childOf(old, "spec"), "signerName");
  const [domain = ""] = signer.split("/");
  const about = {
    group,
    version: "*",
    resource: "signers",
    subresource: "",
    namespace: "",
    path: "",
    isResource: true,
  };
  for (const each of [signer, `${domain}/*`]) {
    const { allowed } = await authorize({ user, verb, ...about, name: each });
    if (allowed) return;
  }
  const why = `user not permitted to ${verb} requests with signerName ${JSON.stringify(signer)}`;
  throw refusedWrite(kind, name, "Forbidden", why);
}

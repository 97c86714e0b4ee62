// Approves, signs and removes certificate signing requests.
// Reads: certificatesigningrequests. Writes: their approval and status, subjectaccessreviews; deletes old ones.
// Upstream: kubernetes pkg/controller/certificates/{approver,signer,cleaner}.
import { X509Certificate } from "node:crypto";
import { CertificateSigningRequest, SubjectAccessReview } from "#api/kinds.ts";
import {
  type CertificateRequest,
  parseCertificateRequest,
  signCertificateRequest,
} from "#install/certificate-request.ts";
import type { KeyPair } from "#install/certificates.ts";
import { isApiError } from "#machinery/api-error.ts";
import {
  type Controller,
  type ControllerContext,
  defineController,
  done,
  requeueAfter,
  type Result,
} from "#runtime/index.ts";
import { formatTime } from "#std/time.ts";
import { approvalPermission, endOf, hasCondition, isToBeSigned, lifeOf, refusalOf } from "./decide.ts";

/** `authority` signs the certificates of clients that the API server knows by it. */
export function certificateSigning(authority: KeyPair): Controller {
  return defineController({
    name: "certificatesigningrequest-controller",
    for: [CertificateSigningRequest],
    options: {},
    async reconcile({ name }, context) {
      const request = context.informers.for(CertificateSigningRequest).get({ name });
      if (request === undefined || request.metadata.deletionTimestamp !== undefined) return done;
      try {
        return await handle(request, authority, context);
      } catch (error) {
        // Somebody else was faster: what they wrote comes as the next event.
        if (isApiError(error, "Conflict", "NotFound")) return done;
        throw error;
      }
    },
  });
}

async function handle(
  request: CertificateSigningRequest,
  authority: KeyPair,
  context: ControllerContext,
): Promise<Result> {
  const left = endOf(request, expiryOf(request)) - context.clock.now();
  if (left <= 0) {
    const { name, uid } = request.metadata;
    const preconditions = uid === undefined ? {} : { preconditions: { uid } };
    await context.client.delete(CertificateSigningRequest, { name }, { ...preconditions, signal: context.signal });
    return done;
  }
  const parsed = parsedOf(request);
  if (parsed === undefined) return requeueAfter(left);
  if (isToBeSigned(request)) await issue(request, parsed, authority, context);
  else if (!hasCondition(request, "Approved") && !hasCondition(request, "Denied"))
    await approve(request, parsed, context);
  return requeueAfter(left);
}

/** Undefined for a request that does not prove that it has its key: nobody can sign that. */
function parsedOf({ spec }: CertificateSigningRequest): CertificateRequest | undefined {
  try {
    return parseCertificateRequest(Buffer.from(spec.request, "base64").toString("utf8"));
  } catch {
    return undefined;
  }
}

function expiryOf({ status }: CertificateSigningRequest): number | undefined {
  const { certificate = "" } = status ?? {};
  if (certificate === "") return undefined;
  try {
    return new X509Certificate(Buffer.from(certificate, "base64")).validToDate.getTime();
  } catch {
    return undefined;
  }
}

async function issue(
  request: CertificateSigningRequest,
  parsed: CertificateRequest,
  authority: KeyPair,
  { client, clock, random, signal }: ControllerContext,
): Promise<void> {
  const { signerName, usages = [] } = request.spec;
  const now = clock.now();
  const refusal = refusalOf(signerName, parsed, usages);
  const status = { ...request.status };
  if (refusal === undefined) {
    const pem = signCertificateRequest(authority, parsed, { usages, random, ...lifeOf(request, now) });
    status.certificate = Buffer.from(pem).toString("base64");
  } else {
    const failed = { type: "Failed", status: "True", reason: "SignerValidationFailure", message: refusal };
    status.conditions = [...(status.conditions ?? []), { ...failed, ...stamps(now) }];
  }
  await client.update(CertificateSigningRequest, { ...request, status }, { subresource: "status", signal });
}

function stamps(now: number): { readonly lastUpdateTime: string; readonly lastTransitionTime: string } {
  return { lastUpdateTime: formatTime(now), lastTransitionTime: formatTime(now) };
}

/** Approves what the requester may ask for itself. */
async function approve(
  request: CertificateSigningRequest,
  parsed: CertificateRequest,
  { client, clock, signal }: ControllerContext,
): Promise<void> {
  const permission = approvalPermission(request, parsed);
  if (permission === undefined) return;
  const { username = "", uid, groups, extra } = request.spec;
  const review = await client.create(
    SubjectAccessReview,
    {
      metadata: { name: "" },
      spec: {
        user: username,
        ...(uid === undefined ? {} : { uid }),
        ...(groups === undefined ? {} : { groups }),
        ...(extra === undefined ? {} : { extra }),
        resourceAttributes: {
          ...{ group: "certificates.k8s.io", resource: "certificatesigningrequests", verb: "create" },
          subresource: permission.subresource,
        },
      },
    },
    { signal },
  );
  if (review.status?.allowed !== true) return;
  const approved = { type: "Approved", status: "True", reason: "AutoApproved", message: permission.message };
  const conditions = [...(request.status?.conditions ?? []), { ...approved, ...stamps(clock.now()) }];
  const changed = { ...request, status: { ...request.status, conditions } };
  await client.update(CertificateSigningRequest, changed, { subresource: "approval", signal });
}

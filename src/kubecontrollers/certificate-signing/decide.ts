// What becomes of certificate signing requests: who approves them, what signers accept, how long they stay. Pure.
// Upstream: kubernetes pkg/controller/certificates/{approver,signer,cleaner}.
import type { CertificateSigningRequest } from "#api/kinds.ts";
import { parseTime } from "#std/time.ts";

/** What a request says of who wants the certificate, and how many names of each kind it asks for. */
interface RequestedIdentity {
  readonly commonName: string;
  readonly organizations: readonly string[];
  readonly names: Readonly<Record<"dns" | "email" | "uri" | "ip", number>>;
}

const clientSigner = "kubernetes.io/kube-apiserver-client";
const nodeClientSigner = "kubernetes.io/kube-apiserver-client-kubelet";
const nodeServingSigner = "kubernetes.io/kubelet-serving";

const signers: ReadonlySet<string> = new Set([clientSigner, nodeClientSigner, nodeServingSigner]);
const nodesGroup = "system:nodes";
const mastersGroup = "system:masters";
const nodePrefix = "system:node:";

const [minute, hour, day] = [60_000, 3_600_000, 86_400_000];
const validityDefault = 365 * day;
const validityMin = 10 * minute;
const backdate = 5 * minute;
/** From here on the time before now counts as part of the certificate's life. */
const longLife = 8 * hour;

export function hasCondition(request: CertificateSigningRequest, type: string): boolean {
  return (
    request.status?.conditions?.some((condition) => condition.type === type && condition.status !== "False") ?? false
  );
}

/** Whether a signer of the cluster is to sign it now. */
export function isToBeSigned(request: CertificateSigningRequest): boolean {
  const isIssued = (request.status?.certificate ?? "") !== "";
  const isDecided = hasCondition(request, "Approved") && !hasCondition(request, "Denied");
  return signers.has(request.spec.signerName) && isDecided && !isIssued && !hasCondition(request, "Failed");
}

/** Why the signer does not sign; undefined: it does. `usages`: those that were asked for. */
export function refusalOf(signer: string, request: RequestedIdentity, usages: readonly string[]): string | undefined {
  switch (signer) {
    case clientSigner:
      return clientRefusal(request, usages);
    case nodeClientSigner:
      return nodeRefusal(request) ?? nodeClientRefusal(request, usages);
    default:
      return nodeRefusal(request) ?? nodeServingRefusal(request, usages);
  }
}

/** Nobody becomes a master by certificate; upstream refuses such requests when they are written. */
function clientRefusal({ organizations }: RequestedIdentity, usages: readonly string[]): string | undefined {
  if (organizations.includes(mastersGroup)) {
    return `use of ${clientSigner} signer with ${mastersGroup} group is not allowed`;
  }
  const allowed = ["client auth", "digital signature", "key encipherment"];
  const odd = usages.find((usage) => !allowed.includes(usage));
  if (odd !== undefined) return `invalid usage for client certificate: ${odd}`;
  return usages.includes("client auth") ? undefined : "missing required usage for client certificate: client auth";
}

function nodeRefusal({ organizations, commonName, names }: RequestedIdentity): string | undefined {
  if (organizations.length !== 1 || organizations[0] !== nodesGroup) return `subject organization is not ${nodesGroup}`;
  if (!commonName.startsWith(nodePrefix)) return `subject common name does not begin with ${nodePrefix}`;
  if (names.email > 0) return "Email subjectAltNames are not allowed";
  return names.uri > 0 ? "URI subjectAltNames are not allowed" : undefined;
}

function nodeClientRefusal({ names }: RequestedIdentity, usages: readonly string[]): string | undefined {
  if (names.dns > 0) return "DNS subjectAltNames are not allowed";
  if (names.ip > 0) return "IP subjectAltNames are not allowed";
  return usageRefusal(usages, "client auth");
}

function nodeServingRefusal({ names }: RequestedIdentity, usages: readonly string[]): string | undefined {
  return names.dns + names.ip === 0 ? "DNS or IP subjectAltName is required" : usageRefusal(usages, "server auth");
}

/** Exactly these, with key encipherment or without. */
function usageRefusal(usages: readonly string[], purpose: string): string | undefined {
  const wanted = [purpose, "digital signature", "key encipherment"];
  const isMatch =
    wanted.slice(0, 2).every((usage) => usages.includes(usage)) && usages.every((usage) => wanted.includes(usage));
  return isMatch ? undefined : `usages did not match [${purpose} digital signature key encipherment]`;
}

/** The life of a certificate that is signed at `now`, in milliseconds. */
export function lifeOf(
  request: CertificateSigningRequest,
  now: number,
): { readonly from: number; readonly until: number } {
  const asked = request.spec.expirationSeconds;
  const life = Math.max(validityMin, Math.min(asked === undefined ? validityDefault : asked * 1_000, validityDefault));
  return { from: now - backdate, until: now + life - (life >= longLife ? backdate : 0) };
}

/** What a requester must be allowed to create for its request to be approved by itself; undefined: it is left to people. */
export function approvalPermission(
  request: CertificateSigningRequest,
  parsed: RequestedIdentity,
): { readonly subresource: string; readonly message: string } | undefined {
  const { signerName, usages = [], username } = request.spec;
  if (signerName !== nodeClientSigner || refusalOf(nodeClientSigner, parsed, usages) !== undefined) return undefined;
  if (username === parsed.commonName) {
    const message = "Auto approving self kubelet client certificate after SubjectAccessReview.";
    return { subresource: "selfnodeclient", message };
  }
  return { subresource: "nodeclient", message: "Auto approving kubelet client certificate after SubjectAccessReview." };
}

const decidedStay = hour;
const undecidedStay = 24 * hour;

/** When the request may go, in milliseconds since 1970. `expiry`: the end of its certificate, where it has one. */
export function endOf(request: CertificateSigningRequest, expiry: number | undefined): number {
  const conditions = request.status?.conditions ?? [];
  const isIssued = (request.status?.certificate ?? "") !== "";
  const created = parseTime(request.metadata.creationTimestamp ?? "") ?? 0;
  const ends = conditions.flatMap(({ type, lastUpdateTime }) => {
    const counts = type === "Denied" || type === "Failed" || (type === "Approved" && isIssued);
    return counts ? [(parseTime(lastUpdateTime ?? "") ?? created) + decidedStay] : [];
  });
  const undecided = conditions.length === 0 ? [created + undecidedStay] : [];
  // Approved but never signed counts from its creation as well.
  const unsigned = conditions.length > 0 && ends.length === 0 ? [created + undecidedStay] : [];
  return Math.min(...ends, ...undecided, ...unsigned, ...(expiry === undefined ? [] : [expiry]));
}

// Which tokens sign cluster-info, and how. Pure.
// Upstream: kubernetes pkg/controller/bootstrap, k8s.io/cluster-bootstrap/token/jws.
import { createHmac } from "node:crypto";
import type { Secret } from "#api/kinds.ts";
import { parseTime } from "#std/time.ts";

export const bootstrapSecretType = "bootstrap.kubernetes.io/token";
const signaturePrefix = "jws-kubeconfig-";
const namePrefix = "bootstrap-token-";

function read({ data }: Secret, key: string): string {
  return Buffer.from(data?.[key] ?? "", "base64").toString("utf8");
}

/** When a token ends, in milliseconds since 1970; undefined: it is none, or has no end. */
export function expirationOf(secret: Secret): number | undefined {
  if (secret.type !== bootstrapSecretType) return undefined;
  const text = read(secret, "expiration");
  // An end that cannot be read is one that has been: a token must not live on by a typing error.
  return text === "" ? undefined : (parseTime(text) ?? 0);
}

/** `data` of cluster-info with a signature of its kubeconfig for each token that may sign, and no others. */
export function signedData(
  data: Readonly<Record<string, string>>,
  secrets: readonly Secret[],
  now: number,
): Readonly<Record<string, string>> {
  const { kubeconfig } = data;
  const rest = Object.entries(data).filter(([key]) => !key.startsWith(signaturePrefix));
  if (kubeconfig === undefined) return Object.fromEntries(rest);
  const signatures = secrets.flatMap((secret) => {
    const id = read(secret, "token-id");
    const isUsable =
      secret.metadata.name === `${namePrefix}${id}` && read(secret, "usage-bootstrap-signing") === "true";
    const end = expirationOf(secret) ?? Infinity;
    if (secret.type !== bootstrapSecretType || !isUsable || end <= now) return [];
    return [[`${signaturePrefix}${id}`, detachedSignature(kubeconfig, id, read(secret, "token-secret"))] as const];
  });
  return Object.fromEntries([...rest, ...signatures]);
}

/** A JWS (RFC 7515) by HMAC SHA-256, its payload left out. */
function detachedSignature(payload: string, id: string, secret: string): string {
  const header = Buffer.from(JSON.stringify({ alg: "HS256", kid: id })).toString("base64url");
  const signed = `${header}.${Buffer.from(payload).toString("base64url")}`;
  return `${header}..${createHmac("sha256", secret).update(signed).digest("base64url")}`;
}

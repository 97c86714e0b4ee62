// What a Secret of type kubernetes.io/service-account-token still needs. Pure.
// Upstream: kubernetes pkg/controller/serviceaccount/tokens_controller.go.
import type { Secret, ServiceAccount } from "#api/kinds.ts";

const tokenSecretType = "kubernetes.io/service-account-token";
const accountNameAnnotation = "kubernetes.io/service-account.name";
const accountUidAnnotation = "kubernetes.io/service-account.uid";

export type TokenSecretStep =
  | { readonly kind: "nothing" }
  /** Its account is gone, or another one of that name has come. */
  | { readonly kind: "delete" }
  /** `secret` is what to write; a token is to be put in first where there is none. */
  | { readonly kind: "fill"; readonly secret: Secret; readonly needsToken: boolean };

/** Which service account a secret is for, or undefined where it is no token secret. */
export function accountOf(secret: Secret): string | undefined {
  const name = secret.metadata.annotations?.[accountNameAnnotation] ?? "";
  return secret.type === tokenSecretType && name !== "" ? name : undefined;
}

/** `authority`: PEM of who signed the API server's certificate. */
export function judgeTokenSecret(
  secret: Secret,
  account: ServiceAccount | undefined,
  authority: string,
): TokenSecretStep {
  if (accountOf(secret) === undefined || secret.metadata.deletionTimestamp !== undefined) return { kind: "nothing" };
  const uid = account?.metadata.uid;
  const known = secret.metadata.annotations?.[accountUidAnnotation] ?? "";
  if (uid === undefined || (known !== "" && known !== uid)) return { kind: "delete" };
  const wanted = { "ca.crt": base64(authority), namespace: base64(secret.metadata.namespace ?? "") };
  const data = secret.data ?? {};
  const needsToken = (data["token"] ?? "") === "";
  const isWhole = known === uid && data["ca.crt"] === wanted["ca.crt"] && data["namespace"] === wanted.namespace;
  if (isWhole && !needsToken) return { kind: "nothing" };
  const annotations = { ...secret.metadata.annotations, [accountUidAnnotation]: uid };
  const filled: Secret = {
    ...secret,
    metadata: { ...secret.metadata, annotations },
    data: { ...data, ...wanted },
  };
  return { kind: "fill", secret: filled, needsToken };
}

/** The secret with its token. */
export function withToken(secret: Secret, token: string): Secret {
  return { ...secret, data: { ...secret.data, token: base64(token) } };
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

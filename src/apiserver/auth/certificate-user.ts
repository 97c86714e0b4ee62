// Who a client certificate speaks for. Only for certificates that TLS has verified.
// Upstream: k8s.io/apiserver/pkg/authentication/request/x509/x509.go (CommonNameUserConversion).
import type { UserInfo } from "#machinery/http.ts";

/** What node:tls tells of a peer's certificate, as far as it is read here. */
export interface PeerCertificateFields {
  readonly subject?: {
    readonly CN?: string | readonly string[] | undefined;
    readonly O?: string | readonly string[] | undefined;
  };
  /** `AB:CD:…`. */
  readonly fingerprint256?: string;
}

/** The common name is the user, organizations are its groups; a certificate without a name is nobody's. */
export function userOfCertificate({ subject, fingerprint256 }: PeerCertificateFields): UserInfo | undefined {
  const name = listOf(subject?.CN).at(-1) ?? "";
  if (name === "") return undefined;
  const digest = fingerprint256?.replaceAll(":", "").toLowerCase() ?? "";
  return {
    name,
    groups: listOf(subject?.O),
    ...(digest === "" ? {} : { extra: { "authentication.kubernetes.io/credential-id": [`X509SHA256=${digest}`] } }),
  };
}

function listOf(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  return typeof value === "string" ? [value] : value;
}

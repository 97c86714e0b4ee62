// Who is at the other end of a TLS connection, by its client certificate. Asked for, never required: others bring tokens.
// Upstream: k8s.io/apiserver/pkg/authentication/request/x509/x509.go.
import type { TLSSocket } from "node:tls";
import type { UserInfo } from "#machinery/http.ts";

export type PeerIdentity =
  | { readonly kind: "none" }
  /** A certificate that our authority has not signed, or that is out of date. */
  | { readonly kind: "unverified" }
  | { readonly kind: "user"; readonly user: UserInfo };

/** Identities by connection: a certificate is read once, not with every request. */
export class PeerIdentities {
  readonly #known = new WeakMap<TLSSocket, PeerIdentity>();

  of(socket: TLSSocket): PeerIdentity {
    let identity = this.#known.get(socket);
    if (identity === undefined) {
      identity = readIdentity(socket);
      this.#known.set(socket, identity);
    }
    return identity;
  }
}

/**
 * Whether a request is refused for the certificate it came with: one that is not ours is no visitor's card, only a good token
 * makes up for it.
 */
export function isRefused(identity: PeerIdentity, headers: Readonly<Record<string, string>>): boolean {
  return identity.kind === "unverified" && headers["authorization"] === undefined;
}

function readIdentity(socket: TLSSocket): PeerIdentity {
  const certificate: unknown = socket.getPeerCertificate();
  if (typeof certificate !== "object" || certificate === null || !("subject" in certificate)) return { kind: "none" };
  if (!socket.authorized) return { kind: "unverified" };
  return identityOfSubject(certificate.subject);
}

/** The common name is the user, the organizations are its groups. One of them comes as a text, several as a list. */
function identityOfSubject(subject: unknown): PeerIdentity {
  if (typeof subject !== "object" || subject === null) return { kind: "unverified" };
  const [name] = "CN" in subject ? texts(subject.CN) : [];
  if (name === undefined || name === "") return { kind: "unverified" };
  return { kind: "user", user: { name, groups: "O" in subject ? texts(subject.O) : [] } };
}

function texts(value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.filter((item) => typeof item === "string");
}

// Signs and verifies JSON Web Tokens with the two algorithms that Kubernetes' service accounts use. Nothing else of JOSE.
// Upstream: kubernetes pkg/serviceaccount/jwt.go.
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { fieldOf, isRecord, isString } from "#machinery/guards.ts";

/** A key that signs tokens. The private half stays in here. */
export interface SigningKey {
  /** `kid`: the base64url SHA-256 of the public key, as upstream computes it. */
  readonly id: string;
  readonly algorithm: "ES256" | "RS256";
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** Tokens longer than this are refused unread. */
const tokenLengthMax = 16 * 1024;

/** Reads a PEM private key: P-256 or RSA. Throws a plain Error for any other. */
export function loadSigningKey(pem: string): SigningKey {
  const privateKey = createPrivateKey(pem);
  const publicKey = createPublicKey(privateKey);
  const id = createHash("sha256")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest("base64url");
  if (privateKey.asymmetricKeyType === "rsa") return { id, algorithm: "RS256", privateKey, publicKey };
  if (privateKey.asymmetricKeyDetails?.namedCurve === "prime256v1") {
    return { id, algorithm: "ES256", privateKey, publicKey };
  }
  throw new Error("a service account signing key must be an RSA key or an EC key on curve P-256");
}

/** The compact form of a token with these claims. */
export function signJwt(claims: Readonly<Record<string, unknown>>, key: SigningKey): string {
  const head = encode({ alg: key.algorithm, kid: key.id });
  const text = `${head}.${encode(claims)}`;
  const signature = sign("sha256", Buffer.from(text), { key: key.privateKey, dsaEncoding: "ieee-p1363" });
  return `${text}.${signature.toString("base64url")}`;
}

/**
 * The claims of a token that one of `keys` has signed, or undefined: not a token, of another signer, or changed. The
 * algorithm is the key's: what the token says of itself is never trusted.
 */
export function verifyJwt(token: string, keys: readonly SigningKey[]): Readonly<Record<string, unknown>> | undefined {
  if (token.length > tokenLengthMax) return undefined;
  const [head, body, signature, ...rest] = token.split(".");
  if (head === undefined || body === undefined || signature === undefined || rest.length > 0) return undefined;
  const header = decode(head);
  const key = keys.find(({ id, algorithm }) => id === fieldOf(header, "kid") && algorithm === fieldOf(header, "alg"));
  if (key === undefined || !hasValidSignature(`${head}.${body}`, signature, key)) return undefined;
  const claims = decode(body);
  return isRecord(claims) ? claims : undefined;
}

/** The claims of a token as it states them, unverified: only to choose who should verify it. */
export function unverifiedIssuer(token: string): string | undefined {
  if (token.length > tokenLengthMax) return undefined;
  const issuer = fieldOf(decode(token.split(".")[1] ?? ""), "iss");
  return isString(issuer) ? issuer : undefined;
}

/** The public halves, as `/openid/v1/jwks` tells them. */
export function jsonWebKeySet(keys: readonly SigningKey[]): Readonly<Record<string, unknown>> {
  return {
    keys: keys.map(({ id, algorithm, publicKey }) => ({
      use: "sig",
      kid: id,
      alg: algorithm,
      ...publicKey.export({ format: "jwk" }),
    })),
  };
}

function hasValidSignature(text: string, signature: string, key: SigningKey): boolean {
  const bytes = Buffer.from(signature, "base64url");
  // Only one spelling of a signature is its signature: decoding is lenient, so the round trip is checked.
  if (bytes.toString("base64url") !== signature) return false;
  return verify("sha256", Buffer.from(text), { key: key.publicKey, dsaEncoding: "ieee-p1363" }, bytes);
}

function encode(value: Readonly<Record<string, unknown>>): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function decode(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
  } catch {
    return undefined;
  }
}

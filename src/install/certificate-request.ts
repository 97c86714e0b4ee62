// Reads certificate requests (PKCS #10, RFC 2986) and signs them. Requests come from users: nothing in them is believed
// before their own signature holds. Upstream: kubernetes pkg/controller/certificates/{authority,signer}.
import { createPrivateKey, createPublicKey, type KeyObject, verify, X509Certificate } from "node:crypto";
import type { Random } from "#std/random.ts";
import {
  authorityKeyExtension,
  extension,
  extensionIds,
  type KeyPair,
  serialNumber,
  signCertificate,
  subjectOf,
} from "./certificates.ts";
import { bits, type DerValue, oid, readDer, sequence, time } from "./der.ts";

export interface CertificateRequest {
  readonly commonName: string;
  readonly organizations: readonly string[];
  /** Names beside the subject, by kind. */
  readonly names: Readonly<Record<"dns" | "email" | "uri" | "ip", number>>;
  /** As they stand in the request, DER. */
  readonly subject: Buffer;
  readonly alternativeNames: Buffer | undefined;
  readonly publicKey: Buffer;
}

/** Longer requests are refused: no key or name needs them. */
const requestBytesMax = 64 * 1024;
const commonNameId = oid("2.5.4.3");
const organizationId = oid("2.5.4.10");
const extensionRequestId = oid("1.2.840.113549.1.9.14");

/** How signatures are made, by the identifier in the request: the hash, or none for Ed25519. */
const hashes: readonly (readonly [Buffer, string | null])[] = [
  [oid("1.2.840.10045.4.3.2"), "sha256"],
  [oid("1.2.840.10045.4.3.3"), "sha384"],
  [oid("1.2.840.10045.4.3.4"), "sha512"],
  [oid("1.2.840.113549.1.1.11"), "sha256"],
  [oid("1.2.840.113549.1.1.12"), "sha384"],
  [oid("1.2.840.113549.1.1.13"), "sha512"],
  [oid("1.3.101.112"), null],
];

/** Reads one PEM block CERTIFICATE REQUEST. Throws RangeError where it is none or is not signed with its own key. */
export function parseCertificateRequest(pem: string): CertificateRequest {
  const match =
    /^\s*-----BEGIN CERTIFICATE REQUEST-----\n([A-Za-z0-9+/=\r\n]+)-----END CERTIFICATE REQUEST-----\s*$/.exec(pem);
  if (match === null || pem.length > requestBytesMax)
    throw new RangeError("PEM block type must be CERTIFICATE REQUEST");
  const [whole] = readDer(Buffer.from(match[1] ?? "", "base64"));
  const [info, algorithm, signature] = readDer(contentOf(whole));
  const [, subject, key, attributes] = readDer(contentOf(info));
  if (info === undefined || subject === undefined || key === undefined)
    throw new RangeError("the request is not whole");
  const publicKey = createPublicKey({ key: key.whole, format: "der", type: "spki" });
  checkSignature(info.whole, algorithm, signature, publicKey);
  const alternativeNames = alternativeNamesIn(attributes);
  return {
    commonName: namesOf(subject, commonNameId)[0] ?? "",
    organizations: namesOf(subject, organizationId),
    names: countNames(alternativeNames),
    subject: subject.whole,
    alternativeNames,
    publicKey: key.whole,
  };
}

function contentOf(value: DerValue | undefined): Buffer {
  if (value === undefined) throw new RangeError("the request is not whole");
  return value.content;
}

function checkSignature(
  signedPart: Buffer,
  algorithm: DerValue | undefined,
  signature: DerValue | undefined,
  publicKey: KeyObject,
): void {
  const [id] = readDer(contentOf(algorithm));
  const hash = hashes.find(([known]) => id !== undefined && known.equals(id.whole));
  if (hash === undefined) throw new RangeError("the request is signed in a way that is not known here");
  // The first octet of a bit string counts the bits that do not.
  const isSigned = verify(
    hash[1],
    signedPart,
    { key: publicKey, dsaEncoding: "der" },
    contentOf(signature).subarray(1),
  );
  if (!isSigned) throw new RangeError("the request's own signature does not hold");
}

function namesOf(subject: DerValue, wanted: Buffer): readonly string[] {
  return readDer(subject.content).flatMap((relative) =>
    readDer(relative.content).flatMap((pair) => {
      const [id, value] = readDer(pair.content);
      return id !== undefined && value !== undefined && id.whole.equals(wanted) ? [value.content.toString("utf8")] : [];
    }),
  );
}

/** The content of the extension that the request asks for. */
function alternativeNamesIn(attributes: DerValue | undefined): Buffer | undefined {
  for (const attribute of attributes === undefined ? [] : readDer(attributes.content)) {
    const [id, values] = readDer(attribute.content);
    if (id === undefined || values === undefined || !id.whole.equals(extensionRequestId)) continue;
    for (const list of readDer(values.content)) {
      for (const asked of readDer(list.content)) {
        const parts = readDer(asked.content);
        if (parts[0]?.whole.equals(extensionIds.subjectAlternativeName) === true) return parts.at(-1)?.content;
      }
    }
  }
  return undefined;
}

function countNames(alternativeNames: Buffer | undefined): CertificateRequest["names"] {
  const [list] = alternativeNames === undefined ? [] : readDer(alternativeNames);
  const kinds = list === undefined ? [] : readDer(list.content).map(({ tag }) => tag);
  const count = (tag: number): number => kinds.filter((each) => each === tag).length;
  return { email: count(0x81), dns: count(0x82), uri: count(0x86), ip: count(0x87) };
}

const keyUsageBits: ReadonlyMap<string, number> = new Map([
  ["digital signature", 0x80],
  ["signing", 0x80],
  ["content commitment", 0x40],
  ["key encipherment", 0x20],
  ["data encipherment", 0x10],
  ["key agreement", 0x08],
]);
const purposes: ReadonlyMap<string, Buffer> = new Map([
  ["any", oid("2.5.29.37.0")],
  ["server auth", oid("1.3.6.1.5.5.7.3.1")],
  ["client auth", oid("1.3.6.1.5.5.7.3.2")],
  ["code signing", oid("1.3.6.1.5.5.7.3.3")],
  ["email protection", oid("1.3.6.1.5.5.7.3.4")],
  ["timestamping", oid("1.3.6.1.5.5.7.3.8")],
  ["ocsp signing", oid("1.3.6.1.5.5.7.3.9")],
]);

export interface SigningOptions {
  /** Kubernetes' words: `client auth`, `digital signature`, … */
  readonly usages: readonly string[];
  /** Milliseconds since 1970. */
  readonly from: number;
  /** Cut to the authority's own end. */
  readonly until: number;
  readonly random: Random;
}

/** The certificate as PEM: the request's subject, key and names, never an authority. */
export function signCertificateRequest(
  authority: KeyPair,
  request: CertificateRequest,
  options: SigningOptions,
): string {
  const { usages, from, until, random } = options;
  const above = new X509Certificate(authority.certificate);
  const end = Math.min(until, above.validToDate.getTime());
  const octet = usages.reduce((sum, usage) => sum | (keyUsageBits.get(usage) ?? 0), 0);
  const asked = usages.flatMap((usage) => purposes.get(usage) ?? []);
  const { alternativeNames } = request;
  const extensions = [
    ...(octet === 0 ? [] : [extension(extensionIds.keyUsage, bits(Buffer.from([octet]), trailingZeros(octet)), true)]),
    ...(asked.length === 0 ? [] : [extension(extensionIds.extendedKeyUsage, sequence(...asked))]),
    extension(extensionIds.basicConstraints, sequence(), true),
    authorityKeyExtension(above),
    ...(alternativeNames === undefined ? [] : [extension(extensionIds.subjectAlternativeName, alternativeNames)]),
  ];
  const body = {
    serialNumber: serialNumber(random),
    name: request.subject,
    issuer: subjectOf(above),
    from: time(from),
    until: time(end),
    publicKey: request.publicKey,
    extensions,
  };
  return signCertificate(body, createPrivateKey(authority.privateKey));
}

function trailingZeros(octet: number): number {
  let count = 0;
  while (((octet >> count) & 1) === 0) count += 1;
  return count;
}

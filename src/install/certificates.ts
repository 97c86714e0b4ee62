// Issues the certificates of a control plane: its authorities, its servers and its users. P-256 keys throughout, made and
// signed by node:crypto; the certificates around them are written here, a few fixed forms that an X.509 library would take
// half a second to load and to fill. Upstream: k8s.io/client-go/util/cert, kubeadm's pkiutil; RFC 5280.
import { createHash, createPrivateKey, generateKeyPair, type KeyObject, sign, X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { promisify } from "node:util";
import type { Random } from "#std/random.ts";
import type { Clock } from "#std/time.ts";
import { bits, der, octets, oid, readDer, sequence, set, tags, time } from "./der.ts";

/** A certificate and its private key (PKCS #8), both as PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly privateKey: string;
}

interface IssueOptions {
  readonly commonName: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Milliseconds from now. */
  readonly validity?: number;
}

export interface ServerCertificateOptions extends IssueOptions {
  /** DNS names and IP addresses that clients may dial. */
  readonly hosts: readonly string[];
}

export interface ClientCertificateOptions extends IssueOptions {
  /** The user's groups. */
  readonly organizations?: readonly string[];
}

const dayMilliseconds = 24 * 60 * 60 * 1000;
const authorityValidityDefault = 3650 * dayMilliseconds;
const certificateValidityDefault = 365 * dayMilliseconds;
/** Certificates are valid from a little before they were made, for peers whose clock is behind. */
const clockSkewMilliseconds = 5 * 60 * 1000;
/** A certificate is due for renewal in the last fifth of its life. */
const renewalFraction = 1 / 5;
/** Words of 32 bits. RFC 5280 allows 20 octets and public practice asks for 64 bits of chance. */
const serialNumberWords = 4;

const signatureAlgorithm = sequence(oid("1.2.840.10045.4.3.2")); // ecdsa-with-SHA256
const names = { commonName: oid("2.5.4.3"), organization: oid("2.5.4.10") } as const;
const purposes = { server: oid("1.3.6.1.5.5.7.3.1"), client: oid("1.3.6.1.5.5.7.3.2") } as const;
export const extensionIds = {
  subjectKey: oid("2.5.29.14"),
  keyUsage: oid("2.5.29.15"),
  subjectAlternativeName: oid("2.5.29.17"),
  basicConstraints: oid("2.5.29.19"),
  authorityKey: oid("2.5.29.35"),
  extendedKeyUsage: oid("2.5.29.37"),
} as const;
const yes = der(tags.boolean, Buffer.from([0xff]));
/** Bits of KeyUsage, with how many of the octet do not count: digitalSignature; that and keyCertSign and cRLSign. */
const usage = { leaf: bits(Buffer.from([0x80]), 7), authority: bits(Buffer.from([0x86]), 1) } as const;

const generateKeyPairAsync = promisify(generateKeyPair);

/** Makes a self-signed authority. */
export async function createAuthority(options: IssueOptions): Promise<KeyPair> {
  const { publicKey, privateKey } = await generateKeys();
  const name = subject(options.commonName);
  const extensions = [
    extension(extensionIds.basicConstraints, sequence(yes), true),
    extension(extensionIds.keyUsage, usage.authority, true),
    extension(extensionIds.subjectKey, octets(keyIdentifier(publicKey))),
  ];
  const body = { name, issuer: name, publicKey, extensions, ...lifetime(options, authorityValidityDefault) };
  return pairOf(body, privateKey, privateKey);
}

/** Issues a certificate with which a server proves that it is reached by one of `hosts`. */
export async function issueServerCertificate(authority: KeyPair, options: ServerCertificateOptions): Promise<KeyPair> {
  return issue(authority, options, subject(options.commonName), [
    extension(extensionIds.extendedKeyUsage, sequence(purposes.server)),
    extension(extensionIds.subjectAlternativeName, sequence(...options.hosts.map(alternativeName))),
  ]);
}

/** Issues a certificate that says who a client is: the common name is the user, organizations are its groups. */
export async function issueClientCertificate(authority: KeyPair, options: ClientCertificateOptions): Promise<KeyPair> {
  return issue(authority, options, subject(options.commonName, options.organizations), [
    extension(extensionIds.extendedKeyUsage, sequence(purposes.client)),
  ]);
}

/**
 * Whether a certificate should be issued anew: in the last fifth of its life, unreadable, not signed by `issuer` (its
 * authority was replaced), or not valid for one of `hosts`. `now` in milliseconds.
 */
export function needsRenewal(
  certificate: string,
  now: number,
  wanted: { readonly issuer?: string; readonly hosts?: readonly string[] } = {},
): boolean {
  try {
    const parsed = new X509Certificate(certificate);
    const from = parsed.validFromDate.getTime();
    const to = parsed.validToDate.getTime();
    if (now < from || now > to - (to - from) * renewalFraction) return true;
    if (wanted.issuer !== undefined && !parsed.verify(new X509Certificate(wanted.issuer).publicKey)) return true;
    return wanted.hosts?.some((host) => !isValidFor(parsed, host)) === true;
  } catch {
    return true; // What cannot be read is of no use to anyone.
  }
}

/** Whether the private key belongs to the certificate. False for anything unreadable. */
export function isMatchingPair(pair: KeyPair): boolean {
  try {
    return new X509Certificate(pair.certificate).checkPrivateKey(createPrivateKey(pair.privateKey));
  } catch {
    return false;
  }
}

function isValidFor(certificate: X509Certificate, host: string): boolean {
  return (isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host)) !== undefined;
}

async function issue(
  authority: KeyPair,
  options: IssueOptions,
  name: Buffer,
  own: readonly Buffer[],
): Promise<KeyPair> {
  const { publicKey, privateKey } = await generateKeys();
  const above = new X509Certificate(authority.certificate);
  const extensions = [
    extension(extensionIds.basicConstraints, sequence(), true),
    extension(extensionIds.keyUsage, usage.leaf, true),
    ...own,
    authorityKeyExtension(above),
  ];
  const life = lifetime(options, certificateValidityDefault);
  const body = { name, issuer: subjectOf(above), publicKey, extensions, ...life };
  return pairOf(body, privateKey, createPrivateKey(authority.privateKey));
}

/** Names the key that signs. */
export function authorityKeyExtension(authority: X509Certificate): Buffer {
  const key = authority.publicKey.export({ type: "spki", format: "der" });
  return extension(extensionIds.authorityKey, sequence(der(0x80, keyIdentifier(key))));
}

/** What a certificate says. DER throughout. */
export interface CertificateBody {
  readonly serialNumber: Buffer;
  readonly name: Buffer;
  readonly issuer: Buffer;
  readonly from: Buffer;
  readonly until: Buffer;
  /** SubjectPublicKeyInfo. */
  readonly publicKey: Buffer;
  readonly extensions: readonly Buffer[];
}

/** The certificate as PEM. */
export function signCertificate(body: CertificateBody, signingKey: KeyObject): string {
  const version3 = der(0xa0, der(tags.integer, Buffer.from([2])));
  const { serialNumber, name, issuer, from, until, publicKey, extensions } = body;
  const toBeSigned = sequence(
    ...[version3, serialNumber, signatureAlgorithm, issuer, sequence(from, until), name, publicKey],
    der(0xa3, sequence(...extensions)),
  );
  const signature = sign("sha256", toBeSigned, { key: signingKey, dsaEncoding: "der" });
  return pemOf("CERTIFICATE", sequence(toBeSigned, signatureAlgorithm, bits(signature)));
}

function pairOf(body: CertificateBody, privateKey: KeyObject, signingKey: KeyObject): KeyPair {
  return {
    certificate: signCertificate(body, signingKey),
    privateKey: pemOf("PRIVATE KEY", privateKey.export({ type: "pkcs8", format: "der" })),
  };
}

export function extension(id: Buffer, value: Buffer, isCritical = false): Buffer {
  return sequence(id, ...(isCritical ? [yes] : []), octets(value));
}

/** One relative name per group, as kubeadm writes them. */
function subject(commonName: string, organizations: readonly string[] = []): Buffer {
  const part = (id: Buffer, text: string): Buffer => set(sequence(id, der(tags.utf8, Buffer.from(text))));
  return sequence(
    ...organizations.map((organization) => part(names.organization, organization)),
    part(names.commonName, commonName),
  );
}

/** The subject's name as it stands in the certificate: an issuer's name must be the same to the byte. */
export function subjectOf(certificate: X509Certificate): Buffer {
  const [whole] = readDer(certificate.raw);
  const [body] = readDer(whole?.content ?? Buffer.alloc(0));
  const [, , , , , name] = readDer(body?.content ?? Buffer.alloc(0));
  if (name === undefined) throw new Error("the authority's certificate has no subject");
  return name.whole;
}

function alternativeName(host: string): Buffer {
  const version = isIP(host);
  if (version === 0) return der(0x82, Buffer.from(host));
  return der(0x87, version === 4 ? Buffer.from(host.split(".").map(Number)) : addressOf6(host));
}

/** The 16 octets of an IPv6 address. URL writes it in one form: lower case, hexadecimal, at most one `::`. */
function addressOf6(host: string): Buffer {
  const [before = "", after] = new URL(`http://[${host}]`).hostname.slice(1, -1).split("::");
  const groups = (text: string): string[] => text.split(":").filter((group) => group !== "");
  const [head, tail] = [groups(before), groups(after ?? "")];
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => "0");
  return Buffer.from([...head, ...zeros, ...tail].map((group) => group.padStart(4, "0")).join(""), "hex");
}

/** RFC 5280, 4.2.1.2, method 1: the hash of the key's bits, which end a P-256 key's SubjectPublicKeyInfo. */
function keyIdentifier(publicKey: Buffer): Buffer {
  const [whole] = readDer(publicKey);
  const [, key] = readDer(whole?.content ?? Buffer.alloc(0));
  return createHash("sha1")
    .update(key?.content.subarray(1) ?? "")
    .digest();
}

function lifetime(
  { clock, random, validity }: IssueOptions,
  validityDefault: number,
): Pick<CertificateBody, "serialNumber" | "from" | "until"> {
  const now = clock.now();
  const until = time(now + (validity ?? validityDefault));
  return { serialNumber: serialNumber(random), from: time(now - clockSkewMilliseconds), until };
}

/** A positive INTEGER of 16 octets: the first is neither zero nor read as a sign. */
export function serialNumber(random: Random): Buffer {
  const words = Array.from({ length: serialNumberWords }, () => random.uint32());
  const first = ((words[0] ?? 0) & 0x3fffffff) | 0x40000000;
  const hex = [first, ...words.slice(1)].map((word) => word.toString(16).padStart(8, "0")).join("");
  return der(tags.integer, Buffer.from(hex, "hex"));
}

async function generateKeys(): Promise<{ readonly publicKey: Buffer; readonly privateKey: KeyObject }> {
  const { publicKey, privateKey } = await generateKeyPairAsync("ec", { namedCurve: "P-256" });
  return { publicKey: publicKey.export({ type: "spki", format: "der" }), privateKey };
}

function pemOf(label: string, bytes: Buffer): string {
  const lines = bytes.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

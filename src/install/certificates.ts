// Issues the certificates of a control plane: its authorities, its servers and its users. P-256 keys throughout.
// The X.509 library costs about 0.1 s to load, so it is imported by the first certificate that is issued; a start that
// finds everything in place only reads, with node:crypto. Upstream: k8s.io/client-go/util/cert, kubeadm's pkiutil.
import { createPrivateKey, webcrypto, X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import type * as X509 from "@peculiar/x509";
import type { Random } from "#std/random.ts";
import type { Clock } from "#std/time.ts";

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

const keyAlgorithm = { name: "ECDSA", namedCurve: "P-256" };
const signingAlgorithm = { name: "ECDSA", hash: "SHA-256" };

/** Makes a self-signed authority. */
export async function createAuthority(options: IssueOptions): Promise<KeyPair> {
  const x509 = await loadLibrary();
  const keys = await generateKeys();
  const usages = x509.KeyUsageFlags;
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      ...lifetime(options, authorityValidityDefault),
      name: subject(options.commonName),
      keys,
      signingAlgorithm,
      extensions: [
        new x509.BasicConstraintsExtension(true, undefined, true),
        new x509.KeyUsagesExtension(usages.digitalSignature | usages.keyCertSign | usages.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  );
  return { certificate: pemText(certificate.toString("pem")), privateKey: await exportKey(keys.privateKey) };
}

/** Issues a certificate with which a server proves that it is reached by one of `hosts`. */
export async function issueServerCertificate(authority: KeyPair, options: ServerCertificateOptions): Promise<KeyPair> {
  const x509 = await loadLibrary();
  const names = options.hosts.map((host) => ({ type: isIP(host) === 0 ? "dns" : "ip", value: host }) as const);
  return issue(authority, options, subject(options.commonName), [
    new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
    new x509.SubjectAlternativeNameExtension(names),
  ]);
}

/** Issues a certificate that says who a client is: the common name is the user, organizations are its groups. */
export async function issueClientCertificate(authority: KeyPair, options: ClientCertificateOptions): Promise<KeyPair> {
  const x509 = await loadLibrary();
  return issue(authority, options, subject(options.commonName, options.organizations), [
    new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
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
  name: X509.X509CertificateCreateParamsName,
  extensions: readonly X509.Extension[],
): Promise<KeyPair> {
  const x509 = await loadLibrary();
  const keys = await generateKeys();
  const issuer = new x509.X509Certificate(authority.certificate);
  const certificate = await x509.X509CertificateGenerator.create(
    {
      ...lifetime(options, certificateValidityDefault),
      subject: name,
      issuer: issuer.subjectName,
      publicKey: keys.publicKey,
      signingKey: await importKey(authority.privateKey),
      signingAlgorithm,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        ...extensions,
        await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  );
  return { certificate: pemText(certificate.toString("pem")), privateKey: await exportKey(keys.privateKey) };
}

async function loadLibrary(): Promise<typeof X509> {
  await import("reflect-metadata"); // The library's decorators need it to be there first.
  return import("@peculiar/x509");
}

/** One relative name per group, as kubeadm writes them. */
function subject(commonName: string, organizations: readonly string[] = []): X509.X509CertificateCreateParamsName {
  return [...organizations.map((organization) => ({ O: [organization] })), { CN: [commonName] }];
}

function lifetime(
  options: IssueOptions,
  validityDefault: number,
): { serialNumber: string; notBefore: Date; notAfter: Date } {
  const now = options.clock.now();
  return {
    serialNumber: serialNumber(options.random),
    notBefore: new Date(now - clockSkewMilliseconds),
    notAfter: new Date(now + (options.validity ?? validityDefault)),
  };
}

/** A positive number of 16 octets in hexadecimal: the first octet is neither zero nor read as a sign. */
function serialNumber(random: Random): string {
  const words = Array.from({ length: serialNumberWords }, () => random.uint32());
  const first = ((words[0] ?? 0) & 0x3fffffff) | 0x40000000;
  return [first, ...words.slice(1)].map((word) => word.toString(16).padStart(8, "0")).join("");
}

async function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(keyAlgorithm, true, ["sign", "verify"]);
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  const bytes = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", key)).toString("base64");
  const lines = bytes.match(/.{1,64}/g) ?? [];
  return `-----BEGIN PRIVATE KEY-----\n${lines.join("\n")}\n-----END PRIVATE KEY-----\n`;
}

/** Reads P-256 keys in any PEM form that node:crypto knows. */
async function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  const key = createPrivateKey(pem).export({ format: "der", type: "pkcs8" });
  return webcrypto.subtle.importKey("pkcs8", key, keyAlgorithm, false, ["sign"]);
}

function pemText(text: string): string {
  return text.endsWith("\n") ? text : `${text}\n`;
}

// Keeps key pairs in files: what is good is used again, what is missing, damaged or near its end is issued anew.
import { join } from "node:path";
import { readFileIfExists, writeFileAtomic } from "#std/files.ts";
import { isMatchingPair, type KeyPair, needsRenewal } from "./certificates.ts";

export interface KeepKeyPairOptions {
  /** Must exist and be open to its owner alone. */
  readonly directory: string;
  /** Of the files: `<name>.crt` and `<name>.key`. */
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** The authority that must have signed it; absent for authorities themselves. */
  readonly issuer?: KeyPair;
  /** What a server's certificate must be valid for. */
  readonly hosts?: readonly string[];
  issue(): Promise<KeyPair>;
}

/** The key pair in the files, or a new one, written there. A crash between the two files is mended by the next call. */
export async function keepKeyPair(options: KeepKeyPairOptions): Promise<KeyPair> {
  const certificatePath = join(options.directory, `${options.name}.crt`);
  const privateKeyPath = join(options.directory, `${options.name}.key`);
  const [certificate, privateKey] = await Promise.all([
    readFileIfExists(certificatePath),
    readFileIfExists(privateKeyPath),
  ]);
  if (certificate !== undefined && privateKey !== undefined) {
    const kept = { certificate: String(certificate), privateKey: String(privateKey) };
    if (isGood(kept, options)) return kept;
  }
  const issued = await options.issue();
  await writeFileAtomic(privateKeyPath, issued.privateKey);
  await writeFileAtomic(certificatePath, issued.certificate);
  return issued;
}

function isGood(pair: KeyPair, options: KeepKeyPairOptions): boolean {
  const wanted = {
    ...(options.issuer === undefined ? {} : { issuer: options.issuer.certificate }),
    ...(options.hosts === undefined ? {} : { hosts: options.hosts }),
  };
  return !needsRenewal(pair.certificate, options.now, wanted) && isMatchingPair(pair);
}

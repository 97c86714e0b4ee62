// Keeps the key that signs service account tokens. Losing it makes every token worthless, so it is made once.
import { createPrivateKey, generateKeyPair } from "node:crypto";
import { promisify } from "node:util";
import { readFileIfExists, writeFileAtomic } from "#std/files.ts";

/** The PEM private key in the file, or a new P-256 key, written there. Throws where the file holds no key. */
export async function keepSigningKey(path: string): Promise<string> {
  const kept = await readFileIfExists(path);
  if (kept !== undefined) {
    createPrivateKey(kept);
    return String(kept);
  }
  const { privateKey } = await promisify(generateKeyPair)("ec", { namedCurve: "P-256" });
  const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  await writeFileAtomic(path, pem);
  return pem;
}

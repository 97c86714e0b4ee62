// Short hashes that are part of names. Upstream: hash/fnv (Go), k8s.io/apimachinery/pkg/util/rand (SafeEncodeString).

/** 32-bit FNV-1a over the UTF-8 bytes of `text`, as an unsigned number. */
export function fnv32a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of encoder.encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

const encoder = new TextEncoder();
const safeAlphabet = "bcdfghjklmnpqrstvwxz2456789";

/** Each character mapped into letters that spell no words. For ASCII texts such as decimal numbers. */
export function safeEncode(text: string): string {
  let encoded = "";
  for (const char of text) encoded += safeAlphabet.charAt((char.codePointAt(0) ?? 0) % safeAlphabet.length);
  return encoded;
}

/** The hash of `text` in decimal, encoded safely: what upstream appends to names. */
export function safeHash(text: string): string {
  return safeEncode(String(fnv32a(text)));
}

// The few forms of DER (X.690) that certificates need, written and read. Pure.

/** Universal tags. */
export const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utf8: 0x0c,
} as const;
const [sequenceTag, setTag, utcTimeTag, generalizedTimeTag] = [0x30, 0x31, 0x17, 0x18] as const;
const twoDigitYearEnd = 2050;

/** A value with its tag and length in front. */
export function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  const bytes = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...bytes]), content]);
}

export const sequence = (...contents: readonly Uint8Array[]): Buffer => der(sequenceTag, ...contents);
export const set = (...contents: readonly Uint8Array[]): Buffer => der(setTag, ...contents);
export const octets = (content: Uint8Array): Buffer => der(tags.octetString, content);
/** `unused` bits at the end do not count. */
export const bits = (content: Uint8Array, unused = 0): Buffer => der(tags.bitString, Buffer.from([unused]), content);

/** An object identifier in dotted form. */
export function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split(".").map(Number);
  return der(tags.oid, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(value: number): number[] {
  const digits = [value & 0x7f];
  for (let left = value >>> 7; left > 0; left >>>= 7) digits.unshift((left & 0x7f) | 0x80);
  return digits;
}

/** Whole seconds of a time in milliseconds: years up to 2049 with two digits, as RFC 5280 asks. */
export function time(milliseconds: number): Buffer {
  const date = new Date(milliseconds);
  const text = date.toISOString().replace(/[-:T]|\.\d+/g, "");
  const isShort = date.getUTCFullYear() < twoDigitYearEnd;
  return der(isShort ? utcTimeTag : generalizedTimeTag, Buffer.from(isShort ? text.slice(2) : text));
}

export interface DerValue {
  readonly tag: number;
  /** Tag and length included. */
  readonly whole: Buffer;
  readonly content: Buffer;
}

/** The values that stand one after the other in `bytes`. Throws RangeError where they do not. */
export function readDer(bytes: Buffer): DerValue[] {
  const values: DerValue[] = [];
  for (let at = 0; at < bytes.length;) {
    const tag = bytes.readUInt8(at);
    const short = bytes.readUInt8(at + 1);
    const extra = short < 0x80 ? 0 : short & 0x7f;
    const length = extra === 0 ? short : bytes.readUIntBE(at + 2, extra);
    const start = at + 2 + extra;
    if (start + length > bytes.length) throw new RangeError("a value ends after its container");
    values.push({ tag, whole: bytes.subarray(at, start + length), content: bytes.subarray(start, start + length) });
    at = start + length;
  }
  return values;
}

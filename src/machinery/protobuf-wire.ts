// Reads and writes protobuf's wire format: tags, varints, length-delimited fields. What the fields mean is the caller's
// affair.
// Upstream: google.golang.org/protobuf/encoding/protowire.
import { ApiError } from "./api-error.ts";

export const varintWire = 0;
export const fixed64Wire = 1;
export const bytesWire = 2;
const fixed32Wire = 5;

/** A cursor over one message. */
export class ProtobufReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** The number and wire type of the next field. */
  tag(): { readonly field: number; readonly wire: number } {
    const tag = Number(this.varint());
    const field = Math.floor(tag / 8);
    if (field === 0) throw malformed("a field has the number 0");
    return { field, wire: tag % 8 };
  }

  /** An unsigned varint of up to 64 bits. */
  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw malformed("unexpected EOF");
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw malformed("a number is longer than 64 bits");
  }

  /** A length-delimited field. Shares memory with the message. */
  bytes(): Uint8Array {
    return this.#take(Number(this.varint()));
  }

  /** A number of 64 bits, as floating point. */
  double(): number {
    const bytes = this.#take(8);
    return new DataView(bytes.buffer, bytes.byteOffset, 8).getFloat64(0, true);
  }

  /** Passes over a field of the given wire type. */
  skip(wire: number): void {
    switch (wire) {
      case varintWire:
        this.varint();
        return;
      case fixed64Wire:
        this.#take(8);
        return;
      case bytesWire:
        this.bytes();
        return;
      case fixed32Wire:
        this.#take(4);
        return;
      default:
        throw malformed(`wire type ${String(wire)} is not known`);
    }
  }

  #take(length: number): Uint8Array {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw malformed("unexpected EOF");
    const bytes = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return bytes;
  }
}

function malformed(why: string): ApiError {
  return new ApiError("BadRequest", `proto: ${why}`);
}

/** One message, field after field. Empty texts and zeros are left out, as in proto3. */
export class ProtobufWriter {
  readonly #chunks: Uint8Array[] = [];

  string(field: number, text: string | undefined): this {
    return text === undefined || text === "" ? this : this.bytes(field, Buffer.from(text));
  }

  /** A number; negative ones take ten bytes, as int32 and int64 do. */
  int(field: number, value: number | bigint | undefined): this {
    if (value === undefined || BigInt(value) === 0n) return this;
    this.#chunks.push(encodeVarint(field * 8 + varintWire), encodeVarint(BigInt.asUintN(64, BigInt(value))));
    return this;
  }

  /** A length-delimited field, empty or not. */
  bytes(field: number, bytes: Uint8Array): this {
    this.#chunks.push(encodeVarint(field * 8 + bytesWire), encodeVarint(bytes.length), bytes);
    return this;
  }

  /** A nested message. */
  message(field: number, write: (inner: ProtobufWriter) => void): this {
    const inner = new ProtobufWriter();
    write(inner);
    return this.bytes(field, inner.finish());
  }

  finish(): Buffer {
    return Buffer.concat(this.#chunks);
  }
}

function encodeVarint(value: number | bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt(value);
  while (rest >= 0x80n) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  return Uint8Array.of(...bytes, Number(rest));
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { bits, der, octets, oid, readDer, sequence, time } from "./der.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

for (const { name, value, expected } of [
  { name: "an object identifier", value: oid("1.2.840.10045.4.3.2"), expected: "06082a8648ce3d040302" },
  { name: "bits of which seven do not count", value: bits(Buffer.from([0x80]), 7), expected: "03020780" },
  {
    name: "a time before 2050",
    value: time(Date.UTC(2049, 11, 31)),
    expected: `170d${hex(Buffer.from("491231000000Z"))}`,
  },
  {
    name: "a time after",
    value: time(Date.UTC(2050, 0, 1, 2, 3, 4, 5)),
    expected: `180f${hex(Buffer.from("20500101020304Z"))}`,
  },
  { name: "an empty sequence", value: sequence(), expected: "3000" },
]) {
  test(`DER of ${name}`, () => {
    assert.equal(hex(value), expected);
  });
}

test("lengths of one, two and three octets are read as they were written", () => {
  for (const length of [0, 1, 127, 128, 255, 256, 65_535]) {
    const content = Buffer.alloc(length, 7);
    const [first, second, ...rest] = readDer(Buffer.concat([octets(content), der(0x30)]));
    assert.deepEqual(first?.content, content);
    assert.equal(second?.tag, 0x30);
    assert.equal(rest.length, 0);
  }
});

test("bytes that end too soon are refused", () => {
  for (const text of ["30", "3005", "04020a", "3082"])
    assert.throws(() => readDer(Buffer.from(text, "hex")), RangeError);
});

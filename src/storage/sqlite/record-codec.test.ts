import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { noValue, type StoredRecord } from "../record.ts";
import { decodeRecords, encodeRecords, recordBytes } from "./record-codec.ts";

const number = fc.maxSafeNat();
const record: fc.Arbitrary<StoredRecord> = fc
  .record({
    key: fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }),
    value: fc.option(fc.uint8Array({ maxLength: 20 })),
    sequence: number,
    modRevision: number,
    createRevision: number,
    version: fc.nat(),
  })
  .map(({ value, ...rest }) => ({ ...rest, type: value === null ? "delete" : "put", value: value ?? noValue }));

test("gives back what it was given, empty values and tombstones told apart", () => {
  fc.assert(
    fc.property(fc.array(record, { maxLength: 8 }), (records) => {
      const buffer = encodeRecords(records);
      assert.equal(
        buffer.byteLength,
        records.reduce((sum, one) => sum + recordBytes(one), 0),
      );
      assert.deepEqual(decodeRecords(buffer, "copies"), records);
      const views = decodeRecords(buffer, "views").map((one) => ({ ...one, value: new Uint8Array(one.value) }));
      assert.deepEqual(views, records);
    }),
  );
});

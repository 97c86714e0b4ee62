import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { milliOf } from "./milli.ts";
import { parseQuantity, quantityMilliValue } from "./quantity.ts";

const suffixes = ["", "n", "u", "m", "k", "M", "G", "T", "Ki", "Mi", "Gi", "Ti", "e3", "E2"];

test("the quick way says what the exact one says", () => {
  const whole = fc.tuple(fc.integer({ min: -5, max: 2 ** 34 }), fc.constantFrom(...suffixes));
  const broken = fc.tuple(fc.integer({ min: 0, max: 999 }), fc.integer({ min: 0, max: 999 }));
  fc.assert(
    fc.property(
      fc.oneof(
        whole.map(([number, suffix]) => `${String(number)}${suffix}`),
        broken.map(([left, right]) => `${String(left)}.${String(right)}`),
      ),
      (text) => {
        assert.equal(milliOf(text), quantityMilliValue(parseQuantity(text)));
      },
    ),
  );
});

test("numbers are amounts, and nothing is none", () => {
  assert.deepEqual([milliOf(3), milliOf(0.5), milliOf(undefined)], [3000, 500, 0]);
  assert.throws(() => milliOf("many"));
});

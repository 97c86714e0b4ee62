import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ApiError } from "./api-error.ts";
import {
  addQuantities,
  canonicalQuantity,
  compareQuantities,
  formatQuantity,
  isQuantity,
  parseQuantity,
  quantityMilliValue,
  quantityOf,
  quantityOfMilli,
  quantityValue,
  subtractQuantities,
  zeroQuantity,
} from "./quantity.ts";

// Every row was compared with Kubernetes' own parser.
for (const [text, canonical, value, milli] of [
  ["0", "0", 0, 0],
  ["0Gi", "0", 0, 0],
  ["100m", "100m", 1, 100],
  ["1000m", "1", 1, 1000],
  ["1024Mi", "1Gi", 1073741824, 1073741824000],
  ["1000Mi", "1000Mi", 1048576000, 1048576000000],
  ["1025Ki", "1025Ki", 1049600, 1049600000],
  ["0.5", "500m", 1, 500],
  ["0.5Gi", "512Mi", 536870912, 536870912000],
  ["1.5Gi", "1536Mi", 1610612736, 1610612736000],
  ["0.5Ki", "512", 512, 512000],
  ["512Ki", "512Ki", 524288, 524288000],
  ["1023", "1023", 1023, 1023000],
  ["12000", "12k", 12000, 12000000],
  ["1500", "1500", 1500, 1500000],
  ["1.500", "1.500", 2, 1500],
  ["+5", "+5", 5, 5000],
  ["1e3", "1e3", 1000, 1000000],
  ["1000e0", "1e3", 1000, 1000000],
  ["1E", "1E", 1e18, 1e21],
  ["1E3", "1E3", 1000, 1000000],
  ["1e-3", "1e-3", 1, 1],
  ["5n", "5n", 1, 1],
  ["0.1n", "1n", 1, 1],
  ["-100m", "-100m", -1, -100],
  ["0.1Ki", "102400m", 103, 102400],
  ["0.0001Ki", "102400u", 1, 103],
] as const) {
  test(`quantity ${text}`, () => {
    const quantity = parseQuantity(text);
    assert.equal(formatQuantity(quantity), canonical);
    assert.equal(canonicalQuantity(text), canonical);
    assert.equal(quantityValue(quantity), value);
    assert.equal(quantityMilliValue(quantity), milli);
  });
}

for (const [text, message] of [
  ["", /^quantities must match the regular expression/],
  ["abc", /^quantities must match/],
  ["1 Gi", /^quantities must match/],
  ["1..2", /^quantities must match/],
  ["1K", /^unable to parse quantity's suffix$/],
  ["1mm", /^unable to parse quantity's suffix$/],
  ["1e", /^unable to parse quantity's suffix$/],
  ["1e99999999", /^unable to parse quantity's suffix$/],
  [`1${"0".repeat(2000)}`, /^quantities must match/],
] as const) {
  test(`quantity ${JSON.stringify(text.slice(0, 20))} is refused`, () => {
    assert.throws(
      () => parseQuantity(text),
      (error) => error instanceof ApiError && error.reason === "BadRequest" && message.test(error.message),
    );
    assert.ok(!isQuantity(text));
  });
}

test("sums keep the format of the first that is not zero", () => {
  const sum = (left: string, right: string): string =>
    formatQuantity(addQuantities(parseQuantity(left), parseQuantity(right)));
  assert.equal(sum("1Gi", "1G"), "2073741824");
  assert.equal(sum("1Gi", "512Mi"), "1536Mi");
  assert.equal(sum("0", "1Gi"), "1Gi");
  assert.equal(sum("900m", "100m"), "1");
  assert.equal(formatQuantity(subtractQuantities(parseQuantity("1"), parseQuantity("100m"))), "900m");
  assert.equal(formatQuantity(addQuantities(zeroQuantity, quantityOf(2048, "BinarySI"))), "2Ki");
  assert.equal(formatQuantity(quantityOfMilli(1500)), "1500m");
});

const anyQuantity = fc
  .tuple(
    fc.constantFrom("", "-"),
    fc.integer({ min: 0, max: 10_000 }),
    fc.option(fc.integer({ min: 0, max: 999 }), { nil: undefined }),
    fc.constantFrom("", "m", "k", "M", "G", "Ki", "Mi", "Gi", "e3", "e-3"),
  )
  .map(([sign, whole, fraction, suffix]) => `${sign}${whole}${fraction === undefined ? "" : `.${fraction}`}${suffix}`);

test("property: the canonical text is the same amount and canonical", () => {
  fc.assert(
    fc.property(anyQuantity, (text) => {
      const quantity = parseQuantity(text);
      const canonical = canonicalQuantity(text);
      assert.equal(compareQuantities(parseQuantity(canonical), quantity), 0);
      assert.equal(canonicalQuantity(canonical), canonical);
    }),
  );
});

test("property: adding and subtracting are exact, comparing is an order", () => {
  fc.assert(
    fc.property(anyQuantity, anyQuantity, (first, second) => {
      const a = parseQuantity(first);
      const b = parseQuantity(second);
      assert.equal(compareQuantities(subtractQuantities(addQuantities(a, b), b), a), 0);
      assert.equal(compareQuantities(addQuantities(a, b), addQuantities(b, a)), 0);
      assert.equal(compareQuantities(a, b), -compareQuantities(b, a) + 0);
    }),
  );
});

// Evictions at a rate, without anybody sleeping.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { EvictionPace } from "./pace.ts";

test("the first goes at once, the others one after another, and asking again does not push them back", () => {
  const pace = new EvictionPace(2);
  assert.deepEqual(
    ["a", "b", "c", "b", "c"].map((key) => pace.waitFor(key, 1000)),
    [0, 500, 1000, 500, 1000],
  );
  assert.equal(pace.waitFor("b", 1500), 0);
  assert.equal(pace.waitFor("b", 1500), 1000, "used up: it waits in line anew, behind c");
});

test("what was forgotten has no time any more; a pause lets nothing pile up", () => {
  const pace = new EvictionPace(1);
  pace.waitFor("a", 0);
  pace.waitFor("b", 0);
  pace.forget("b");
  assert.equal(pace.waitFor("c", 60_000), 0);
  assert.equal(pace.waitFor("d", 60_000), 1000);
});

test("never more than the rate, in whatever order keys come back", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(9), fc.nat(3000)), { maxLength: 60 }), (asked) => {
      const pace = new EvictionPace(1);
      let now = 0;
      let went = 0;
      for (const [key, passed] of asked) {
        now += passed;
        if (pace.waitFor(String(key), now) === 0) went++;
        assert.ok(went <= 1 + now / 1000);
      }
    }),
  );
});

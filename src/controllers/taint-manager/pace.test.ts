// Evictions at a rate, without anybody sleeping.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { EvictionPace } from "./pace.ts";

test("the first goes at once, the others one after another, and asking again does not push them back", () => {
  const pace = new EvictionPace(2);
  assert.deepEqual(
    ["a", "b", "c", "b", "c"].map((key) => pace.waitFor(key, 0, 1000)),
    [0, 500, 1000, 500, 1000],
  );
  assert.equal(pace.waitFor("b", 0, 1500), 0);
  assert.equal(pace.waitFor("b", 0, 1500), 1000, "its turn is over: it waits in line anew, behind c");
});

test("higher priorities go first, also those that come later", () => {
  const pace = new EvictionPace(1);
  assert.deepEqual(
    [pace.waitFor("first", 0, 0), pace.waitFor("low", 0, 0), pace.waitFor("high", 10, 0), pace.waitFor("low", 0, 0)],
    [0, 1000, 1000, 2000],
  );
  assert.equal(pace.waitFor("low", 0, 1000), 1000);
  assert.equal(pace.waitFor("high", 10, 1000), 0);
  assert.equal(pace.waitFor("low", 20, 1000), 1000, "a priority that changed counts from now on");
});

test("what was forgotten is not waited for; a pause lets nothing pile up", () => {
  const pace = new EvictionPace(1);
  pace.waitFor("a", 0, 0);
  pace.waitFor("b", 0, 0);
  pace.forget("b");
  assert.equal(pace.waitFor("c", 0, 60_000), 0);
  assert.equal(pace.waitFor("d", 0, 60_000), 1000);
});

test("property: never more than the rate, and all who come back when they were told to get their turn", () => {
  const asking = fc.record({ key: fc.nat(20).map(String), priority: fc.nat(2), at: fc.nat(20_000) });
  fc.assert(
    fc.property(fc.array(asking, { maxLength: 40 }), (asked) => {
      const pace = new EvictionPace(1);
      const calls = asked.map((each) => ({ ...each }));
      const went: number[] = [];
      const left = new Set(calls.map(({ key }) => key));
      for (let rounds = 0; calls.length > 0; rounds++) {
        assert.ok(rounds < 5_000, "it comes to an end");
        calls.sort((one, other) => one.at - other.at);
        const call = calls.shift();
        if (call === undefined || !left.has(call.key)) continue;
        const wait = pace.waitFor(call.key, call.priority, call.at);
        if (wait > 0) calls.push({ ...call, at: call.at + wait });
        else {
          left.delete(call.key);
          assert.ok(went.every((earlier) => call.at - earlier >= 1000));
          went.push(call.at);
        }
      }
      assert.equal(left.size, 0);
    }),
  );
});

// A few seeds of the simulation with all faults, each twice where its hash matters. In a process of its own: while a seed
// runs, the machine's time and entropy are out of everyone's reach.
import assert from "node:assert/strict";
import { test } from "node:test";
import { guardReality } from "#simulation/guard.ts";
import { prepareState } from "#simulation/prepared-state.ts";
import { runSeed } from "#simulation/run-seed.ts";
import { systemClock } from "#std/time.ts";

const prepared = await prepareState(["member1", "member2", "member3"], () => systemClock.yield());

/** 143: a finalizer that a Work had been rid of was taken from the next Work of its name, which left its object behind. */
const seeds = [1, 2, 3, 143];

for (const seed of seeds) {
  test(`seed ${seed} holds`, async () => {
    const { failure, faults } = await runSeed({ seed, prepared });
    assert.equal(failure?.what, undefined, failure?.lines.join("\n"));
    const struck = Object.values(faults);
    assert.ok(struck.length >= 5, "faults of many kinds");
    assert.ok(struck.reduce((sum, count) => sum + count, 0) >= 40, "many faults");
  });
}

test("a seed has the same hash each time, and another seed another", async () => {
  const first = await runSeed({ seed: 4, prepared, operations: 40 });
  const second = await runSeed({ seed: 4, prepared, operations: 40 });
  const other = await runSeed({ seed: 5, prepared, operations: 40 });
  assert.equal(first.hash, second.hash);
  assert.equal(first.steps, second.steps);
  assert.notEqual(first.hash, other.hash);
});

test("while the guard is on, real time and entropy are out of reach", () => {
  const { touched } = (() => {
    using guard = guardReality();
    assert.throws(() => Date.now(), /not simulated/);
    assert.throws(() => Math.random(), /not simulated/);
    assert.throws(() => setTimeout(() => undefined, 1), /not simulated/);
    return guard;
  })();
  assert.deepEqual(touched, ["Date.now", "Math.random", "setTimeout"]);
  assert.ok(Date.now() > 0, "it is lifted again");
});

// A few seeds of the simulation with all faults, each twice where its hash matters. In a process of its own: while a seed
// runs, the machine's time and entropy are out of everyone's reach.
import assert from "node:assert/strict";
import { test } from "node:test";
import { guardReality } from "#simulation/guard.ts";
import { parsePlan } from "#simulation/plan.ts";
import { prepareState } from "#simulation/prepared-state.ts";
import { runPlan } from "#simulation/run-plan.ts";
import { systemPlan } from "#simulation/workload/system-plan.ts";
import { systemClock } from "#std/time.ts";

const members = ["member1", "member2", "member3"];
const prepared = await prepareState(members, () => systemClock.yield());

const sumOf = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);

const seeds = [1, 2, 3];

for (const seed of seeds) {
  test(`seed ${seed} holds`, async () => {
    const { failure, faults, operations } = await runPlan({ plan: systemPlan({ seed, members }), prepared });
    assert.equal(failure?.what, undefined, failure?.lines.join("\n"));
    assert.ok(Object.keys(faults).length >= 5, "faults of many kinds");
    assert.ok(sumOf(faults) >= 40, "many faults");
    assert.ok(sumOf(operations) >= 200, "many operations");
  });
}

test("a plan has the same hash each time, also when it was kept as a text, and another plan another", async () => {
  const plan = systemPlan({ seed: 4, members, operations: 40, faults: 10 });
  const first = await runPlan({ plan, prepared });
  const second = await runPlan({ plan: parsePlan(JSON.stringify(plan)), prepared });
  const other = await runPlan({ plan: { ...plan, steps: plan.steps.slice(1) }, prepared });
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

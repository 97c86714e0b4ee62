import assert from "node:assert/strict";
import { test } from "node:test";
import type { Plan, Step } from "./plan.ts";
import { shrink } from "./shrink.ts";

const step = (on: string): Step => ({ at: Number(on), kind: "createTemplate", on });
const plan: Plan = {
  seed: 1,
  failover: false,
  skews: {},
  steps: Array.from({ length: 40 }, (_none, index) => step(String(index))),
};

/** Fails if all of these are left. */
const failsWith =
  (...needed: readonly string[]) =>
  ({ steps }: Plan) =>
    Promise.resolve({
      what: needed.every((each) => steps.some(({ on }) => on === each))
        ? `a in member1: ${steps.length} of it`
        : undefined,
      steps: 100,
    });

void test("what does not matter is left out", async () => {
  for (const needed of [["7"], ["0", "39"], ["3", "4", "21"]]) {
    const smallest = await shrink(plan, "a in member2: 5 of it", failsWith(...needed), 100_000);
    assert.deepEqual(
      smallest.steps.map(({ on }) => on),
      needed,
    );
  }
});

void test("another failure is not taken for it", async () => {
  const smallest = await shrink(plan, "something else", failsWith("7"), 100_000);
  assert.equal(smallest.steps.length, 40);
});

void test("it ends when its steps are spent", async () => {
  let runs = 0;
  const run = (candidate: Plan) => {
    runs++;
    return failsWith("7")(candidate);
  };
  await shrink(plan, "b in member1: 9 of it", run, 300);
  assert.equal(runs, 3, "100 steps each");
});

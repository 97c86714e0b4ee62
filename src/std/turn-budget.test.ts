import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "./time.ts";
import { TurnBudget } from "./turn-budget.ts";

test("turn budget: what is too much for one turn goes on in the next ones, in order", async () => {
  const turns: (() => void)[] = [];
  const budget = new TurnBudget({ ...systemClock, yield: () => new Promise((resolve) => turns.push(resolve)) }, 10);
  const done: string[] = [];
  const work = (name: string, weight: number): void => {
    const pause = budget.spend(weight);
    if (pause === undefined) done.push(name);
    else void pause.then(() => done.push(name));
  };
  const nextTurn = async (): Promise<void> => {
    assert.equal(turns.length, 1, "one turn is waited for at a time");
    turns.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  for (const [name, weight] of Object.entries({ a: 4, b: 5, c: 30, d: 1, e: 9, f: 1 })) work(name, weight);
  assert.deepEqual(done, ["a", "b", "c"], "the last that begins may be more than is left");
  await nextTurn();
  assert.deepEqual(done, ["a", "b", "c", "d", "e"]);
  work("g", 1);
  await nextTurn();
  assert.deepEqual(done.slice(5), ["f", "g"], "who comes later does not overtake");
  await nextTurn();
  assert.equal(turns.length, 0, "an idle budget waits for nothing");
  work("h", 1);
  assert.equal(done.at(-1), "h");
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { Turns } from "./turns.ts";

test("turns of a key come one after another, in order; other keys do not wait", async () => {
  const turns = new Turns();
  const done: string[] = [];
  const work = async (key: string, name: string): Promise<void> => {
    using _turn = await turns.take(key);
    done.push(`${name} begins`);
    await Promise.resolve();
    done.push(`${name} ends`);
  };
  await Promise.all([work("a", "1"), work("a", "2"), work("b", "3"), work("a", "4")]);
  const ofA = done.filter((each) => !each.startsWith("3"));
  assert.deepEqual(ofA, ["1 begins", "1 ends", "2 begins", "2 ends", "4 begins", "4 ends"]);
  assert.ok(done.indexOf("3 begins") < done.indexOf("2 begins"));
});

test("a turn that fails is over, too", async () => {
  const turns = new Turns();
  const fail = async (): Promise<void> => {
    using _turn = await turns.take("a");
    await Promise.resolve();
    throw new Error("no");
  };
  await assert.rejects(fail());
  using turn = await turns.take("a");
  assert.ok(turn);
});

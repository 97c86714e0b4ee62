import assert from "node:assert/strict";
import { test } from "node:test";
import { storageMutants } from "./mutants/storage-mutants.ts";
import { runStorageSeed } from "./storage-run.ts";
import { seededRandom } from "./seeded-random.ts";
import { storagePlan } from "./workload/storage-plan.ts";

const seeds = 60;

void test("the store holds every rule on each seed", async () => {
  for (let seed = 1; seed <= seeds; seed++) {
    const { broken } = await runStorageSeed({ seed });
    assert.deepEqual(broken, [], `seed ${String(seed)}`);
  }
});

void test("a seed replays the same run, and another seed another one", async () => {
  const [first, second] = [await runStorageSeed({ seed: 7 }), await runStorageSeed({ seed: 7 })];
  assert.equal(first.digest, second.digest);
  assert.notEqual(first.digest, (await runStorageSeed({ seed: 8 })).digest);
});

void test("a plan is data: a part of it can be run", async () => {
  const plan = storagePlan(seededRandom(7, 2), 400);
  assert.deepEqual(new Set(plan.map(({ kind }) => kind)).size, 9, "every kind of step occurs");
  assert.deepEqual((await runStorageSeed({ seed: 7, plan: plan.slice(0, 30) })).broken, []);
});

/** The seed on which each mutant is found, and by which rule. */
const pinned: Readonly<Record<string, { seed: number; rule: RegExp }>> = {
  "acknowledge-before-durable": { seed: 1, rule: /had been acknowledged before the read/ },
  "skip-resource-version-check": { seed: 1, rule: /was accepted while it was at/ },
  "drop-event-after-reconnect": { seed: 1, rule: /^a watch of .* delivered .* instead of/ },
  "deliver-event-twice": { seed: 1, rule: /^a watch of .* delivered .* instead of/ },
  "stale-cache-read": { seed: 1, rule: /had been acknowledged before the read/ },
};

for (const [name, mutant] of Object.entries(storageMutants)) {
  void test(`the rules find the mutant ${name}`, async () => {
    const pin = pinned[name];
    assert.ok(pin !== undefined, `${name} has no pinned seed`);
    const { broken } = await runStorageSeed({ seed: pin.seed, mutant });
    assert.ok(
      broken.some((sentence) => pin.rule.test(sentence)),
      `seed ${String(pin.seed)} found: ${broken.join("; ")}`,
    );
  });
}

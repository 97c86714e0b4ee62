// The checkers find each known fault of the whole system: on the seed that found it first or, where the code has changed
// since and with it the course of all seeds, on one of the next ones.
import assert from "node:assert/strict";
import { test } from "node:test";
import { systemMutants } from "#simulation/mutants/system-mutants.ts";
import { prepareState } from "#simulation/prepared-state.ts";
import { runPlan } from "#simulation/run-plan.ts";
import { systemPlan } from "#simulation/workload/system-plan.ts";

const members = ["member1", "member2", "member3"];
const prepared = await prepareState(members);

/** What has not come right by then does not. */
const calmMilliseconds = 240_000;
const seedsMax = 40;

const pinned: Readonly<Record<string, { readonly seed: number; readonly rule: RegExp }>> = {
  "acknowledge-before-durable": { seed: 1, rule: /acknowledged write is lost|the Lease is held by|a watch of/ },
  "skip-resource-version-check": { seed: 1, rule: /acknowledged write is lost|the Lease is held by/ },
  "drop-event-after-reconnect": { seed: 1, rule: /^a watch of .* delivered .* instead of/ },
  "deliver-event-twice": { seed: 1, rule: /^a watch of .* delivered .* instead of/ },
  "stale-cache-read": { seed: 1, rule: /^a read is stale/ },
  "delete-on-time-out": { seed: 6, rule: /was the last healthy copy|it is not Karmada's|to be preserved/ },
  "leader-not-fenced": { seed: 4, rule: /and the Lease is held by/ },
  "evict-on-empty-schedule": { seed: 9, rule: /was the last healthy copy|not all of it has a place elsewhere/ },
  "double-finalizer": { seed: 2, rule: /is still being deleted/ },
  "spread-constraint-ignored": { seed: 10, rule: /is in 1 regions, and asks for 2/ },
  "affinity-group-forgotten": { seed: 43, rule: /goes back from the clusters of others to those of first/ },
  "taint-removal-not-noticed": { seed: 4, rule: /is not bound to|finds no place for it, and there is one/ },
  "freed-room-not-noticed": { seed: 22, rule: /finds no place for it, and there is one/ },
};

for (const [name, mutant] of Object.entries(systemMutants)) {
  test(`the checkers find the mutant ${name}`, async (t) => {
    const pin = pinned[name];
    assert.ok(pin !== undefined, `${name} has no pinned seed`);
    const found: string[] = [];
    for (let seed = pin.seed; seed < pin.seed + seedsMax; seed++) {
      const { failure } = await runPlan({ plan: systemPlan({ seed, members }), prepared, mutant, calmMilliseconds });
      if (failure !== undefined) found.push(failure.what);
      if (failure !== undefined && pin.rule.test(failure.what)) {
        if (seed !== pin.seed) t.diagnostic(`found by seed ${seed} now, no more by ${pin.seed}`);
        return;
      }
    }
    assert.fail(`found instead: ${found.join("; ")}`);
  });
}

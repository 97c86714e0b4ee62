import assert from "node:assert/strict";
import { test } from "node:test";
import { silentLogger } from "#std/logger.ts";
import { ManualClock } from "#std/manual-clock.ts";
import { systemClock } from "#std/time.ts";
import { put, rejectsWith, textOf, write } from "#storage/conformance/case.ts";
import { storageConformance } from "#storage/conformance/conformance.ts";
import { seededRandom } from "./seeded-random.ts";
import { SimulatedDisk } from "./simulated-disk.ts";

/** The suite waits for its stores in real time: here a group is durable in the next turn. */
const promptClock = { ...systemClock, sleep: () => systemClock.yield() };

storageConformance(
  "simulated disk",
  (bounds) => {
    const clock = { ...promptClock, ...bounds.clock, sleep: promptClock.sleep };
    return Promise.resolve(new SimulatedDisk({ clock, random: seededRandom(1), log: silentLogger }).open(bounds));
  },
  20,
);

test("a crash keeps every acknowledged write, and of the group on its way all or nothing", async () => {
  const outcomes = new Set<string>();
  for (let seed = 1; seed <= 20; seed++) {
    const clock = new ManualClock();
    const disk = new SimulatedDisk({ clock, random: seededRandom(seed), log: silentLogger });
    const storage = disk.open();
    const acknowledged = write(storage, put("a", "1"));
    await clock.advance(10);
    await acknowledged;
    void write(storage, put("b", "2"), put("c", "3"));
    await clock.settle();
    disk.crash();
    const reopened = disk.open();
    assert.equal(textOf(await reopened.get("a")), "1");
    const [b, c] = [await reopened.get("b"), await reopened.get("c")];
    assert.equal(b === undefined, c === undefined);
    outcomes.add(b === undefined ? "lost" : "kept");
  }
  assert.equal(outcomes.size, 2, "both happen");
});

test("a full disk refuses writes and lets reads and deletions through", async () => {
  const clock = new ManualClock();
  const disk = new SimulatedDisk({ clock, random: seededRandom(1), log: silentLogger });
  const storage = disk.open();
  const first = write(storage, put("a", "1"));
  await clock.advance(10);
  await first;
  disk.isFull = true;
  const refused = rejectsWith(write(storage, put("b", "2")), "StorageFull");
  await clock.advance(10);
  await refused;
  assert.equal(textOf(await storage.get("a")), "1");
  disk.isFull = false;
  const second = write(storage, put("b", "2"));
  await clock.advance(10);
  await second;
});

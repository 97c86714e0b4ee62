// Conformance: forgetting the past.
import assert from "node:assert/strict";
import type { Storage } from "../storage.ts";
import { eventTexts, openWatch, put, rejectsWith, remove, type StorageCase, texts, write } from "./case.ts";

export const compactionCases: readonly StorageCase[] = [
  { name: "forgets what is older than a compaction, and nothing else", run: compacts },
  { name: "takes a repeated compaction as done and refuses one of the future", run: repeats },
  { name: "leaves watches that have caught up alone when it compacts", run: sparesLive },
  { name: "ends a watch whose next change it has forgotten", run: endsOvertaken },
  { name: "forgets by itself what exceeds its bounds of events", options: { historyEventsMax: 40 }, run: bounds },
  {
    name: "forgets by itself what exceeds its bounds of bytes",
    options: { historyBytesMax: 100_000 },
    run: boundsBytes,
  },
];

async function compacts(storage: Storage): Promise<void> {
  await write(storage, put("/a", "1"), put("/b", "1"), put("/c", "1"));
  await write(storage, put("/a", "2"), remove("/b"));
  const { revision } = await write(storage, put("/a", "3"));
  await write(storage, put("/a", "4"));
  await storage.compact(revision);
  assert.equal(storage.compactedRevision, revision);
  await rejectsWith(storage.range({ prefix: "/", revision: revision - 1 }), "Expired");
  await rejectsWith(openWatch(storage, "/", revision - 1).next(), "Expired");
  assert.deepEqual(texts((await storage.range({ prefix: "/", revision })).entries), ["/a=3", "/c=1"]);
  assert.deepEqual(texts((await storage.range({ prefix: "/" })).entries), ["/a=4", "/c=1"]);
  const watch = openWatch(storage, "/", revision);
  assert.deepEqual(eventTexts(await watch.until(storage.revision)), [
    `${revision} put /a=3`,
    `${revision + 1} put /a=4`,
  ]);
  watch.abort();
  assert.equal((await storage.get("/c"))?.createRevision, revision - 2);
}

async function repeats(storage: Storage): Promise<void> {
  await write(storage, put("/a", "1"));
  const { revision } = await write(storage, put("/a", "2"));
  await storage.compact(revision);
  await storage.compact(revision);
  await storage.compact(revision - 1);
  assert.equal(storage.compactedRevision, revision);
  await rejectsWith(storage.compact(revision + 1), "BadRequest");
  assert.equal((await write(storage, remove("/a"))).revision, revision + 1);
  await storage.compact(revision + 1);
  assert.deepEqual(await storage.range({ prefix: "" }), { revision: revision + 1, entries: [], count: 0 });
}

async function sparesLive(storage: Storage): Promise<void> {
  const watch = openWatch(storage, "/", storage.revision + 1);
  const pending = watch.next();
  const { revision } = await write(storage, put("/a", "1"));
  assert.equal((await pending)?.revision, revision);
  for (const text of ["2", "3"]) await write(storage, put("/a", text));
  await storage.compact(storage.revision);
  await write(storage, put("/a", "4"));
  assert.deepEqual(eventTexts(await watch.until(storage.revision)), [
    `${revision + 1} put /a=2`,
    `${revision + 2} put /a=3`,
    `${revision + 3} put /a=4`,
  ]);
  watch.abort();
}

async function endsOvertaken(storage: Storage): Promise<void> {
  const watch = openWatch(storage, "/", storage.revision + 1);
  for (const text of ["1", "2", "3"]) await write(storage, put("/a", text));
  await storage.compact(storage.revision);
  await rejectsWith(watch.next(), "Expired");
}

async function bounds(storage: Storage): Promise<void> {
  const start = storage.revision;
  for (let round = 0; round < 100; round++) await write(storage, put("/a", String(round)), put("/b", String(round)));
  const kept = storage.revision - storage.compactedRevision + 1;
  assert.ok(kept >= 15 && kept <= 25, `${kept} revisions are kept`);
  await rejectsWith(openWatch(storage, "/", start + 1).next(), "Expired");
  const watch = openWatch(storage, "/", storage.compactedRevision);
  assert.equal((await watch.until(storage.revision)).length, kept * 2);
  watch.abort();
}

async function boundsBytes(storage: Storage): Promise<void> {
  const value = "x".repeat(10_000);
  for (let round = 0; round < 50; round++) await write(storage, put("/a", value));
  const kept = storage.revision - storage.compactedRevision + 1;
  assert.ok(kept >= 5 && kept <= 15, `${kept} revisions are kept`);
  for (let round = 0; round < 200; round++) await write(storage, put(`/new/${round}`, value));
  assert.ok(storage.revision - storage.compactedRevision > 150, "values that are still there count as the past's");
}

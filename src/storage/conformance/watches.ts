// Conformance: watches.
import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import type { Storage, StoredEvent } from "../storage.ts";
import { eventTexts, openWatch, put, rejectsWith, remove, type StorageCase, textOf, write } from "./case.ts";

export const watchCases: readonly StorageCase[] = [
  { name: "replays from a revision and goes on live without a gap", run: replays },
  { name: "tells what a key held before", run: tellsPrevious },
  { name: "keeps a transaction's events together", run: keepsTogether },
  { name: "shares entries with reads instead of copying them", run: shares },
  { name: "watches only its prefix", run: watchesPrefix },
  { name: "waits for a revision that is yet to come", run: waitsForFuture },
  { name: "tells a quiet watch of the revision when asked", run: tellsProgress },
  { name: "tells a quiet watch of the revision unasked", options: { progressMilliseconds: 5 }, run: tellsUnasked },
  { name: "ends a watch quietly when its signal aborts or its consumer leaves", run: endsQuietly },
  { name: "cuts a watch that falls behind, and only that", options: { watchBufferEventsMax: 50 }, run: cutsSlow },
  { name: "lets a watch read a long past at its own pace", options: { watchBufferEventsMax: 50 }, run: replaysSlowly },
  { name: "gives every watch every change once while many write", run: manyWriters },
  { name: "ends watches with an error when it is closed", run: endsAtClose },
];

async function replays(storage: Storage): Promise<void> {
  const start = storage.revision + 1;
  await write(storage, put("/a", "1"));
  await write(storage, put("/a", "2"));
  const watch = openWatch(storage, "/", start);
  const late = openWatch(storage, "/", start + 1);
  const first = await watch.until(storage.revision);
  await write(storage, remove("/a"));
  await write(storage, put("/b", "3"));
  const all = [`${start} put /a=1`, `${start + 1} put /a=2`, `${start + 2} delete /a=2`, `${start + 3} put /b=3`];
  assert.deepEqual(eventTexts([...first, ...(await watch.until(storage.revision))]), all);
  assert.deepEqual(eventTexts(await late.until(storage.revision)), all.slice(1));
  watch.abort();
  late.abort();
}

async function tellsPrevious(storage: Storage): Promise<void> {
  const start = storage.revision + 1;
  await write(storage, put("/a", "1"));
  await write(storage, put("/a", "2"));
  await write(storage, remove("/a"));
  await write(storage, put("/a", "3"));
  const watch = openWatch(storage, "/a", start);
  const events = await watch.until(storage.revision);
  watch.abort();
  const previous = events.map((event) => [textOf(event.previous), event.previous?.modRevision]);
  assert.deepEqual(previous, [
    [undefined, undefined],
    ["1", start],
    ["2", start + 1],
    [undefined, undefined],
  ]);
  const deletion = events[2];
  assert.equal(deletion?.entry.modRevision, start + 1, "the entry of a delete is the one before it");
  assert.equal(deletion.revision, start + 2);
}

async function keepsTogether(storage: Storage): Promise<void> {
  const start = storage.revision + 1;
  const live = openWatch(storage, "/", start);
  const pending = live.next();
  await write(storage, put("/a", "1"), put("/b", "1"), put("/c", "1"));
  await write(storage, put("/a", "2"), remove("/b"));
  const replay = openWatch(storage, "/", start);
  for (const batch of [await pending, await replay.next()]) {
    const count = batch?.events.filter(({ revision }) => revision === start).length;
    assert.equal(count, 3);
  }
  live.abort();
  replay.abort();
}

async function shares(storage: Storage): Promise<void> {
  const watches = [openWatch(storage, "/", storage.revision + 1), openWatch(storage, "/a", storage.revision + 1)];
  const pending = watches.map((watch) => watch.next());
  await write(storage, put("/a", "1"));
  for (const batch of await Promise.all(pending)) {
    assert.equal(batch?.events[0]?.entry, await storage.get("/a"));
  }
  for (const watch of watches) watch.abort();
}

async function watchesPrefix(storage: Storage): Promise<void> {
  const start = storage.revision + 1;
  const prefixes = ["/a", "/a/", "/a/1", "", "/b/", "/a/1/x"];
  const watches = prefixes.map((prefix) => openWatch(storage, prefix, start));
  const early = watches.map((watch) => watch.next());
  for (const key of ["/a/1", "/b/1", "/ab", "/a/10", "/a/2", "/a/1/x"]) await write(storage, put(key, "x"));
  storage.requestProgress();
  for (const [index, watch] of watches.entries()) {
    const prefix = prefixes[index] ?? "";
    const first = await early[index];
    const rest = first?.revision === storage.revision ? [] : await watch.until(storage.revision);
    const keys = [...(first?.events ?? []), ...rest].map(({ key }) => key);
    assert.deepEqual(
      keys,
      ["/a/1", "/b/1", "/ab", "/a/10", "/a/2", "/a/1/x"].filter((key) => key.startsWith(prefix)),
    );
    watch.abort();
  }
}

async function waitsForFuture(storage: Storage): Promise<void> {
  const start = storage.revision + 3;
  const watch = openWatch(storage, "/", start);
  const pending = watch.next();
  storage.requestProgress();
  for (const text of ["1", "2", "3", "4"]) await write(storage, put("/a", text));
  const first = await pending;
  const rest = first?.revision === storage.revision ? [] : await watch.until(storage.revision);
  assert.deepEqual(eventTexts([...(first?.events ?? []), ...rest]), [`${start} put /a=3`, `${start + 1} put /a=4`]);
  watch.abort();
}

async function tellsProgress(storage: Storage): Promise<void> {
  await write(storage, put("/a", "1"));
  const watch = openWatch(storage, "/quiet", storage.revision);
  assert.deepEqual(
    await watch.next(),
    { events: [], revision: storage.revision },
    "at once, where it starts in the past",
  );
  for (const text of ["2", "3"]) {
    const pending = watch.next();
    await write(storage, put("/a", text));
    storage.requestProgress();
    assert.deepEqual(await pending, { events: [], revision: storage.revision });
  }
  for (let round = 0; round < 20; round++) {
    await write(storage, put("/a", "4"));
    storage.requestProgress();
  }
  const { revision } = await write(storage, put("/quiet", "5"));
  assert.equal((await watch.next())?.events.length, 0);
  assert.equal((await watch.next())?.revision, revision, "news of the revision piled up unread");
  watch.abort();
}

async function tellsUnasked(storage: Storage): Promise<void> {
  const watch = openWatch(storage, "/quiet", storage.revision + 1);
  for (let round = 0; round < 3; round++) {
    const pending = watch.next();
    await write(storage, put("/a", "1"));
    assert.deepEqual(await pending, { events: [], revision: storage.revision });
  }
  watch.abort();
}

async function endsQuietly(storage: Storage): Promise<void> {
  const controller = new AbortController();
  const watch = storage.watch({ prefix: "/", startRevision: storage.revision + 1, signal: controller.signal });
  await write(storage, put("/a", "1"));
  for await (const batch of watch) {
    assert.equal(batch.events.length, 1);
    break;
  }
  assert.equal(getEventListeners(controller.signal, "abort").length, 0, "a watch that was left still listens");
  const waiting = watch[Symbol.asyncIterator]();
  await waiting.next();
  const pending = waiting.next();
  controller.abort();
  assert.equal((await pending).done, true);
  assert.equal((await waiting.next()).done, true);
  assert.equal(
    (await watch[Symbol.asyncIterator]().next()).done,
    true,
    "a watch with an aborted signal is over at once",
  );
}

async function cutsSlow(storage: Storage): Promise<void> {
  const start = storage.revision + 1;
  const slow = openWatch(storage, "/a", start);
  const quick = openWatch(storage, "/a", start);
  const pending = slow.next();
  let seen: StoredEvent[] = [];
  for (let round = 0; round < 60; round++) {
    await write(storage, put("/a", String(round)));
    seen = [...seen, ...(await quick.until(storage.revision))];
  }
  assert.equal((await pending)?.events.length, 1);
  await rejectsWith(slow.next(), "Expired");
  assert.equal(await slow.next(), undefined);
  assert.equal(seen.length, 60);
  quick.abort();
}

async function replaysSlowly(storage: Storage): Promise<void> {
  const start = storage.revision + 1;
  const watch = openWatch(storage, "/a", start);
  for (let round = 0; round < 60; round++) {
    const keys = Array.from({ length: 49 }, (_, index) => `/a/${index}`);
    const together = Array.from({ length: 7 }, (_, index) => keys.slice(index * 7, index * 7 + 7));
    await Promise.all(together.map((some) => write(storage, ...some.map((key) => put(key, String(round))))));
  }
  const events = await watch.until(storage.revision);
  assert.equal(events.length, 60 * 49);
  watch.abort();
}

async function manyWriters(storage: Storage): Promise<void> {
  const start = storage.revision + 1;
  const watches = Array.from({ length: 5 }, () => openWatch(storage, "/m/", start));
  const target = start + 16 * 20 - 1;
  const reading = Promise.all(watches.map((watch) => watch.until(target)));
  const writers = Array.from({ length: 16 }, async (_, writer) => {
    for (let round = 0; round < 20; round++) await write(storage, put(`/m/${writer}`, String(round)));
  });
  await Promise.all(writers);
  for (const events of await reading) {
    assert.deepEqual(
      events.map(({ revision }) => revision),
      Array.from({ length: 16 * 20 }, (_, index) => start + index),
    );
  }
  for (const watch of watches) watch.abort();
}

async function endsAtClose(storage: Storage): Promise<void> {
  const watch = openWatch(storage, "/", storage.revision + 1);
  const unread = openWatch(storage, "/", storage.revision);
  const ended = rejectsWith(watch.next(), "ServiceUnavailable");
  await storage.close();
  await ended;
  await rejectsWith(unread.next(), "ServiceUnavailable");
  await rejectsWith(openWatch(storage, "/", storage.revision).next(), "ServiceUnavailable");
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryStorage } from "./memory-storage.ts";

test("puts, reads and watches", async () => {
  const storage = memoryStorage();
  const controller = new AbortController();
  const watch = storage.watch({ prefix: "/a/", startRevision: 1, signal: controller.signal })[Symbol.asyncIterator]();
  assert.deepEqual((await watch.next()).value, { events: [], revision: 1 });
  const next = watch.next();
  const put = { type: "put", key: "/a/1", value: Buffer.from("one") } as const;
  assert.equal((await storage.transact({ compare: [], operations: [put] })).revision, 2);
  const batch = (await next).value;
  assert.equal(batch?.revision, 2);
  assert.equal(batch.events[0]?.entry, await storage.get("/a/1"));
  controller.abort();
  assert.equal((await watch.next()).done, true);
  await storage.close();
});

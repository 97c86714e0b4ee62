import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryStorage } from "./memory/memory-storage.ts";

const mebibyte = 1024 * 1024;

/** How many values of one mebibyte, each replaced at once by the next, the past still holds. */
async function valuesKept(presentMebibytes: number): Promise<number> {
  const storage = memoryStorage();
  const value = new Uint8Array(mebibyte);
  const put = (key: string) => storage.transact({ compare: [], operations: [{ type: "put", key, value }] });
  for (let index = 1; index < presentMebibytes; index++) await put(`/present/${index}`);
  for (let index = 0; index < 64; index++) await put("/changing");
  const kept = storage.revision - storage.compactedRevision;
  await storage.close();
  return kept;
}

test("the past takes as much as a part of the present, and never too little nor too much", async () => {
  const cases = [
    { present: 1, least: 2, most: 5 },
    { present: 64, least: 13, most: 18 },
    { present: 512, least: 27, most: 36 },
  ];
  for (const { present, least, most } of cases) {
    const kept = await valuesKept(present);
    assert.ok(kept >= least && kept <= most, `${kept} MiB kept of a store of ${present} MiB`);
  }
});

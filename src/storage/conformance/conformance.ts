// The suite that every storage driver passes. A driver's test calls storageConformance with a way to make an empty store.
import { test } from "node:test";
import { compactionCases } from "./compaction.ts";
import type { MakeStorage, StorageCase } from "./case.ts";
import { propertyCases } from "./properties.ts";
import { watchCases } from "./watches.ts";
import { writeCases } from "./writes.ts";

const caseMillisecondsMax = 30_000;

const cases: readonly StorageCase[] = [...writeCases, ...watchCases, ...compactionCases];

/** Registers the suite's tests, each on a store of its own, which is closed afterwards. `histories`: how many random ones. */
export function storageConformance(driver: string, makeStorage: MakeStorage, histories: number): void {
  for (const { name, options, run } of cases) {
    void test(`${driver}: ${name}`, { timeout: caseMillisecondsMax }, async () => {
      const storage = await makeStorage(options ?? {});
      try {
        await run(storage);
      } finally {
        await storage.close();
      }
    });
  }
  for (const { name, run } of propertyCases) {
    void test(`${driver}: ${name}`, { timeout: caseMillisecondsMax }, () => run(makeStorage, histories));
  }
}

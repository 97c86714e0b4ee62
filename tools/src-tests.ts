// Loads the tests of src that tools/test.ts names, all into one process. The runner passes over a file that throws while it is
// loaded (--test-isolation=none), with all its tests: here that is a test that fails.
import path from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

const root = path.join(import.meta.dirname, "..");

for (const file of (process.env["KARMADA_TEST_FILES"] ?? "").split("\n")) {
  try {
    await import(pathToFileURL(path.join(root, file)).href);
  } catch (error) {
    void test(`${file} loads`, () => {
      throw error;
    });
  }
}

// What src/api/generated holds is what the generator writes. Needs the data file, which lies beside the clone where there is one.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { generatedFiles } from "../../tools/generate-kubernetes-types.ts";

const root = path.join(import.meta.dirname, "..", "..");
const source = path.join(root, "..", "shared", "data", "kubernetes-types-v1.36.json");

test("src/api/generated is up to date", (context) => {
  if (!existsSync(source)) {
    context.diagnostic(`skipped: ${source} is not there`);
    return;
  }
  for (const [name, text] of Object.entries(generatedFiles(readFileSync(source, "utf8")))) {
    const committed = readFileSync(path.join(root, "src", "api", "generated", name), "utf8");
    assert.ok(committed === text, `${name} is stale: run tools/generate-kubernetes-types.ts ${source}`);
  }
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { startPlanes } from "#controllers/testing-planes.ts";
import { startSession } from "../../testing.ts";

test("group versions, sorted, each once", async () => {
  const planes = await startPlanes({ members: [] });
  try {
    const { out } = await startSession({ client: planes.client })("api-versions");
    const lines = out.trimEnd().split("\n");
    assert.deepEqual(lines, [...new Set(lines)].sort());
    for (const version of ["v1", "apps/v1", "policy.karmada.io/v1alpha1"]) assert.ok(lines.includes(version));
  } finally {
    await planes.close();
  }
});

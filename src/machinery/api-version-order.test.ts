import assert from "node:assert/strict";
import { test } from "node:test";
import { compareApiVersions } from "./api-version-order.ts";

test("sorts the preferred version first", () => {
  const sorted = [
    "v10",
    "v2",
    "v1",
    "v11beta2",
    "v10beta3",
    "v3beta1",
    "v12alpha1",
    "v11alpha2",
    "foo1",
    "foo10",
    "v1x",
  ];
  assert.deepEqual(sorted.toReversed().sort(compareApiVersions), sorted);
  assert.equal(compareApiVersions("v1", "v1"), 0);
  assert.equal(compareApiVersions("x", "x"), 0);
});

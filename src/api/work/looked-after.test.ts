// Who is scheduled: whoever has a policy or another manager.
import assert from "node:assert/strict";
import { test } from "node:test";
import { bindingWith } from "../testing/builders.ts";
import { isLookedAfter } from "./looked-after.ts";

test("a scheduler looks after bindings for as long as they have a policy or another who manages them", () => {
  const labelled = (labels: Record<string, string>) => bindingWith({ metadata: { labels } });
  assert.equal(isLookedAfter(labelled({})), false);
  assert.equal(isLookedAfter(labelled({ "propagationpolicy.karmada.io/permanent-id": "" })), false);
  assert.equal(isLookedAfter(labelled({ "propagationpolicy.karmada.io/permanent-id": "1" })), true);
  assert.equal(isLookedAfter(labelled({ "clusterpropagationpolicy.karmada.io/permanent-id": "1" })), true);
  assert.equal(isLookedAfter(labelled({ "binding.karmada.io/managed-by": "a-workload" })), true);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { bindingWith } from "#api/testing/builders.ts";
import { Assigning } from "./assigning.ts";

const at = (resourceVersion: string, cluster: string) =>
  bindingWith({ metadata: { resourceVersion }, spec: { clusters: [{ name: cluster }] } });

test("assigning: what was decided counts until the informer has it", () => {
  const assigning = new Assigning();
  assert.deepEqual(assigning.clustersOf(at("5", "old")), ["old"]);
  assigning.remember(at("5", "old"), ["new"]);
  assert.deepEqual(assigning.clustersOf(at("5", "old")), ["new"]);
  assigning.remember(at("5", "old"), ["new"], "6");
  assert.deepEqual(assigning.clustersOf(at("5", "old")), ["new"]);
  assert.deepEqual(assigning.clustersOf(at("7", "newer")), ["newer"]);
});

test("assigning: a write that failed is forgotten", () => {
  const assigning = new Assigning();
  assigning.remember(at("5", "old"), ["new"]);
  assigning.forget(at("5", "old").metadata);
  assert.deepEqual(assigning.clustersOf(at("5", "old")), ["old"]);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { conditionsOf, isEmptied, type Outcome } from "./decide.ts";

const empty: Outcome = { undiscovered: [], failures: [], remaining: [] };
const configMaps = {
  kind: { group: "", plural: "configmaps" },
  count: 2,
  finalizers: new Map([["example.com/hold", 1]]),
};
const deployments = {
  kind: { group: "apps", plural: "deployments" },
  count: 1,
  finalizers: new Map([["example.com/hold", 1]]),
};

const problems: readonly { readonly name: string; readonly outcome: Outcome; readonly said: readonly string[] }[] = [
  { name: "nothing is left", outcome: empty, said: [] },
  {
    name: "something is left, with finalizers",
    outcome: { ...empty, remaining: [deployments, configMaps] },
    said: [
      "NamespaceContentRemaining SomeResourcesRemain: Some resources are remaining: configmaps. has 2 resource instances, deployments.apps has 1 resource instances",
      "NamespaceFinalizersRemaining SomeFinalizersRemain: Some content in the namespace has finalizers remaining: example.com/hold in 2 resource instances",
    ],
  },
  {
    name: "something could not be deleted",
    outcome: { ...empty, failures: ["b failed", "a failed"] },
    said: [
      "NamespaceDeletionContentFailure ContentDeletionFailed: Failed to delete all resource types, 2 remaining: a failed, b failed",
    ],
  },
  {
    name: "some kinds are unknown",
    outcome: { ...empty, undiscovered: [{ apiVersion: "metrics.k8s.io/v1", message: "down" }] },
    said: [
      "NamespaceDeletionDiscoveryFailure DiscoveryFailed: Discovery failed for some groups, 1 failing: unable to retrieve the complete list of server APIs: metrics.k8s.io/v1: down",
    ],
  },
];

for (const { name, outcome, said } of problems) {
  test(`namespace deletion says: ${name}`, () => {
    const conditions = conditionsOf(outcome, [], 0);
    assert.equal(conditions.length, 5);
    const bad = conditions.filter(({ status }) => status === "True");
    assert.deepEqual(
      bad.map(({ type, reason, message }) => `${type} ${reason ?? ""}: ${message ?? ""}`),
      said,
    );
    assert.equal(isEmptied(outcome), said.length === 0);
  });
}

test("namespace deletion says: what is fine, in upstream's words", () => {
  assert.deepEqual(
    conditionsOf(empty, [], 0).map(({ type, reason, message }) => [type, reason, message]),
    [
      ["NamespaceDeletionDiscoveryFailure", "ResourcesDiscovered", "All resources successfully discovered"],
      [
        "NamespaceDeletionGroupVersionParsingFailure",
        "ParsedGroupVersions",
        "All legacy kube types successfully parsed",
      ],
      [
        "NamespaceDeletionContentFailure",
        "ContentDeleted",
        "All content successfully deleted, may be waiting on finalization",
      ],
      ["NamespaceContentRemaining", "ContentRemoved", "All content successfully removed"],
      ["NamespaceFinalizersRemaining", "ContentHasNoFinalizers", "All content-preserving finalizers finished"],
    ],
  );
});

test("namespace deletion says: a time moves only with its status", () => {
  const first = conditionsOf({ ...empty, remaining: [configMaps] }, [], 0);
  const second = conditionsOf({ ...empty, remaining: [deployments] }, first, 60_000);
  const third = conditionsOf(empty, second, 120_000);
  const times = (list: typeof first) => list.map(({ lastTransitionTime }) => lastTransitionTime?.slice(14, 16));
  assert.deepEqual(times(second), ["00", "00", "00", "00", "00"]);
  assert.deepEqual(times(third), ["00", "00", "00", "02", "02"]);
  assert.notEqual(second[3]?.message, first[3]?.message);
});

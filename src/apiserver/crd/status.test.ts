import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { CustomResourceDefinition } from "#api/kinds.ts";
import { decideNames } from "./names.ts";
import { nextCrdStatus } from "./status.ts";
import { testCrd, testVersion } from "./testing.ts";

const now = Date.parse("2026-01-01T00:00:00Z");
const later = Date.parse("2026-01-02T00:00:00Z");
const names = testCrd().spec.names;

function other(fields: Partial<typeof names>, group = "example.com"): CustomResourceDefinition {
  const taken = { plural: "gadgets", singular: "gadget", kind: "Gadget", listKind: "GadgetList", ...fields };
  return testCrd({ group, names: taken }, { status: { acceptedNames: taken } });
}

describe("decideNames", () => {
  for (const { name, others, reason, message } of [
    { name: "alone", others: [], reason: "NoConflicts", message: "no conflicts found" },
    {
      name: "the same names in another group",
      others: [other(names, "other.com")],
      reason: "NoConflicts",
      message: "no conflicts found",
    },
    {
      name: "plural",
      others: [other({ shortNames: ["widgets"] })],
      reason: "PluralConflict",
      message: '"widgets" is already in use',
    },
    {
      name: "singular",
      others: [other({ singular: "widget" })],
      reason: "SingularConflict",
      message: '"widget" is already in use',
    },
    {
      name: "short names",
      others: [other({ singular: "w", plural: "wid" })],
      reason: "ShortNamesConflict",
      message: '["w" is already in use, "wid" is already in use]',
    },
    {
      name: "kind",
      others: [other({ kind: "Widget" })],
      reason: "KindConflict",
      message: '"Widget" is already in use',
    },
    {
      name: "list kind",
      others: [other({ kind: "WidgetList" })],
      reason: "ListKindConflict",
      message: '"WidgetList" is already in use',
    },
  ]) {
    test(name, () => {
      const crd = testCrd({ names: { ...names, shortNames: ["w", "wid"] } });
      const decision = decideNames(crd, [crd, ...others]);
      const accepted = reason === "NoConflicts";
      assert.deepEqual(decision.namesAccepted, { status: accepted ? "True" : "False", reason, message });
      assert.equal(decision.established?.status, accepted ? "True" : "False");
      assert.equal(decision.established.reason, accepted ? "InitialNamesAccepted" : "NotAccepted");
    });
  }

  test("an established definition keeps what it has when it asks for a name that is taken", () => {
    const had = { ...names, shortNames: ["w"] };
    const crd = testCrd(
      { names: { ...names, shortNames: ["g"], categories: ["all"] } },
      { status: { acceptedNames: had, conditions: [{ type: "Established", status: "True" }] } },
    );
    const decision = decideNames(crd, [other({ shortNames: ["g"] })]);
    assert.equal(decision.namesAccepted.reason, "ShortNamesConflict");
    assert.equal(decision.established, undefined);
    assert.deepEqual(decision.acceptedNames, { ...had, categories: ["all"] });
  });
});

describe("nextCrdStatus", () => {
  test("is whole in one step and then stays", () => {
    const crd = testCrd();
    const status = nextCrdStatus(crd, [], now);
    assert.deepEqual(
      status.conditions.map(({ type, status: value, lastTransitionTime }) => [type, value, lastTransitionTime]),
      [
        ["NamesAccepted", "True", "2026-01-01T00:00:00Z"],
        ["Established", "True", "2026-01-01T00:00:00Z"],
      ],
    );
    assert.deepEqual(status.acceptedNames, names);
    assert.deepEqual(status.storedVersions, ["v1"]);
    assert.deepEqual(nextCrdStatus({ ...crd, status }, [], later), status);
  });

  test("remembers every version that was stored", () => {
    const crd = testCrd(
      { versions: [testVersion("v1"), testVersion("v2", { storage: true })] },
      { status: { storedVersions: ["v1"] } },
    );
    assert.deepEqual(nextCrdStatus(crd, [], now).storedVersions, ["v1", "v2"]);
  });

  for (const { value, status, reason } of [
    { value: "", status: "False", reason: "MissingAnnotation" },
    { value: "https://github.com/kubernetes/kubernetes/pull/1", status: "True", reason: "ApprovedAnnotation" },
    { value: "unapproved, experimental", status: "False", reason: "UnapprovedAnnotation" },
    { value: "yes", status: "False", reason: "InvalidAnnotation" },
  ]) {
    test(`a community group says who approved: ${JSON.stringify(value)}`, () => {
      const annotations = { "api-approved.kubernetes.io": value };
      const crd = testCrd({ group: "apps.k8s.io" }, { metadata: { annotations } });
      const condition = nextCrdStatus(crd, [], now).conditions.at(-1);
      assert.deepEqual([condition?.status, condition?.reason], [status, reason]);
    });
  }
});

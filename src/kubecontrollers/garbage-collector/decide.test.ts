import assert from "node:assert/strict";
import { test } from "node:test";
import {
  blocks,
  type Dependents,
  judgeDependent,
  type OwnerState,
  ownersChanged,
  phaseOf,
  referenceText,
  unblocking,
  type Verdict,
  withoutOwners,
} from "./decide.ts";

const none: Dependents = { any: false, anyInForeground: false };
const some: Dependents = { any: true, anyInForeground: false };
const circle: Dependents = { any: true, anyInForeground: true };
const remove = (propagationPolicy: "Background" | "Foreground" | "Orphan", unblock = false): Verdict => ({
  kind: "delete",
  propagationPolicy,
  unblock,
});

const cases: readonly {
  readonly name: string;
  readonly owners: readonly OwnerState[];
  readonly dependents?: Dependents;
  readonly finalizers?: readonly string[];
  readonly verdict: Verdict;
}[] = [
  { name: "no owner at all", owners: [], verdict: { kind: "keep" } },
  { name: "an owner that is there", owners: ["solid"], verdict: { kind: "keep" } },
  { name: "an owner that cannot be looked up", owners: ["unreachable"], verdict: { kind: "keep" } },
  { name: "one of two owners gone", owners: ["solid", "dangling"], verdict: { kind: "detach", uids: ["1"] } },
  { name: "one going, one there", owners: ["waiting", "solid"], verdict: { kind: "detach", uids: ["0"] } },
  { name: "one gone, one unreachable", owners: ["dangling", "unreachable"], verdict: { kind: "detach", uids: ["0"] } },
  { name: "the only owner gone", owners: ["dangling"], verdict: remove("Background") },
  {
    name: "the only owner gone, with dependents",
    owners: ["dangling"],
    dependents: some,
    verdict: remove("Background"),
  },
  { name: "gone, and it wants to orphan", owners: ["dangling"], finalizers: ["orphan"], verdict: remove("Orphan") },
  {
    name: "gone, and foreground",
    owners: ["dangling"],
    finalizers: ["foregroundDeletion"],
    verdict: remove("Foreground"),
  },
  { name: "an owner that waits, without dependents", owners: ["waiting"], verdict: remove("Background") },
  {
    name: "an owner that waits, with dependents",
    owners: ["waiting"],
    dependents: some,
    verdict: remove("Foreground"),
  },
  { name: "a circle", owners: ["waiting", "dangling"], dependents: circle, verdict: remove("Foreground", true) },
];

for (const { name, owners, dependents = none, finalizers = [], verdict } of cases) {
  test(`garbage collector decides: ${name}`, () => {
    const list = owners.map((state, index) => ({ uid: String(index), state }));
    assert.deepEqual(judgeDependent({ name: "x", finalizers }, list, dependents), verdict);
  });
}

for (const { deletionTimestamp, finalizers, phase } of [
  { deletionTimestamp: undefined, finalizers: ["orphan"], phase: "alive" },
  { deletionTimestamp: "2026", finalizers: undefined, phase: "leaving" },
  { deletionTimestamp: "2026", finalizers: ["example.com/x"], phase: "leaving" },
  { deletionTimestamp: "2026", finalizers: ["foregroundDeletion"], phase: "foreground" },
  { deletionTimestamp: "2026", finalizers: ["x/y", "orphan"], phase: "orphaning" },
]) {
  test(`garbage collector decides: ${String(deletionTimestamp)} with ${String(finalizers)} is ${phase}`, () => {
    const times = deletionTimestamp === undefined ? {} : { deletionTimestamp };
    assert.equal(phaseOf({ name: "x", ...times, ...(finalizers === undefined ? {} : { finalizers }) }), phase);
  });
}

const reference = (uid: string, blockOwnerDeletion?: boolean) => ({
  apiVersion: "v1",
  kind: "Pod",
  name: "p",
  uid,
  ...(blockOwnerDeletion === undefined ? {} : { blockOwnerDeletion }),
});

test("garbage collector decides: references are dropped, unblocked, compared and told of", () => {
  const references = [reference("a", true), reference("b")];
  assert.deepEqual(withoutOwners(references, ["a"]), [reference("b")]);
  assert.deepEqual(unblocking(references), [reference("a", false), reference("b")]);
  const of = (...ownerReferences: ReturnType<typeof reference>[]) => ({ name: "x", ownerReferences });
  assert.equal(blocks(of(...references), "a"), true);
  assert.equal(blocks(of(...references), "b"), false);
  assert.equal(ownersChanged(of(...references), of(...references)), false);
  assert.equal(ownersChanged(of(reference("a")), of(reference("a", true))), true);
  assert.equal(ownersChanged(of(), of(reference("a"))), true);
  assert.equal(ownersChanged({ name: "x" }, { name: "x" }), false);
  assert.equal(referenceText(reference("u"), "ns1"), "[v1/Pod, namespace: ns1, name: p, uid: u]");
});

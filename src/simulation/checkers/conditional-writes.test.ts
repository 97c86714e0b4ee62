import assert from "node:assert/strict";
import { test } from "node:test";
import { brokenCondition } from "./conditional-writes.ts";
import type { CommittedChange } from "./watch-delivery.ts";

const committed: readonly CommittedChange[] = [
  { revision: 2, key: "/a", type: "put" },
  { revision: 3, key: "/b", type: "put" },
  { revision: 4, key: "/a", type: "put" },
  { revision: 5, key: "/a", type: "delete" },
  { revision: 6, key: "/a", type: "put" },
];

for (const { name, expected, revision, broken } of [
  { name: "a creation of what does not exist", expected: 0, revision: 2, broken: undefined },
  { name: "an update of the newest", expected: 2, revision: 4, broken: undefined },
  { name: "a creation after a removal", expected: 0, revision: 6, broken: undefined },
  { name: "a creation of what exists", expected: 0, revision: 4, broken: /made on 0 was accepted while it was at 2/ },
  { name: "an update of an older one", expected: 2, revision: 5, broken: /made on 2 was accepted while it was at 4/ },
  {
    name: "an update of what was removed",
    expected: 4,
    revision: 6,
    broken: /made on 4 was accepted while it was at 0/,
  },
]) {
  void test(`conditional writes: ${broken === undefined ? "accept" : "refuse"} ${name}`, () => {
    const found = brokenCondition(committed, { key: "/a", expected, revision });
    if (broken === undefined) assert.equal(found, undefined);
    else assert.match(found ?? "nothing found", broken);
  });
}

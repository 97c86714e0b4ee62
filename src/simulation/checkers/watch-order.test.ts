import assert from "node:assert/strict";
import { test } from "node:test";
import type { ObservedDelivery } from "./checker.ts";
import { watchOrder } from "./watch-order.ts";

const prefix = "/registry/configmaps";
const key = (name: string): string => `${prefix}/default/${name}`;

/** A checker of a server that has committed: a at 2, b at 3, a Work at 4, a's deletion at 5. */
function watched() {
  const checker = watchOrder();
  const commit = (type: "put" | "delete", of: string, revision: number): unknown =>
    checker.committed?.({ server: "m1", type, key: of, revision, before: undefined, after: undefined });
  commit("put", key("a"), 2);
  commit("put", key("b"), 3);
  commit("put", "/registry/works/default/w", 4);
  commit("delete", key("a"), 5);
  const deliver = (type: ObservedDelivery["type"], revision: number, name = "") =>
    checker.delivered?.({ server: "m1", prefix, type, revision, key: key(name) });
  return { checker, deliver };
}

type Delivery = readonly [ObservedDelivery["type"], number, string?];

for (const { name, deliveries, broken } of [
  {
    name: "everything once and in order",
    deliveries: [
      ["put", 2, "a"],
      ["put", 3, "b"],
      ["delete", 5, "a"],
    ],
  },
  {
    name: "a bookmark behind what was delivered",
    deliveries: [
      ["put", 2, "a"],
      ["reached", 2],
    ],
  },
  {
    name: "a bookmark over what is not its own",
    deliveries: [
      ["put", 2, "a"],
      ["put", 3, "b"],
      ["reached", 4],
    ],
  },
  {
    name: "a gap",
    deliveries: [
      ["put", 2, "a"],
      ["delete", 5, "a"],
    ],
    broken: /instead of put .*\/b at 3/,
  },
  {
    name: "a change twice",
    deliveries: [
      ["put", 2, "a"],
      ["put", 2, "a"],
    ],
    broken: /put .*\/a at 2 after 2/,
  },
  {
    name: "a bookmark ahead",
    deliveries: [
      ["put", 2, "a"],
      ["reached", 3],
    ],
    broken: /had not had put .*\/b at 3/,
  },
  { name: "what nobody wrote", deliveries: [["put", 2, "c"]], broken: /delivered put .*\/c at 2/ },
] satisfies readonly { name: string; deliveries: readonly Delivery[]; broken?: RegExp }[]) {
  test(`watches: ${broken === undefined ? "may" : "must not"} deliver ${name}`, () => {
    const { deliver } = watched();
    deliver("listed", 1);
    const found = deliveries.map(([type, revision, of]: Delivery) => deliver(type, revision, of));
    if (broken === undefined)
      assert.deepEqual(
        found.filter((what) => what !== undefined),
        [],
      );
    else assert.match(found.at(-1) ?? "nothing found", broken);
  });
}

test("watches: one that has not had everything is not done, and a restored server is another one", () => {
  const { checker, deliver } = watched();
  deliver("listed", 3);
  assert.match(checker.unsettled?.() ?? "", /has not had delete .*\/a at 5/);
  checker.restored?.("m1");
  assert.equal(checker.unsettled?.(), undefined);
  assert.equal(deliver("put", 9, "z"), undefined, "still from the past that is no more");
});

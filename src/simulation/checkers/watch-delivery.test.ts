import assert from "node:assert/strict";
import { test } from "node:test";
import { brokenDelivery, type CommittedChange } from "./watch-delivery.ts";

const put = (revision: number, key = "/a"): CommittedChange => ({ revision, key, type: "put" });
const removal = (revision: number, key = "/a"): CommittedChange => ({ revision, key, type: "delete" });
const committed = [put(2), put(3, "/b"), put(4), removal(5)];

for (const { name, changes, from = 2, until = 5, broken } of [
  { name: "all of its keys in order", changes: [put(2), put(4), removal(5)], broken: undefined },
  { name: "what comes after its beginning", changes: [put(4), removal(5)], from: 3, broken: undefined },
  { name: "not yet what is still under way", changes: [put(2)], until: 3, broken: undefined },
  { name: "nothing before anything has happened", changes: [], from: 6, until: 5, broken: undefined },
  { name: "less than was committed", changes: [put(2), removal(5)], broken: /delete \/a at 5 instead of put \/a at 4/ },
  { name: "less at the end", changes: [put(2), put(4)], broken: /nothing instead of delete/ },
  {
    name: "a change twice",
    changes: [put(2), put(2), put(4), removal(5)],
    broken: /put \/a at 2 instead of put \/a at 4/,
  },
  { name: "changes out of order", changes: [put(4), put(2), removal(5)], broken: /at 4 instead of put \/a at 2/ },
  { name: "what was not committed", changes: [put(2), put(4), removal(5), put(9)], broken: /at 9 instead of nothing/ },
  { name: "a put as a removal", changes: [put(2), removal(4), removal(5)], broken: /delete \/a at 4 instead of put/ },
]) {
  void test(`watches: ${broken === undefined ? "may" : "must not"} deliver ${name}`, () => {
    const found = brokenDelivery(committed, { prefix: "/a", from, until, changes });
    if (broken === undefined) assert.equal(found, undefined);
    else assert.match(found ?? "nothing found", broken);
  });
}

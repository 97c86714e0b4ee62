import assert from "node:assert/strict";
import { test } from "node:test";
import { nothingFlaps } from "./nothing-flaps.ts";

const change = (key: string) =>
  ({ server: "karmada", type: "put", key, revision: 1, before: undefined, after: undefined }) as const;

for (const { name, key, times, broken } of [
  { name: "a late status", key: "/registry/configmaps/default/a", times: 3, broken: undefined },
  { name: "leases", key: "/registry/leases/karmada-system/one", times: 30, broken: undefined },
  { name: "two who fight", key: "/registry/configmaps/default/a", times: 4, broken: /is written 4 times/ },
]) {
  test(`flapping: ${name}: ${broken === undefined ? "no" : "yes"}`, () => {
    const checker = nothingFlaps();
    for (let index = 0; index < 30; index++) checker.committed?.(change("/registry/configmaps/default/a"));
    checker.unsettled?.(); // what came before was on the way to here
    for (let index = 0; index < times; index++) checker.committed?.(change(key));
    const found = checker.rested?.();
    if (broken === undefined) assert.equal(found, undefined);
    else assert.match(found ?? "nothing found", broken);
  });
}

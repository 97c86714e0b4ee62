import assert from "node:assert/strict";
import { test } from "node:test";
import { selectPlugins } from "./plugins-flag.ts";

const names = (list: readonly string[]): string[] => selectPlugins(list).map(({ name }) => name);

test("--plugins: all, some, all but some", () => {
  assert.deepEqual(names([]), names(["*"]));
  assert.ok(names([]).includes("ClusterLocality"));
  assert.deepEqual(names(["TaintToleration", "ClusterAffinity"]), ["ClusterAffinity", "TaintToleration"]);
  assert.deepEqual(
    names(["*", "-ClusterLocality"]),
    names([]).filter((name) => name !== "ClusterLocality"),
  );
});

test("--plugins: a name that does not exist", () => {
  assert.throws(() => names(["*", "-Locality"]), /"-Locality" is none; there are ClusterAffinity, /);
});

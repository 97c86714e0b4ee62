// Applies and updates of made-up objects by several managers: what must hold whatever they do.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { deepEqual } from "../equality.ts";
import type { Schema } from "../schema.ts";
import { compareValues } from "./compare.ts";
import { covers, difference, elementsOf, type FieldSet, intersection, isEmptySet, leaf, union } from "./field-set.ts";
import { managerId, type ManagerName, type Managers } from "./managers.ts";
import { mergeTypeOf } from "./merge-type.ts";
import { mergeValues } from "./merge-value.ts";
import { setOfValue } from "./typed-value.ts";
import { applyConfig, type Fields, type FieldRules, updateManagers } from "./updater.ts";

const text = { type: "string" } as const;
const schema: Schema = {
  type: "object",
  properties: {
    a: text,
    b: { type: "integer" },
    inner: { type: "object", properties: { c: text, d: text, deep: { type: "object", properties: { e: text } } } },
    free: { type: "object", additionalProperties: text },
    items: {
      type: "array",
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["name"],
      items: {
        type: "object",
        properties: { name: text, value: text, more: { type: "object", properties: { f: text } } },
      },
    },
    set: { type: "array", "x-kubernetes-list-type": "set", items: text },
    atom: { type: "array", items: text },
    whole: { type: "object", "x-kubernetes-map-type": "atomic", properties: { g: text, h: text } },
  },
};
const type = mergeTypeOf(schema, () => ({}), { custom: false });
const same = (object: Fields): Fields => object;
const rules: FieldRules = {
  version: { apiVersion: "v1", type, from: same, to: same },
  other: () => undefined,
  scope: { skipsRoot: () => false, skipsMetadata: () => false },
  tracked: (set) => set,
  reconciles: true,
};

const word = fc.constantFrom("x", "y", "z");
const optional = { requiredKeys: [] };
const item = fc
  .tuple(word, fc.record({ value: word, more: fc.record({ f: word }, optional) }, optional))
  .map(([name, rest]) => ({ name, ...rest }));
// No empty lists: one owns nothing, so as upstream it goes with the items that were applied before and comes with the next.
const config: fc.Arbitrary<Fields> = fc.record(
  {
    a: word,
    b: fc.nat(2),
    inner: fc.record({ c: word, d: word, deep: fc.record({ e: word }, optional) }, optional),
    free: fc.dictionary(word, word, { maxKeys: 3 }),
    items: fc.uniqueArray(item, { selector: ({ name }) => name, minLength: 1, maxLength: 3 }),
    set: fc.uniqueArray(word, { minLength: 1, maxLength: 3 }),
    atom: fc.array(word, { maxLength: 2 }),
    whole: fc.record({ g: word, h: word }, optional),
  },
  optional,
);
const who = fc.constantFrom("ann", "bob", "cat");

function nameOf(manager: string, operation: ManagerName["operation"]): ManagerName {
  return { manager, operation, apiVersion: "v1", subresource: "" };
}

interface State {
  readonly object: Fields;
  readonly managers: Managers;
}

const nothing: State = { object: {}, managers: new Map() };

function apply({ object, managers }: State, manager: string, wanted: Fields): State {
  const name = nameOf(manager, "Apply");
  const applied = applyConfig(rules, { live: object, config: wanted, managers, name, force: true });
  return { object: applied.object ?? object, managers: applied.managers };
}

function update({ object, managers }: State, manager: string, wanted: Fields): State {
  const name = nameOf(manager, "Update");
  return { object: wanted, managers: updateManagers(rules, { old: object, object: wanted, managers, name, now: "t" }) };
}

const step = fc.record({ manager: who, wanted: config, applies: fc.boolean() });
const history = fc
  .array(step, { maxLength: 6 })
  .map((steps) =>
    steps.reduce((state, { manager, wanted, applies }) => (applies ? apply : update)(state, manager, wanted), nothing),
  );

const setOfManager = ({ managers }: State, name: ManagerName): FieldSet => managers.get(managerId(name))?.set ?? leaf;

test("the same applied twice is applied once", () => {
  fc.assert(
    fc.property(history, who, config, (state, manager, wanted) => {
      const once = apply(state, manager, wanted);
      const name = nameOf(manager, "Apply");
      const twice = applyConfig(rules, {
        live: once.object,
        config: wanted,
        managers: once.managers,
        name,
        force: false,
      });
      assert.deepEqual(twice.conflicts, []);
      assert.equal(twice.object, undefined);
      assert.deepEqual(twice.managers, once.managers);
    }),
  );
});

test("an applied object has what was applied, and its applier owns exactly that", () => {
  fc.assert(
    fc.property(history, who, config, (state, manager, wanted) => {
      const after = apply(state, manager, wanted);
      assert.ok(compareValues(type, after.object, mergeValues(type, after.object, wanted)) === undefined);
      assert.deepEqual(setOfManager(after, nameOf(manager, "Apply")), setOfValue(type, wanted));
    }),
  );
});

test("what others own stays, unless it was taken", () => {
  fc.assert(
    fc.property(history, who, config, (state, manager, wanted) => {
      const name = nameOf(manager, "Apply");
      const { object: live, managers } = state;
      const applied = applyConfig(rules, { live, config: wanted, managers, name, force: false });
      if (applied.conflicts.length > 0) return;
      const object = applied.object ?? live;
      for (const [id, other] of managers) {
        if (id === managerId(name)) continue;
        const { modified = leaf } = compareValues(type, live, object) ?? {};
        assert.deepEqual(intersection(other.set, modified), leaf, "no owned field changes without a conflict");
        const left = applied.managers.get(id)?.set ?? leaf;
        assert.ok(covers(other.set, left), "nobody gains by another's apply");
      }
    }),
  );
});

test("only what was the applier's alone goes", () => {
  fc.assert(
    fc.property(history, who, config, (state, manager, wanted) => {
      const after = apply(state, manager, wanted);
      const { removed = leaf } = compareValues(type, state.object, after.object) ?? {};
      if (isEmptySet(removed)) return;
      // Everything that went lies under a path that its applier owned, or a struct above one.
      const last = setOfManager(state, nameOf(manager, "Apply"));
      assert.ok(
        elementsOf(removed).every((element) => elementsOf(last).includes(element)),
        "nothing else goes",
      );
    }),
  );
});

test("an update takes what it changes from everybody", () => {
  fc.assert(
    fc.property(history, who, config, (state, manager, wanted) => {
      const after = update(state, manager, wanted);
      const { added = leaf, modified = leaf, removed = leaf } = compareValues(type, state.object, wanted) ?? {};
      const id = managerId(nameOf(manager, "Update"));
      assert.ok(covers(after.managers.get(id)?.set ?? leaf, union(added, modified)));
      for (const [other, { set }] of after.managers) {
        if (other !== id) assert.deepEqual(intersection(set, union(union(added, modified), removed)), leaf);
        assert.ok(!isEmptySet(set), "empty entries vanish");
      }
      if (deepEqual(state.object, wanted)) assert.equal(after.managers, state.managers);
    }),
  );
});

test("owned fields are there", () => {
  fc.assert(
    fc.property(history, (state) => {
      const { added = leaf } = compareValues(type, {}, state.object) ?? {};
      for (const { set, operation } of state.managers.values()) {
        if (operation === "Update") assert.deepEqual(difference(set, added), leaf);
      }
    }),
  );
});

for (const { live, wanted, merged } of [
  { live: ["a", "b", "c"], wanted: ["c", "x", "a"], merged: ["b", "c", "x", "a"] },
  { live: ["app"], wanted: ["sidecar"], merged: ["app", "sidecar"] },
  { live: ["a", "b"], wanted: ["b"], merged: ["a", "b"] },
  { live: [], wanted: ["a"], merged: ["a"] },
  { live: ["a"], wanted: [], merged: ["a"] },
]) {
  test(`lists merge in order: ${live.join(",")} and ${wanted.join(",")}`, () => {
    assert.deepEqual(mergeValues(type, { set: live }, { set: wanted }), { set: merged });
  });
}

test("duplicates in a live list are one unit", () => {
  const live = { items: [{ name: "x", value: "1" }, { name: "x", value: "2" }, { name: "y" }] };
  const changed = { items: [{ name: "x", value: "1" }, { name: "x", value: "3" }, { name: "y" }] };
  assert.deepEqual(compareValues(type, live, changed), { modified: { "f:items": { 'k:{"name":"x"}': {} } } });
  assert.deepEqual(setOfValue(type, live), {
    "f:items": { 'k:{"name":"x"}': {}, 'k:{"name":"y"}': { ".": {}, "f:name": {} } },
  });
});

test("an entry from before something became one unit owns the whole", () => {
  const managers: Managers = new Map([
    [
      managerId(nameOf("ann", "Apply")),
      { ...nameOf("ann", "Apply"), set: { "f:whole": { "f:g": {} }, "f:a": {} }, time: undefined },
    ],
  ]);
  const state = { object: { a: "x", whole: { g: "x" } }, managers };
  const after = update(state, "bob", { a: "y", whole: { g: "x" } });
  assert.deepEqual(setOfManager(after, nameOf("ann", "Apply")), { "f:whole": {} });
});

// A binding is held until its template can be interpreted; what users hold stays held.
import assert from "node:assert/strict";
import { test } from "node:test";
import { bindingWith } from "../testing.ts";
import { withHold, withoutHold } from "./hold.ts";

test("a held binding is not scheduled, says so, and is as before when it is free again", () => {
  for (const suspension of [undefined, { dispatching: true }]) {
    const binding = bindingWith(suspension === undefined ? {} : { suspension }, { annotations: { a: "b" } });
    const held = withHold(binding);
    assert.deepEqual(held.spec.suspension, { ...suspension, scheduling: true });
    assert.equal(held.metadata.annotations?.["resourcebinding.karmada.io/awaits-interpretation"], "true");
    assert.deepEqual(withoutHold(held), binding);
  }
});

test("what a user holds is not set free", () => {
  const binding = bindingWith({ suspension: { scheduling: true } });
  assert.equal(withoutHold(binding), binding);
});

// Whatever the text of a script is, it is refused with a line or runs within its limits; tables do what a map would. That
// scripts do what they do in Lua 5.1 is tested in test/interpreter/lua.test.ts.
import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { libraryTable } from "./library/arguments.ts";
import { openLibraries } from "./library/libraries.ts";
import { LuaError, LuaLimitError } from "./machine.ts";
import { callLua, compileLua, startLua } from "./run.ts";
import { LuaSyntaxError } from "./syntax-error.ts";
import { LuaTable } from "./table.ts";
import type { LuaValue } from "./values.ts";

function run(script: string, steps = 2_000): LuaTable {
  const { globals } = startLua(compileLua("s", script), {
    limits: { steps, bytes: 100_000 },
    now: () => 0,
    print: () => undefined,
    ...openLibraries(),
  });
  return globals;
}

const pieces = [
  ...["and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in", "local", "nil"],
  ...["not", "or", "repeat", "return", "then", "true", "until", "while", "...", "..", "==", "~=", "<=", ">=", "::"],
  ...["+", "-", "*", "/", "%", "^", "#", "<", ">", "=", "(", ")", "{", "}", "[", "]", ";", ":", ",", ".", "\n"],
  ...["a", "b", "a", "b", "f", "1", "2.5", "0x1", "'s'", '"t"', "[[l]]", "--c\n", "pcall", "string", "table", "next"],
];
/** Statements that are right, of parts that need not be. */
const statement = fc.letrec<{ block: string; statement: string; expression: string }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom("a", "b", "1", "'s'", "nil", "true", "{ a, b }", "{ x = a }", "a.x", "b[1]", "#a", "string.find"),
    fc
      .tuple(tie("expression"), fc.constantFrom("+", "..", "==", "<", "and", "or", "%"), tie("expression"))
      .map((all) => all.join(" ")),
    fc.tuple(tie("expression"), tie("expression")).map(([callee, arg]) => `(${callee})(${arg})`),
    tie("block").map((body) => `(function(...) ${body} end)`),
    fc
      .tuple(
        fc.constantFrom("pcall", "tostring", "pairs", "unpack", "select", "table.insert", "a:b"),
        tie("expression"),
      )
      .map(([callee, arg]) => `${callee}(${arg})`),
  ),
  statement: fc.oneof(
    { maxDepth: 3 },
    tie("expression").map((value) => `a = ${value}`),
    tie("expression").map((value) => `local b = ${value}`),
    fc
      .tuple(tie("expression"), tie("block"))
      .map(([condition, body]) => `if ${condition} then ${body} else ${body} end`),
    fc.tuple(tie("expression"), tie("block")).map(([condition, body]) => `while ${condition} do ${body} break end`),
    tie("block").map((body) => `for i = 1, 3 do ${body} end`),
    tie("block").map((body) => `for k, v in pairs({ 1, x = 2 }) do a[k] = v ${body} end`),
    tie("block").map((body) => `repeat ${body} until a`),
    tie("block").map((body) => `function f(a, ...) ${body} end f(a, b)`),
  ),
  block: fc.array(tie("statement"), { maxLength: 3 }).map((all) => all.join(" ")),
})).statement;

/** Nothing else comes out of a script. */
function isOurs(error: unknown): boolean {
  return error instanceof LuaSyntaxError || error instanceof LuaError || error instanceof LuaLimitError;
}

function endsWell(script: string): void {
  try {
    run(script);
  } catch (error) {
    if (!isOurs(error)) throw new Error(`${String(error)} in: ${script}`, { cause: error });
  }
}

test("any text is refused, or runs and ends", () => {
  const texts = fc.array(fc.constantFrom(...pieces), { maxLength: 40 }).map((all) => all.join(" "));
  fc.assert(fc.property(fc.oneof(texts, fc.string(), fc.string({ unit: "binary" })), endsWell), { numRuns: 1_500 });
});

test("any program runs and ends", () => {
  fc.assert(
    fc.property(fc.array(statement, { minLength: 1, maxLength: 5 }), (statements) => {
      endsWell(`a, b = {}, 's'\n${statements.join("\n")}`);
    }),
    { numRuns: 1_500 },
  );
});

test("a text that cannot be read is refused with the line", () => {
  for (const { script, says } of [
    { script: "x = = 1", says: "s:1: unexpected symbol near '='" },
    { script: "x = 1\n\nfor i in do end", says: "s:3: unexpected symbol near 'do'" },
    { script: "if x then\n\n", says: "s:3: 'end' expected (to close 'if' at line 1) near '<eof>'" },
    { script: "x = 'abc", says: "s:1: unfinished string near '<eof>'" },
    { script: "x = 'a\nb'", says: "s:1: unfinished string near ''a'" },
    { script: "x = [[abc\n\n", says: "s:3: unfinished long string near '<eof>'" },
    { script: "x = 12abc", says: "s:1: malformed number near '12abc'" },
    { script: "x = '\\300'", says: "s:1: escape sequence too large near ''\\300'" },
    { script: "break", says: "s:1: no loop to break near '<eof>'" },
    { script: "goto nowhere", says: "s:1: no visible label 'nowhere' for goto" },
    { script: "::a:: ::a::", says: "s:1: label 'a' already defined" },
    { script: "function f() return ... end", says: "s:1: cannot use '...' outside a vararg function near '...'" },
    { script: "f\n(x)", says: "s:2: ambiguous syntax (function call x new statement) near '('" },
    { script: "x", says: "s:1: '=' expected near '<eof>'" },
    { script: "f() = 1", says: "s:1: unexpected symbol near '='" },
    { script: "x = @", says: "s:1: unexpected symbol near '@'" },
    { script: `x = ${"(".repeat(300)}1`, says: "s:1: chunk has too many syntax levels" },
    {
      script: `local ${Array.from({ length: 201 }, (_, index) => `v${index}`).join(", ")}`,
      says: "s:1: function has more than 200 local variables",
    },
  ]) {
    assert.throws(() => compileLua("s", script), { message: says });
  }
});

test("goto continues loops and leaves them", () => {
  const script = `
    found = ""
    for i = 1, 5 do
      if i % 2 == 0 then goto continue end
      for j = 1, 3 do
        if j == 2 then goto next end
        found = found .. i .. j .. " "
      end
      ::next::
      if i == 5 then goto done end
      ::continue::
    end
    ::done::`;
  assert.equal(run(script).get("found"), "11 31 51 ");
});

test("a function of a script is called with values and gives some", () => {
  const strings = libraryTable([]);
  const environment = {
    limits: { steps: 100, bytes: 1_000 },
    now: () => 0,
    print: () => undefined,
    strings,
    globals: [],
  };
  const started = startLua(compileLua("s", "function f(a, b) return b, a end n = 1"), environment);
  assert.deepEqual(callLua(started, "f", [1, "x"]), ["x", 1]);
  assert.equal(callLua(started, "n", []), undefined);
});

const key = fc.oneof(fc.integer({ min: -1, max: 8 }), fc.constantFrom("a", "b", true, 1.5));
const write = fc.tuple(key, fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }));

test("a table keeps what a map keeps, and its length is a border", () => {
  fc.assert(
    fc.property(fc.array(write, { maxLength: 30 }), (writes) => {
      const table = new LuaTable();
      const model = new Map<LuaValue, LuaValue>();
      for (const [at, value] of writes) {
        table.set(at, value);
        if (value === undefined) model.delete(at);
        else model.set(at, value);
      }
      for (let index = -1; index <= 9; index++) assert.equal(table.get(index), model.get(index));
      for (const at of ["a", "b", true, 1.5]) assert.equal(table.get(at), model.get(at));
      for (const [at, value] of table.entries()) assert.equal(model.get(at), value);
      let walked = 0;
      let last: LuaValue;
      for (;;) {
        const entry = table.next(last);
        if (entry === undefined) break;
        assert.notEqual(entry, "invalid");
        last = entry === "invalid" ? undefined : entry[0];
        walked++;
      }
      assert.equal(walked, model.size);
      const { length } = table;
      assert.ok((length === 0 || table.get(length) !== undefined) && table.get(length + 1) === undefined);
    }),
  );
});

test("what a table stands for is not changed, and not read before it is needed", () => {
  const source = { list: [1, 2], text: "ä", nothing: null, inner: { x: 1 } };
  const table = new LuaTable(Object.freeze(source));
  assert.equal(table.isTouched, false);
  assert.equal(table.get("text"), "Ã¤", "a text is its bytes");
  assert.equal(table.get("nothing"), undefined);
  table.set("text", "b");
  const inner = table.get("inner");
  assert.ok(inner instanceof LuaTable && !inner.isTouched && inner.source === source.inner);
  assert.equal(source.text, "ä");
});

// Lua scripts do what they do in Lua 5.1: the scripts of test/interpreter/lua print what the real one printed (kept beside
// them), and where the real one is installed, it is asked again, also for expressions that chance makes.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import test from "node:test";
import fc from "fast-check";
import { openLibraries } from "#machinery/lua/library/libraries.ts";
import { compileLua, startLua } from "#machinery/lua/run.ts";

const folder = path.join(import.meta.dirname, "lua");
const scripts = (await readdir(folder)).filter((name) => name.endsWith(".lua"));
const real = process.env["LUA51"] ?? "lua5.1";
const hasReal = spawnSync(real, ["-v"]).status === 0;
const needsReal = hasReal ? {} : { skip: "lua5.1 is not installed (Debian: apt-get install lua5.1)" };

/** What our engine prints, as bytes. */
function printed(script: string): string {
  const lines: string[] = [];
  startLua(compileLua("lua", script), {
    limits: { steps: 10_000_000, bytes: 100_000_000 },
    now: Date.now,
    print: (line) => lines.push(`${line}\n`),
    ...openLibraries(),
  });
  return lines.join("");
}

/** What the real one prints. The file is named `lua`, since messages name it. */
async function printedByReal(script: string): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), "lua-"));
  try {
    await writeFile(path.join(directory, "lua"), script);
    const run = spawnSync(real, ["lua"], { cwd: directory, env: { ...process.env, TZ: "UTC" }, encoding: "latin1" });
    return run.stderr + run.stdout;
  } finally {
    await rm(directory, { recursive: true });
  }
}

for (const name of scripts) {
  const file = path.join(folder, name);
  test(`${name} prints what Lua 5.1 printed`, async () => {
    assert.equal(printed(await readFile(file, "utf8")), await readFile(file.replace(/lua$/, "txt"), "latin1"));
  });

  test(`${name} prints what the installed Lua 5.1 prints`, needsReal, async () => {
    const script = await readFile(file, "utf8");
    assert.equal(printed(script), await printedByReal(script));
  });
}

const operands = [
  ...["nil", "true", "false", "0", "1", "-1", "2.5", "10", "1e15", "3e-3", "255"],
  ...["''", "'a'", "'10'", "'0x1f'", "' 5 '", "'1e1'", "'abc'", "t", "t.n", "t.s", "t[1]", "#t", "#'four'"],
  ...["f(3)", "(f(1, 2))", "tostring(12)", "tonumber('7')", "type(nil)", "('x'):upper()", "math.floor(2.7)"],
  ...["string.format('%5.2f', 1.005)", "string.sub('hello', 2, 3)", "select('#', f(1, nil))"],
].map((text) => fc.constant(text));
const operators = ["+", "-", "*", "/", "%", "^", "..", "==", "~=", "<", "<=", ">", ">=", "and", "or"];
const { expression } = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.oneof(...operands),
    fc
      .tuple(tie("expression"), fc.constantFrom(...operators), tie("expression"))
      .map(([left, operator, right]) => `${left} ${operator} ${right}`),
    tie("expression").map((inner) => `(${inner})`),
    fc.tuple(fc.constantFrom("not ", "- ", "#"), tie("expression")).map(([sign, inner]) => `${sign}${inner}`),
  ),
}));

const pieces = [
  "a",
  "b",
  ".",
  "%a",
  "%d",
  "%s",
  "%w",
  "%p",
  "[ab]",
  "[^a]",
  "[%d.]",
  "%.",
  "^",
  "$",
  "(",
  ")",
  "()",
  "%1",
];
const pattern = fc
  .array(fc.tuple(fc.constantFrom(...pieces, "%b()", "%f[%w]"), fc.constantFrom("", "", "*", "+", "-", "?")), {
    maxLength: 6,
  })
  .map((parts) => parts.map((part) => part.join("")).join(""));
const subject = fc
  .array(fc.constantFrom("a", "b", "1", ".", " ", "(", ")"), { maxLength: 10 })
  .map((all) => all.join(""));

/** Which variable a message names depends on registers, and the sign of NaN on the processor. */
function comparable(line: string): string {
  return line.replace(/(?:local|upvalue|global|field) '[^']*' \((a \w+ value)\)/, "$1").replace("-nan", "nan");
}

/** NaN prints as `nan` or `-nan`, which is the processor's choice; addresses and folded negative zeros are left out, too. */
const prelude = `
local t = { 1, 2, n = 4, s = "text" }
local function f(...) return ... end
local function show(ok, ...)
  local v = ...
  if type(v) == "table" or type(v) == "function" or v ~= v or v == 0 then v = "left out" end
  print(ok, v, select(2, ...))
end
`;

test("expressions and patterns that chance made give what the installed Lua 5.1 gives", needsReal, async () => {
  const options = { numRuns: 1_500, seed: 51 };
  const lines = [
    ...fc.sample(expression, options).map((text) => `show(pcall(function() return ${text} end))`),
    ...fc
      .sample(fc.tuple(pattern, subject), options)
      .flatMap(([form, text]) => [
        `show(pcall(string.find, '${text}', '${form}'))`,
        `show(pcall(string.match, '${text}', '${form}'))`,
      ]),
  ];
  const script = `${prelude}${lines.map((line) => `${line}\n`).join("")}`;
  const [ours, theirs] = [printed(script).split("\n"), (await printedByReal(script)).split("\n")];
  theirs.forEach((line, index) => {
    assert.equal(comparable(ours[index] ?? ""), comparable(line), lines[index]);
  });
});

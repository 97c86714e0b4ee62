import assert from "node:assert/strict";
import test, { after } from "node:test";
import { systemClock } from "#std/time.ts";
import type { ScriptCall } from "./run-script.ts";
import { quickScripts } from "./script-engine.ts";
import { threadScripts } from "./script-thread.ts";

/** On a busy machine the second is over before the rest is used up. */
const limit =
  /(line 2: )?the script (needs more than 5000000 steps|makes more than 67108864 bytes of values|takes longer than 1000 ms)$/;

const end = new AbortController();
const run = quickScripts(systemClock, threadScripts(systemClock, end.signal));
after(() => {
  end.abort();
});

function callOf(body: string): ScriptCall {
  return {
    customization: "c",
    operation: "InterpretHealth",
    script: `function F(obj)\n${body}\nend`,
    functionName: "F",
    args: [{ list: [3, 1, 2], text: "ä" }],
    keepsEmpty: false,
  };
}

test("what is not quick runs on a thread, and gives the same", async () => {
  const body = "local n = 0 for i = 1, 100000 do n = n + i end print('sum', n) return n, obj.list, obj.text";
  assert.deepEqual(await run(callOf(body)), { results: [5_000_050_000, [3, 1, 2], "ä"], printed: ["sum\t5000050000"] });
});

test("the event loop goes on while a script loops without end, and other scripts have their turn", async () => {
  let turns = 0;
  const count = setInterval(() => turns++, 1);
  const endless = run(callOf("while true do end"));
  const next = run(callOf("for i = 1, 50000 do end return 'after'"));
  await assert.rejects(endless, limit);
  assert.deepEqual((await next).results, ["after"]);
  clearInterval(count);
  assert.ok(turns > 5, `${turns} turns of the event loop`);
});

test("who waits is told when the interpreter ends", async () => {
  const own = new AbortController();
  const runOwn = threadScripts(systemClock, own.signal);
  const waiting = [runOwn(callOf("while true do end")), runOwn(callOf("return 1"))];
  own.abort();
  for (const each of waiting) await assert.rejects(each, /the interpreter has ended/);
  await assert.rejects(runOwn(callOf("return 1")), /the interpreter has ended/);
});

/** Scripts that try to take more than they may, or to reach what they must not. */
for (const { name, body, error } of [
  { name: "a loop that catches its errors", body: "while true do pcall(error, 'x') end", error: limit },
  { name: "a loop inside pcall", body: "pcall(function() while true do end end)", error: limit },
  { name: "a backward goto", body: "::again:: goto again", error: limit },
  { name: "a text that doubles itself", body: "local s = 'x' while true do s = s .. s end", error: limit },
  {
    name: "string.rep",
    body: "return ('x'):rep(1e9)",
    error: /line 2: The Lua function string.rep is not supported by/,
  },
  {
    name: "format of wide fields",
    body: "local t = {} while true do t[#t + 1] = string.format('%99d', 1) end",
    error: limit,
  },
  { name: "a table that grows", body: "local t = {} while true do t[#t + 1] = {} end", error: limit },
  { name: "a table constructor in a loop", body: "while true do local t = { {}, {}, {} } end", error: limit },
  { name: "closures in a loop", body: "while true do local f = function() return obj end end", error: limit },
  {
    name: "deep recursion",
    body: "local function f() return 1 + f() end return f()",
    error: /line 2: stack overflow$/,
  },
  { name: "recursion through pcall", body: "local function f() local a, b = pcall(f) return b end return f() == nil" },
  {
    name: "recursion through a sort",
    body: "local function f() table.sort({ 2, 1 }, f) end f()",
    error: /stack overflow$/,
  },
  { name: "endless tail calls", body: "local function f() return f() end return f()", error: limit },
  {
    name: "a pattern that tries everything",
    body: "local s = '' for i = 1, 60 do s = s .. 'aaaaaaaaaa' end return s:find('.-.-.-.-.-.-.-b')",
    error: limit,
  },
  {
    name: "a pattern that nests",
    body: "local p = '' for i = 1, 300 do p = p .. 'a-' end return ('a'):find(p)",
    error: /pattern too complex$/,
  },
  {
    name: "a long input to a string function",
    body: "local s = 'x' for i = 1, 20 do s = s .. s end return s:lower()",
    error: /string length 1048576 exceeds the maximum allowed input string length 1000000 in Karmada lua string lib/,
  },
  {
    name: "a result that unfolds",
    body: "local t = {} for i = 1, 40 do t = { t, t } end return t",
    error: limit,
  },
  {
    name: "a result that contains itself",
    body: "local t = { 1 } t[2] = t return t",
    error: /cannot encode recursively nested tables to JSON$/,
  },
  { name: "a sparse result", body: "return { [1] = 1, [10] = 2 }", error: /cannot encode mixed or invalid key types$/ },
  { name: "a function as a result", body: "return { f = print }", error: /cannot encode function to JSON$/ },
  { name: "infinity as a result", body: "return { n = 1 / 0 }", error: /cannot encode Infinity to JSON$/ },
  { name: "unpack of a huge range", body: "return unpack({}, 1, 1e9)", error: /too many results to unpack$/ },
  {
    name: "concat of a huge range",
    body: "return table.concat({}, 'x', 1, 1e9)",
    error: /invalid value \(nil\) at index 1/,
  },
  { name: "insert far behind", body: "local t = {} table.insert(t, 1e9, 1) return #t" },
  { name: "a count that never ends", body: "for i = 3, 2, 0 do end", error: limit },
  {
    name: "metatables of texts",
    body: "getmetatable('').__index = nil",
    error: /call function getmetatable is not supported/,
  },
  {
    name: "metatables with __gc",
    body: "setmetatable({}, { __gc = print })",
    error: /call function setmetatable is not/,
  },
  {
    name: "the loader of texts",
    body: "return loadstring('return 1')",
    error: /call function loadstring is not supported/,
  },
  { name: "files", body: "return io.open('/etc/passwd')", error: /attempt to index global 'io' \(a nil value\)$/ },
  {
    name: "the environment",
    body: "return os.getenv('HOME')",
    error: /attempt to call field 'getenv' \(a nil value\)$/,
  },
  { name: "programs", body: "return os.execute('ls')", error: /attempt to call field 'execute' \(a nil value\)$/ },
  { name: "modules", body: "return require('socket')", error: /module 'socket' not found/ },
  { name: "native libraries", body: "return package.loadlib('x', 'y')", error: /loadlib is not supported$/ },
  { name: "coroutines", body: "return coroutine.create(print)", error: /attempt to index global 'coroutine'/ },
  { name: "JavaScript's own names", body: "return obj.constructor, obj.__proto__, ('x').constructor, _G.globalThis" },
  { name: "a library that it changes", body: "string.lower = nil table.sort = nil return 1" },
] satisfies readonly { name: string; body: string; error?: RegExp }[]) {
  test(`a script cannot do harm with ${name}`, async () => {
    const outcome = run(callOf(body));
    if (error !== undefined) {
      await assert.rejects(outcome, error);
      return;
    }
    const { results } = await outcome;
    assert.ok(results.every((result) => result === undefined || typeof result !== "object"));
  });
}

test("what a script changes in a library is gone with its run", async () => {
  await run(callOf("string.lower = nil kept = 1"));
  assert.deepEqual((await run(callOf("return ('A'):lower(), kept"))).results, ["a", undefined]);
});

// The program around the commands: help, flags, errors, exit codes.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Client } from "#client/client.ts";
import { createClient } from "#client/rest-client.ts";
import { ApiError } from "#machinery/api-error.ts";
import { type Command, defineCommand, flag, UsageError } from "./command.ts";
import { commands, footer } from "./commands/all.ts";
import { startSession } from "./testing.ts";

const client: Client = createClient({
  send: () => Promise.reject(new Error("no server")),
  close: () => Promise.resolve(),
});

function session(...more: readonly Command[]): ReturnType<typeof startSession> {
  return startSession({ client, commands: more });
}

const echo = defineCommand({
  name: "echo",
  group: "Basic Commands",
  summary: "Print what was given",
  examples: ["$0 echo a"],
  args: [{ name: "WORD", doc: "What to print.", variadic: true }],
  flags: {
    dryRun: flag.string("Mode.", "none", { bare: "client" }),
    noHeaders: flag.boolean("No header."),
    count: flag.number("How many.", 2),
    clusters: flag.list("Names.", { short: "C" }),
  },
  run({ args, flags, io }) {
    io.out(`${JSON.stringify({ args, ...flags })}\n`);
    return Promise.resolve(0);
  },
});

for (const { line, expected } of [
  { line: "echo", expected: { args: [], dryRun: "none", noHeaders: false, count: 2, clusters: [] } },
  { line: "echo --dry-run a", expected: { args: ["a"], dryRun: "client", noHeaders: false, count: 2, clusters: [] } },
  { line: "echo --dry-run=server", expected: { args: [], dryRun: "server", noHeaders: false, count: 2, clusters: [] } },
  {
    line: "echo --no-headers -C a,b -C c --count 3",
    expected: { args: [], dryRun: "none", noHeaders: true, count: 3, clusters: ["a", "b", "c"] },
  },
]) {
  test(line, async () => {
    const { out, code } = await session(echo)(line);
    assert.deepEqual(JSON.parse(out), { ...expected, namespace: "" });
    assert.equal(code, 0);
  });
}

for (const { line, error } of [
  { line: "ecko", error: /^error: unknown command 'ecko'\n\(Did you mean echo\?\)\nSee "karmadactl --help".\n$/ },
  { line: "echo --loud", error: /^error: unknown option '--loud'\n(?:.*\n)?See "karmadactl echo --help".\n$/ },
  { line: "echo --count many", error: /^error: --count takes a number, not "many"\n/ },
]) {
  test(`refused: ${line}`, async () => {
    const { code, err, out } = await session(echo)(line);
    assert.match(err, error);
    assert.deepEqual([code, out], [1, ""]);
  });
}

for (const { name, thrown, expected } of [
  {
    name: "the server's",
    thrown: new ApiError("Conflict", "it changed"),
    expected: "Error from server (Conflict): it changed\n",
  },
  {
    name: "the user's",
    thrown: new UsageError("no such thing"),
    expected: 'error: no such thing\nSee "karmadactl fail --help".\n',
  },
  { name: "any other", thrown: new TypeError("a bug"), expected: "error: a bug\n" },
]) {
  test(`${name} error is one line, without a stack`, async () => {
    const fail = defineCommand({
      name: "fail",
      group: "Basic Commands",
      summary: "",
      flags: {},
      run: () => Promise.reject(thrown),
    });
    assert.deepEqual(await session(fail)("fail"), { code: 1, out: "", err: expected });
  });
}

test("help shows the groups in order, and what is to come", async () => {
  const { out, code } = await startSession({ client })("");
  assert.equal(code, 0);
  const groups = out.split("\n").filter((line) => line.endsWith(" Commands:"));
  assert.deepEqual(groups.slice(0, 3), [
    "Basic Commands:",
    "Cluster Registration Commands:",
    "Cluster Management Commands:",
  ]);
  assert.match(footer(), /^Still to come: .*promote/);
  for (const { name } of commands) assert.ok(!new RegExp(`[:,] ${name}[,.]`).test(footer()), name);
});

test("help of a command has its examples under the program's name", async () => {
  const { out } = await session(echo)("echo --help");
  assert.match(out, /Examples:\n {2}karmadactl echo a\n/);
  assert.match(out, /--count <number>.*\(default: 2\)/);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { Query } from "#apiserver/request/query.ts";
import { logOptionsOf, logText, selectLines } from "./log-options.ts";
import { lastRun, outputOf, presentRun } from "./output.ts";
import type { World } from "./shell.ts";

const start = Date.UTC(2026, 0, 1);
const second = 1_000;

function world(): World {
  return {
    ...{ environment: new Map(), files: new Map(), directories: new Set<string>(), hostname: "web" },
    now: () => assert.fail("the command has a time of its own"),
    sleep: () => assert.fail("nothing waits for a log"),
  };
}

function chosen(script: string | undefined) {
  const command = script === undefined ? undefined : ["sh", "-c", script];
  return { name: "main", status: undefined, container: { name: "main", image: "busybox", command } };
}

for (const { name, script, after, finishedAfter, lines, resumesAfter } of [
  {
    name: "no command",
    after: 9,
    lines: [[0, "simulated container main of image busybox: nothing runs in it"]],
  },
  { name: "before it sleeps", script: "echo a; sleep 5; echo b", after: 4, lines: [[0, "a"]], resumesAfter: 5 },
  {
    name: "after it has slept",
    script: "echo a; sleep 5; echo b",
    after: 5,
    lines: [
      [0, "a"],
      [5, "b"],
    ],
  },
  {
    name: "ended sooner than its command says",
    script: "echo a; sleep 5; echo b",
    after: 99,
    finishedAfter: 2,
    lines: [
      [0, "a"],
      [2, "b"],
    ],
  },
  {
    name: "a line that is not ended",
    script: "echo -n a; sleep 3; echo b; echo -n c",
    after: 9,
    lines: [
      [3, "ab"],
      [3, "c"],
    ],
  },
] satisfies {
  name: string;
  script?: string;
  after: number;
  finishedAfter?: number;
  lines: (readonly [number, string])[];
  resumesAfter?: number;
}[]) {
  test(`output: ${name}`, async () => {
    const finishedAt = finishedAfter === undefined ? undefined : start + finishedAfter * second;
    const output = await outputOf(chosen(script), { startedAt: start, finishedAt }, world(), start + after * second);
    const seen = output.lines.map(({ time, text }) => [(time - start) / second, text]);
    assert.deepEqual(seen, lines);
    assert.equal(output.resumesAt, resumesAfter === undefined ? undefined : start + resumesAfter * second);
  });
}

test("which run a container's log is of", () => {
  const [first, then, now] = ["2026-01-01T00:00:00Z", "2026-01-01T00:00:05Z", "2026-01-01T00:00:09Z"];
  const lastState = { terminated: { startedAt: first, finishedAt: then } };
  const before = { startedAt: start, finishedAt: start + 5 * second };
  const of = (status: object) => ({ ...chosen(undefined), status: { ...status } });
  assert.deepEqual(presentRun(of({ state: { waiting: {} }, lastState })), before);
  const running = of({ state: { running: { startedAt: now } }, lastState });
  assert.deepEqual(presentRun(running), { startedAt: start + 9 * second, finishedAt: undefined });
  assert.deepEqual(lastRun(running), before);
  assert.equal(presentRun(of({ state: { waiting: {} } })), undefined);
});

const written = [0, 10, 20, 30].map((after) => ({ time: start + after * second, text: `l${String(after)}` }));
const now = start + 30 * second;

for (const { query, wanted } of [
  { query: "", wanted: "l0 l10 l20 l30" },
  { query: "tailLines=2", wanted: "l20 l30" },
  { query: "tailLines=0", wanted: "" },
  { query: "sinceSeconds=15", wanted: "l20 l30" },
  { query: "sinceTime=2026-01-01T00:00:10Z", wanted: "l10 l20 l30" },
  { query: "sinceSeconds=5&tailLines=3", wanted: "l30" },
  { query: "sinceSeconds=25&tailLines=1", wanted: "l30" },
]) {
  test(`lines for ?${query}`, () => {
    const lines = selectLines(written, logOptionsOf(new Query(query), "p", now));
    assert.equal(lines.map(({ text }) => text).join(" "), wanted);
  });
}

test("times have nanoseconds", () => {
  const [line] = written;
  assert.ok(line);
  const options = logOptionsOf(new Query("timestamps=true"), "p", now);
  assert.equal(logText([line], options), "2026-01-01T00:00:00.000000000Z l0\n");
});

for (const { query, code, message } of [
  {
    query: "tailLines=-1",
    code: 422,
    message: 'PodLogOptions "p" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0',
  },
  {
    query: "limitBytes=0&sinceSeconds=0",
    code: 422,
    message:
      'PodLogOptions "p" is invalid: [limitBytes: Invalid value: 0: must be greater than 0, ' +
      "sinceSeconds: Invalid value: 0: must be greater than 0]",
  },
  {
    query: "sinceSeconds=1&sinceTime=2026-01-01T00:00:00Z",
    code: 422,
    message: 'PodLogOptions "p" is invalid: Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified',
  },
  {
    query: "sinceTime=yesterday",
    code: 400,
    message: 'sinceTime: "yesterday" is no time as 2026-01-02T03:04:05Z is one (RFC 3339)',
  },
]) {
  test(`refused: ?${query}`, () => {
    assert.throws(() => logOptionsOf(new Query(query), "p", now), { code, message });
  });
}

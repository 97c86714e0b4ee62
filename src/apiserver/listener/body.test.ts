// What is sent where, and when: chunks that follow closely on each other go in one piece, and nothing waits for long.
import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { test } from "node:test";
import { AsyncQueue } from "#std/async-queue.ts";
import { ManualClock } from "#std/manual-clock.ts";
import { TurnBudget } from "#std/turn-budget.ts";
import { writeChunks, writesOfTurn } from "./body.ts";

function setUp(options: { readonly highWaterMark?: number } = {}) {
  const clock = new ManualClock();
  const written: { readonly at: number; readonly text: string }[] = [];
  const held: (() => void)[] = [];
  let holds = false;
  const sink = new Writable({
    ...options,
    write(chunk: Buffer, _encoding, done) {
      written.push({ at: clock.monotonic(), text: chunk.toString() });
      if (holds) held.push(done);
      else done();
    },
  });
  const source = new AsyncQueue<Uint8Array>({ weightMax: 100 });
  const whole = writeChunks(sink, source, { clock, budget: new TurnBudget(clock, writesOfTurn) });
  return {
    clock,
    written,
    sink,
    source,
    whole,
    hold: () => (holds = true),
    letGo: () => {
      holds = false;
      for (const done of held.splice(0)) done();
    },
    send: async (...texts: readonly string[]) => {
      for (const text of texts) source.push(Buffer.from(text));
      await clock.settle();
    },
  };
}

test("body: the first chunk goes at once, those that follow closely go together, at most 5 ms later", async () => {
  const { clock, written, source, whole, send } = setUp();
  await send("a", "b");
  await clock.advance(2);
  await send("c");
  assert.deepEqual(written, [{ at: 0, text: "a" }]);
  await clock.advance(3);
  assert.deepEqual(written.slice(1), [{ at: 5, text: "bc" }]);
  await clock.advance(20);
  await send("d");
  assert.deepEqual(written.slice(2), [{ at: 25, text: "d" }]);
  await send("e");
  source.end();
  await whole;
  assert.deepEqual(written.slice(3), [{ at: 25, text: "e" }]);
  assert.equal(clock.pending, 0);
});

test("body: much goes at once", async () => {
  const { written, source, whole, send } = setUp();
  const much = "x".repeat(40_000);
  await send("a", much, much, "b");
  assert.deepEqual(
    written.map(({ text }) => text.length),
    [1, 80_000],
  );
  source.end();
  await whole;
  assert.equal(written.at(-1)?.text, "b");
});

test("body: nothing more is taken from the source while the reader is behind, and a reader that stalls is left", async () => {
  const { clock, written, sink, source, whole, send, hold, letGo } = setUp({ highWaterMark: 4 });
  hold();
  await send("abcdef", "g", "h");
  await clock.advance(10);
  assert.deepEqual(written, [{ at: 0, text: "abcdef" }]);
  letGo();
  await clock.settle();
  await clock.advance(10);
  assert.deepEqual(
    written.map(({ text }) => text),
    ["abcdef", "g", "h"],
  );
  hold();
  await send("ijklmn");
  await clock.advance(200_000);
  await whole;
  assert.equal(sink.destroyed, true);
  source.end();
});

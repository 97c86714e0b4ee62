import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "#std/manual-clock.ts";
import { Precedence } from "./precedence.ts";

function setUp() {
  const clock = new ManualClock();
  const precedence = new Precedence(clock);
  const { signal } = new AbortController();
  /** A follower that asks for its turn; tells when it got it. */
  const follow = (under = signal): { at: number | undefined; error?: unknown } => {
    const follower: { at: number | undefined; error?: unknown } = { at: undefined };
    void Promise.resolve(precedence.turn(under)).then(
      () => (follower.at = clock.monotonic()),
      (error: unknown) => (follower.error = error),
    );
    return follower;
  };
  /** Leaders end a key every ten milliseconds. */
  const lead = async (milliseconds: number): Promise<void> => {
    for (let passed = 0; passed < milliseconds; passed += 10) {
      precedence.progress();
      await clock.advance(10);
    }
  };
  return { clock, precedence, follow, lead };
}

test("precedence: without leaders nobody waits, and no timer is left", async () => {
  const { clock, precedence, follow } = setUp();
  const first = follow();
  await clock.advance(0);
  assert.equal(first.at, 0);
  await clock.advance(1_000);
  precedence.enter();
  precedence.leave();
  assert.equal(clock.pending, 0);
});

test("precedence: followers wait while leaders get on, and a moment more", async () => {
  const { clock, precedence, follow, lead } = setUp();
  precedence.enter();
  const followers = [follow(), follow()];
  await lead(1_000);
  assert.deepEqual(
    followers.map(({ at }) => at),
    [undefined, undefined],
  );
  precedence.leave();
  await clock.advance(10);
  precedence.enter(); // what was written has come round
  await lead(100);
  assert.equal(followers[0]?.at, undefined);
  precedence.leave();
  await clock.advance(100);
  assert.deepEqual(
    followers.map(({ at }) => at),
    [1_130, 1_130],
  );
  assert.equal(clock.pending, 0);
});

test("precedence: leaders that wait for something themselves hold nobody up", async () => {
  const { clock, precedence, follow } = setUp();
  precedence.enter();
  const follower = follow();
  await clock.advance(1_000);
  assert.equal(follower.at, 100);
  const second = follow();
  await clock.advance(0);
  assert.equal(second.at, 1_000);
});

test("precedence: nobody is held back for ever: after a while both share, and then leaders go first again", async () => {
  const { precedence, follow, lead } = setUp();
  precedence.enter();
  const first = follow();
  await lead(5_100);
  assert.equal(first.at, 5_000);
  const sharing = follow();
  await lead(1_000);
  assert.equal(sharing.at, 5_100);
  const held = follow();
  await lead(4_900);
  assert.equal(held.at, undefined);
  await lead(200);
  assert.equal(held.at, 11_100);
});

test("precedence: who is ended does not wait", async () => {
  const { clock, precedence, follow } = setUp();
  const end = new AbortController();
  precedence.enter();
  const follower = follow(end.signal);
  await clock.advance(1);
  end.abort(new Error("the end"));
  await clock.advance(1);
  assert.equal(String(follower.error), "Error: the end");
  assert.equal(clock.pending, 0);
});

test("precedence: who listens from afar hears of the beginning, now and then that leaders get on, and of the end", async () => {
  const { clock, precedence, lead } = setUp();
  const heard: { readonly at: number; readonly isLeading: boolean }[] = [];
  precedence.onLeading((isLeading) => {
    heard.push({ at: clock.monotonic(), isLeading });
  });
  precedence.enter();
  precedence.enter();
  await lead(60);
  precedence.leave();
  precedence.leave();
  precedence.progress();
  precedence.enter();
  assert.deepEqual(heard, [
    { at: 0, isLeading: true },
    { at: 30, isLeading: true },
    { at: 60, isLeading: true },
    { at: 60, isLeading: false },
    { at: 60, isLeading: true },
  ]);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatTime } from "#std/time.ts";
import { latestDue, parseSchedule } from "./schedule.ts";

for (const [text, after, want, zone] of [
  ["* * * * *", "2026-01-01T00:00:30Z", "2026-01-01T00:01:00Z"],
  ["*/15 * * * *", "2026-01-01T00:15:00Z", "2026-01-01T00:30:00Z"],
  ["5,10-12 4 * * *", "2026-01-01T04:10:00Z", "2026-01-01T04:11:00Z"],
  ["0 9 * * MON-FRI", "2026-01-02T09:00:00Z", "2026-01-05T09:00:00Z"],
  ["0 0 13 * FRI", "2026-01-03T00:00:00Z", "2026-01-09T00:00:00Z"],
  ["0 0 */2 * FRI", "2026-01-03T00:00:00Z", "2026-01-05T00:00:00Z"],
  ["0 0 29 2 *", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z"],
  ["0 0 30 feb *", "2026-01-01T00:00:00Z", undefined],
  ["@monthly", "2026-12-15T00:00:00Z", "2027-01-01T00:00:00Z"],
  ["@every 1h30m", "2026-01-01T00:00:00Z", "2026-01-01T01:30:00Z"],
  ["30 12 * * *", "2026-01-01T00:00:00Z", "2026-01-01T11:30:00Z", "Europe/Berlin"],
  ["30 12 * * *", "2026-07-01T00:00:00Z", "2026-07-01T10:30:00Z", "Europe/Berlin"],
  ["30 2 * * *", "2026-03-28T02:00:00Z", "2026-03-30T00:30:00Z", "Europe/Berlin"],
  ["30 2 * * *", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z", "Europe/Berlin"],
  ["0 0 1 * *", "2026-01-15T00:00:00Z", "2026-02-01T05:00:00Z", "America/New_York"],
] as const) {
  test(`${text} after ${after}${zone === undefined ? "" : ` in ${zone}`}`, () => {
    const next = parseSchedule(text, zone).next(Date.parse(after));
    assert.equal(next === undefined ? undefined : formatTime(next), want);
  });
}

test("an unknown time zone is a RangeError", () => {
  assert.throws(() => parseSchedule("* * * * *", "Mars/Olympus"), RangeError);
});

test("the latest that was due is found however long ago the last one was", () => {
  const now = Date.parse("2026-06-15T10:20:30Z");
  const due = (text: string, earliest: string): string | undefined => {
    const found = latestDue(parseSchedule(text, undefined), Date.parse(earliest), now);
    return found === undefined ? undefined : formatTime(found);
  };
  assert.equal(due("* * * * *", "2020-01-01T00:00:00Z"), "2026-06-15T10:20:00Z");
  assert.equal(due("0 3 * * *", "2026-06-01T00:00:00Z"), "2026-06-15T03:00:00Z");
  assert.equal(due("0 3 1 1 *", "2024-01-01T00:00:00Z"), "2026-01-01T03:00:00Z");
  assert.equal(due("0 3 * * *", "2026-06-15T03:00:00Z"), undefined);
});

test("what is next is after, and nothing that fits lies between", () => {
  const minutes = fc.constantFrom("*", "*/7", "0", "5,35");
  const hours = fc.constantFrom("*", "3", "*/6");
  const start = fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2027, 0, 1) });
  fc.assert(
    fc.property(minutes, hours, start, (minute, hour, after) => {
      const schedule = parseSchedule(`${minute} ${hour} * * *`, undefined);
      const next = schedule.next(after) ?? 0;
      assert.ok(next > after && next % 60_000 === 0);
      assert.equal(latestDue(schedule, after, next), next);
      assert.equal(latestDue(schedule, after, next - 1), undefined);
    }),
  );
});

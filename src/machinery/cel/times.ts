// What CEL reads off times and durations. Upstream: google/cel-go common/stdlib/standard.go.
import { type CelFunction, type Definition, member } from "./function.ts";
import { type CalendarTime, calendarOf } from "./time-text.ts";
import { duration, int, string, timestamp } from "./type.ts";
import { CelError, Duration, Timestamp } from "./value.ts";

/** Of a time, in UTC or in a zone. */
function reads(part: (time: CalendarTime) => number): CelFunction {
  return {
    overloads: [member([timestamp], int), member([timestamp, string], int)],
    run: ([time, zone = "UTC"]) => {
      if (!(time instanceof Timestamp) || typeof zone !== "string") return undefined;
      const calendar = calendarOf(time, zone);
      if (calendar === undefined) throw new CelError(`unknown time zone ${zone}`);
      return BigInt(part(calendar));
    },
  };
}

/** Of a duration, all of it in whole units. */
function total(nanosPerUnit: bigint): CelFunction {
  return {
    overloads: [member([duration], int)],
    run: ([value]) => (value instanceof Duration ? value.nanos / nanosPerUnit : undefined),
  };
}

function milliseconds(): CelFunction {
  return {
    overloads: [member([timestamp], int), member([timestamp, string], int)],
    run: ([time]) => {
      if (!(time instanceof Timestamp)) return undefined;
      const rest = time.nanos % 1_000_000_000n;
      return (rest < 0n ? rest + 1_000_000_000n : rest) / 1_000_000n;
    },
  };
}

export const timeFunctions: readonly Definition[] = [
  ["getFullYear", reads(({ year }) => year)],
  ["getMonth", reads(({ month }) => month)],
  ["getDate", reads(({ day }) => day)],
  ["getDayOfMonth", reads(({ day }) => day - 1)],
  ["getDayOfWeek", reads(({ weekday }) => weekday)],
  ["getDayOfYear", reads(({ dayOfYear }) => dayOfYear)],
  ["getHours", reads(({ hours }) => hours)],
  ["getMinutes", reads(({ minutes }) => minutes)],
  ["getSeconds", reads(({ seconds }) => seconds)],
  ["getMilliseconds", milliseconds()],
  ["getHours", total(3_600_000_000_000n)],
  ["getMinutes", total(60_000_000_000n)],
  ["getSeconds", total(1_000_000_000n)],
  ["getMilliseconds", total(1_000_000n)],
];

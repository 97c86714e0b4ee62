// Times and durations as CEL reads and writes them. Upstream: google/cel-go common/types/{timestamp,duration}.go, Go's
// time.ParseDuration.
import { Duration, Timestamp } from "./value.ts";

const nanosPerMilli = 1_000_000n;
const nanosPerSecond = 1_000_000_000n;
/** 0001-01-01 and 9999-12-31, in nanoseconds. */
const timestampMin = -62_135_596_800n * nanosPerSecond;
const timestampMax = 253_402_300_799n * nanosPerSecond + 999_999_999n;
const int64Max = 2n ** 63n - 1n;

const rfc3339 = /^(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:\.(\d{1,9})\d*)?(?:[Zz]|([+-])(\d\d):(\d\d))$/;

/** The time of an RFC 3339 text, or of a date alone; undefined where it is neither. */
export function parseTimestamp(text: string): Timestamp | undefined {
  const date = /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text;
  const match = rfc3339.exec(date);
  if (match === null) return undefined;
  const [, day = "", time = "", fraction = "", sign, hours = "0", minutes = "0"] = match;
  const milliseconds = Date.parse(`${day}T${time}Z`);
  if (Number.isNaN(milliseconds) || !isCalendarDay(day, milliseconds)) return undefined;
  const offset = (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === "-" ? -1 : 1);
  const nanos = BigInt(milliseconds - offset) * nanosPerMilli + BigInt(fraction.padEnd(9, "0"));
  return isTimestamp(nanos) ? new Timestamp(nanos) : undefined;
}

/** JavaScript takes 2021-02-31 for the 3rd of March. */
function isCalendarDay(day: string, milliseconds: number): boolean {
  return dateOf(milliseconds).toISOString().startsWith(day);
}

export function isTimestamp(nanos: bigint): boolean {
  return nanos >= timestampMin && nanos <= timestampMax;
}

export function timestampText({ nanos }: Timestamp): string {
  const second = floorDivide(nanos, nanosPerSecond);
  const rest = nanos - second * nanosPerSecond;
  const whole = dateOf(Number(second) * 1_000)
    .toISOString()
    .replace(/\.\d+Z$/, "");
  return `${whole}${fractionText(rest)}Z`;
}

const unitNanos: ReadonlyMap<string, bigint> = new Map([
  ["ns", 1n],
  ["us", 1_000n],
  ["µs", 1_000n],
  ["μs", 1_000n],
  ["ms", nanosPerMilli],
  ["s", nanosPerSecond],
  ["m", 60n * nanosPerSecond],
  ["h", 3_600n * nanosPerSecond],
]);
const durationPart = /(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)/y;

/** The duration of a text such as `1h30m` or `-1.5s`; undefined where it is none, or does not fit in 64 bits of nanoseconds. */
export function parseDuration(text: string): Duration | undefined {
  const body = text.replace(/^[+-]/, "");
  if (body === "0") return new Duration(0n);
  if (body === "" || body.length > 100) return undefined;
  let nanos = 0n;
  for (let at = 0; at < body.length;) {
    durationPart.lastIndex = at;
    const match = durationPart.exec(body);
    const [whole = "", digits = "", fraction = "", unit = ""] = match ?? [];
    if (match === null || (digits === "" && fraction === "")) return undefined;
    const scale = unitNanos.get(unit) ?? 0n;
    nanos += BigInt(`0${digits}`) * scale;
    if (fraction !== "") nanos += (BigInt(fraction) * scale) / 10n ** BigInt(fraction.length);
    at += whole.length;
  }
  return nanos > int64Max ? undefined : new Duration(text.startsWith("-") ? -nanos : nanos);
}

/** `5400s`, `1.5s`: always in seconds. */
export function durationText({ nanos }: Duration): string {
  const magnitude = nanos < 0n ? -nanos : nanos;
  const seconds = magnitude / nanosPerSecond;
  return `${nanos < 0n ? "-" : ""}${seconds}${fractionText(magnitude % nanosPerSecond)}s`;
}

function fractionText(nanos: bigint): string {
  return nanos === 0n ? "" : `.${String(nanos).padStart(9, "0").replace(/0+$/, "")}`;
}

/** What the calendar of a zone says of a time. */
export interface CalendarTime {
  readonly year: number;
  /** From 0. */
  readonly month: number;
  /** Of the month, from 1. */
  readonly day: number;
  readonly hours: number;
  readonly minutes: number;
  readonly seconds: number;
  /** From 0, Sunday. */
  readonly weekday: number;
  /** From 0. */
  readonly dayOfYear: number;
}

/** In UTC, or in a zone: `+02:00`, `-02:30`, `America/New_York`. Undefined where there is no such zone. */
export function calendarOf({ nanos }: Timestamp, zone = "UTC"): CalendarTime | undefined {
  const milliseconds = Number(floorDivide(nanos, nanosPerMilli));
  const offset = zoneOffset(zone, milliseconds);
  if (offset === undefined) return undefined;
  const date = dateOf(milliseconds + offset);
  const year = date.getUTCFullYear();
  // Date.UTC would take the years up to 99 for those of the last century.
  const newYear = dateOf(0).setUTCFullYear(year, 0, 1);
  return {
    year,
    month: date.getUTCMonth(),
    day: date.getUTCDate(),
    hours: date.getUTCHours(),
    minutes: date.getUTCMinutes(),
    seconds: date.getUTCSeconds(),
    weekday: date.getUTCDay(),
    dayOfYear: Math.floor((date.getTime() - newYear) / 86_400_000),
  };
}

/** Milliseconds east of UTC. */
function zoneOffset(zone: string, milliseconds: number): number | undefined {
  if (zone === "" || zone === "UTC") return 0;
  const fixed = /^([+-]?)(\d\d):(\d\d)$/.exec(zone);
  if (fixed !== null) {
    return (Number(fixed[2]) * 60 + Number(fixed[3])) * 60_000 * (fixed[1] === "-" ? -1 : 1);
  }
  const text = zoneText(zone, milliseconds);
  if (text === undefined) return undefined;
  const [, sign, hours = "0", minutes = "0", seconds = "0"] =
    /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?/.exec(text) ?? [];
  return ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000 * (sign === "-" ? -1 : 1);
}

function zoneText(zone: string, milliseconds: number): string | undefined {
  try {
    return new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "longOffset" }).format(milliseconds);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function dateOf(milliseconds: number): Date {
  return new Date(milliseconds);
}

function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value % by < 0n ? quotient - 1n : quotient;
}

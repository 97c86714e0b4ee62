// When a cron schedule is due: five fields or a descriptor, in a time zone.
// Upstream: github.com/robfig/cron/v3 parser.go, spec.go; kubernetes pkg/controller/cronjob/utils.go.

export interface Schedule {
  /** The first time after `after`, or undefined when there is none within some years. Milliseconds since the epoch. */
  next(after: number): number | undefined;
}

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
/** Upstream gives up after five years: 29 February comes within eight, but seldom as a schedule. */
const horizon = 5 * 366 * day;

const descriptors: Readonly<Record<string, string>> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
};

const units: Readonly<Record<string, number>> = {
  h: hour,
  m: minute,
  s: 1000,
  ms: 1,
  us: 0.001,
  µs: 0.001,
  ns: 0.000001,
};
const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

interface Fields {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly daysOfMonth: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  readonly daysOfWeek: ReadonlySet<number>;
  /** Either day will do, unless one of them is `*`. */
  readonly bothDays: boolean;
}

/** A schedule that the API server has accepted. A time zone that nobody knows throws RangeError. */
export function parseSchedule(text: string, timeZone: string | undefined): Schedule {
  const every = /^@every (.+)$/.exec(text)?.[1];
  if (every !== undefined) return everySchedule(durationOf(every));
  const [minutes = "*", hours = "*", dom = "*", month = "*", dow = "*"] = (descriptors[text] ?? text)
    .trim()
    .split(/\s+/);
  const fields: Fields = {
    minutes: parseField(minutes, 0, 59),
    hours: parseField(hours, 0, 23),
    daysOfMonth: parseField(dom, 1, 31),
    months: parseField(month, 1, 12, months, 1),
    daysOfWeek: parseField(dow, 0, 6, days),
    bothDays: isStar(dom) || isStar(dow),
  };
  const zone = zoneOf(timeZone);
  return { next: (after) => nextTime(fields, zone, after) };
}

function isStar(field: string): boolean {
  return /^[*?](\/1)?$/.test(field);
}

function everySchedule(duration: number): Schedule {
  const whole = Math.max(1000, duration - (duration % 1000));
  return { next: (after) => after - (after % 1000) + whole };
}

function durationOf(text: string): number {
  return [...text.matchAll(/(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)/g)].reduce(
    (sum, [, number = "0", unit = "s"]) => sum + Number(number) * (units[unit] ?? 0),
    0,
  );
}

function parseField(field: string, min: number, max: number, names: readonly string[] = [], first = 0): Set<number> {
  const numberOf = (text: string): number => {
    const named = names.indexOf(text.toLowerCase());
    return named < 0 ? Number(text) : named + first;
  };
  const values = new Set<number>();
  for (const part of field.split(",")) {
    const [span = "*", step] = part.split("/");
    const [low = "*", high] = span.split("-");
    const from = isStar(low) ? min : numberOf(low);
    const single = step === undefined && !isStar(low) ? from : max;
    const to = high === undefined ? single : numberOf(high);
    for (let value = from; value <= to; value += Math.max(1, Number(step ?? 1))) values.add(value);
  }
  return values;
}

/** Milliseconds that a zone is ahead of UTC at an instant. */
type Zone = (instant: number) => number;

function zoneOf(timeZone: string | undefined): Zone {
  if (timeZone === undefined || timeZone === "UTC" || timeZone === "Etc/UTC") return () => 0;
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  return (instant) => {
    const parts = new Map(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
    const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
    const local = Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second"));
    return local - (instant - (instant % 1000));
  };
}

/** Steps over months, days, hours and minutes of the local clock that do not fit, the largest first. */
function nextTime(fields: Fields, zone: Zone, after: number): number | undefined {
  const end = after + horizon;
  let at = after - (after % minute) + minute;
  while (at <= end) {
    const local = at + zone(at);
    const mismatch = mismatchOf(fields, local);
    if (mismatch === undefined) return at;
    // Where a clock is put back, the same local time comes twice; always go on.
    at = Math.max(at + minute, toInstant(mismatch, zone));
  }
  return undefined;
}

/** The local time from which on to try again, or undefined when all fields fit. Local times are read as if they were UTC. */
function mismatchOf(fields: Fields, local: number): number | undefined {
  const date = new Date(local);
  const [year, month, dayOfMonth] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  if (!fields.months.has(month + 1)) return Date.UTC(year, month + 1, 1);
  const fitsMonth = fields.daysOfMonth.has(dayOfMonth);
  const fitsWeek = fields.daysOfWeek.has(date.getUTCDay());
  if (!(fields.bothDays ? fitsMonth && fitsWeek : fitsMonth || fitsWeek)) return Date.UTC(year, month, dayOfMonth + 1);
  if (!fields.hours.has(date.getUTCHours())) return local - (local % hour) + hour;
  return fields.minutes.has(date.getUTCMinutes()) ? undefined : local + minute;
}

/** The first instant with a local time; a little too early where the clock leaps over it. */
function toInstant(local: number, zone: Zone): number {
  return local - Math.max(zone(local - day), zone(local + day));
}

/** The latest time that is due after `earliest` and not after `now`, or undefined. */
export function latestDue(schedule: Schedule, earliest: number, now: number): number | undefined {
  // Look back further and further, so that a long sleep costs no more than a short one.
  for (let window = minute; ; window *= 2) {
    const from = Math.max(earliest, now - window);
    let due = schedule.next(from);
    if (due !== undefined && due <= now) {
      for (let next = schedule.next(due); next !== undefined && next <= now; next = schedule.next(next)) due = next;
      return due;
    }
    if (from === earliest) return undefined;
  }
}

// Whether a text is a schedule of cron. Upstream: github.com/robfig/cron/v3 parser.go (ParseStandard), whose texts these are.

interface FieldBounds {
  readonly min: number;
  readonly max: number;
  readonly names: readonly string[];
}

const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

const bounds: readonly FieldBounds[] = [
  { min: 0, max: 59, names: [] },
  { min: 0, max: 23, names: [] },
  { min: 1, max: 31, names: [] },
  { min: 1, max: 12, names: ["", ...months] },
  { min: 0, max: 6, names: days },
];

const descriptors = /^@(yearly|annually|monthly|weekly|daily|midnight|hourly)$/;

/** What is wrong with a schedule, or undefined. */
export function scheduleError(schedule: string): string | undefined {
  if (schedule.includes("TZ=")) {
    return "cannot use TZ or CRON_TZ in schedule, use timeZone field instead";
  }
  if (schedule.startsWith("@")) {
    if (descriptors.test(schedule) || /^@every ((\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h))+$/.test(schedule)) {
      return undefined;
    }
    return schedule.startsWith("@every ")
      ? `failed to parse duration ${schedule}`
      : `unrecognized descriptor: ${schedule}`;
  }
  const fields = schedule.trim().split(/\s+/);
  if (fields.length !== bounds.length) {
    return `expected exactly 5 fields, found ${String(fields.length)}: [${fields.join(" ")}]`;
  }
  for (const [index, field] of fields.entries()) {
    const limit = bounds[index];
    const error = limit === undefined ? undefined : fieldError(field, limit);
    if (error !== undefined) return error;
  }
  return undefined;
}

function fieldError(field: string, limit: FieldBounds): string | undefined {
  for (const range of field.split(",")) {
    const error = rangeError(range, limit);
    if (error !== undefined) return error;
  }
  return undefined;
}

function rangeError(range: string, { min, max, names }: FieldBounds): string | undefined {
  const [span = "", step, ...tooMany] = range.split("/");
  if (tooMany.length > 0) return `too many slashes: ${range}`;
  const [low = "", high, ...hyphens] = span.split("-");
  if (hyphens.length > 0) return `too many hyphens: ${range}`;
  const numberOf = (text: string): number => {
    const named = names.indexOf(text.toLowerCase());
    if (text !== "" && named >= 0) return named;
    return /^\d+$/.test(text) ? Number(text) : Number.NaN;
  };
  const isAny = low === "*" || low === "?";
  const start = isAny ? min : numberOf(low);
  const end = isAny || high === undefined ? (step !== undefined || isAny ? max : start) : numberOf(high);
  if (Number.isNaN(start) || Number.isNaN(end)) {
    const text = Number.isNaN(start) ? low : (high ?? "");
    return `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`;
  }
  if (start < min) return `beginning of range (${String(start)}) below minimum (${String(min)}): ${range}`;
  if (end > max) return `end of range (${String(end)}) above maximum (${String(max)}): ${range}`;
  if (start > end) return `beginning of range (${String(start)}) beyond end of range (${String(end)}): ${range}`;
  if (step !== undefined && !/^\d+$/.test(step)) {
    return `failed to parse int from ${step}: strconv.Atoi: parsing ${JSON.stringify(step)}: invalid syntax`;
  }
  return step !== undefined && Number(step) === 0 ? `step of range should be a positive number: ${range}` : undefined;
}

// os.time and os.date, always in UTC: a control plane has no time zone. Upstream: lua 5.1 loslib.c.
import { LuaTable } from "../table.ts";
import { type LuaFunction, toNumber } from "../values.ts";
import { type Arguments, native } from "./arguments.ts";

const dayNames = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const monthNames = [
  ...["January", "February", "March", "April", "May", "June"],
  ...["July", "August", "September", "October", "November", "December"],
];
const noon = 12;
const millisecondsPerDay = 86_400_000;
/** Years of four digits, in seconds since the epoch. */
const secondsMax = 253_402_300_799;
const secondsMin = -62_167_219_200;

function dateAt(args: Arguments, seconds: number): Date {
  if (!(seconds >= secondsMin && seconds <= secondsMax)) args.fail(2, "time out of range");
  return new Date(Math.floor(seconds) * 1_000);
}

function yearDay(date: Date): number {
  return Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / millisecondsPerDay) + 1;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

type Part = (date: Date) => string;

/** Of strftime in the C locale. */
const parts: Readonly<Record<string, Part>> = {
  a: (date) => (dayNames[date.getUTCDay()] ?? "").slice(0, 3),
  A: (date) => dayNames[date.getUTCDay()] ?? "",
  b: (date) => (monthNames[date.getUTCMonth()] ?? "").slice(0, 3),
  B: (date) => monthNames[date.getUTCMonth()] ?? "",
  c: (date) => formatted(date, `%a %b ${String(date.getUTCDate()).padStart(2)} %H:%M:%S %Y`),
  d: (date) => two(date.getUTCDate()),
  D: (date) => formatted(date, "%m/%d/%y"),
  F: (date) => formatted(date, "%Y-%m-%d"),
  H: (date) => two(date.getUTCHours()),
  I: (date) => two(date.getUTCHours() % noon === 0 ? noon : date.getUTCHours() % noon),
  j: (date) => String(yearDay(date)).padStart(3, "0"),
  m: (date) => two(date.getUTCMonth() + 1),
  M: (date) => two(date.getUTCMinutes()),
  p: (date) => (date.getUTCHours() < noon ? "AM" : "PM"),
  S: (date) => two(date.getUTCSeconds()),
  T: (date) => formatted(date, "%H:%M:%S"),
  w: (date) => String(date.getUTCDay()),
  x: (date) => formatted(date, "%m/%d/%y"),
  X: (date) => formatted(date, "%H:%M:%S"),
  y: (date) => two(date.getUTCFullYear() % 100),
  Y: (date) => String(date.getUTCFullYear()),
  z: () => "+0000",
  Z: () => "UTC",
  "%": () => "%",
};

function formatted(date: Date, format: string): string {
  return format.replace(/%(.)/gs, (text, letter: string) =>
    Object.hasOwn(parts, letter) ? (parts[letter]?.(date) ?? text) : text,
  );
}

function fieldsOf(date: Date): LuaTable {
  const table = new LuaTable();
  table.set("sec", date.getUTCSeconds());
  table.set("min", date.getUTCMinutes());
  table.set("hour", date.getUTCHours());
  table.set("day", date.getUTCDate());
  table.set("month", date.getUTCMonth() + 1);
  table.set("year", date.getUTCFullYear());
  table.set("wday", date.getUTCDay() + 1);
  table.set("yday", yearDay(date));
  table.set("isdst", false);
  return table;
}

function timeOf(args: Arguments): number {
  const table = args.table(1);
  const field = (name: string, otherwise?: number): number => {
    const value = toNumber(table.get(name)) ?? otherwise;
    return Math.trunc(value ?? args.machine.fail(`field '${name}' missing in date table`));
  };
  const [second, minute, hour] = [field("sec", 0), field("min", 0), field("hour", noon)];
  const [day, month, year] = [field("day"), field("month"), field("year")];
  return Math.floor(Date.UTC(year, month - 1, day, hour, minute, second) / 1_000);
}

export const osFunctions: readonly LuaFunction[] = [
  native("time", (args) => [args.at(1) === undefined ? Math.floor(args.machine.now() / 1_000) : timeOf(args)]),
  native("date", (args) => {
    const format = args.string(1, "%c").replace(/^!/, "");
    const date = dateAt(args, args.number(2, Math.floor(args.machine.now() / 1_000)));
    args.machine.step(format.length >> 3);
    args.machine.allocate(format.length * 4);
    return [format.startsWith("*t") ? fieldsOf(date) : formatted(date, format)];
  }),
];

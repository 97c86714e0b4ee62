// The string library, without what Karmada's sandbox refuses. Upstream: lua 5.1 lstrlib.c.
import { native, type Arguments } from "./arguments.ts";
import { formatText } from "./format.ts";
import { PatternMatch } from "./pattern.ts";
import type { LuaFunction, LuaValues } from "../values.ts";

/** Negative positions count from the end. */
function positionOf(index: number, length: number): number {
  return index >= 0 ? index : Math.max(0, length + index + 1);
}

function range(length: number, from: number, to: number): readonly [start: number, end: number] {
  return [Math.max(1, positionOf(from, length)), Math.min(length, positionOf(to, length))];
}

const specials = /[\^$*+?.([%-]/;

/** string.find and string.match. */
function search(args: Arguments, isFind: boolean): LuaValues {
  const { machine } = args;
  const [text, pattern] = [args.string(1), args.string(2)];
  const start = Math.min(Math.max(0, positionOf(args.integer(3, 1), text.length) - 1), text.length);
  if (isFind && ((args.at(4) ?? false) !== false || !specials.test(pattern))) {
    machine.step((text.length + pattern.length) >> 4);
    const found = text.indexOf(pattern, start);
    return found < 0 ? [undefined] : [found + 1, found + pattern.length];
  }
  const isAnchored = pattern.startsWith("^");
  const matcher = new PatternMatch(machine, text, pattern);
  for (let at = start; at <= text.length; at++) {
    const end = matcher.match(at, isAnchored ? 1 : 0);
    if (end !== undefined) {
      return isFind ? [at + 1, end, ...matcher.captures(at, end, true)] : matcher.captures(at, end);
    }
    if (isAnchored) break;
  }
  return [undefined];
}

/** string.gmatch: an iterator over all matches. */
function matches(args: Arguments): LuaValues {
  const [text, pattern] = [args.string(1), args.string(2)];
  const matcher = new PatternMatch(args.machine, text, pattern);
  let at = 0;
  return [
    native("gmatch", () => {
      for (; at <= text.length; at++) {
        const end = matcher.match(at, 0);
        if (end === undefined) continue;
        const captures = matcher.captures(at, end);
        at = end === at ? end + 1 : end;
        return captures;
      }
      return [undefined];
    }),
  ];
}

function made(args: Arguments, text: string): LuaValues {
  args.machine.step(text.length >> 6);
  args.machine.allocate(text.length);
  return [text];
}

/** What a directive of string.format costs, in statements. */
const stepsPerFormat = 5;
const isUpper = /[A-Z]/g;
const isLower = /[a-z]/g;

export const stringFunctions: readonly LuaFunction[] = [
  native("byte", (args) => {
    const text = args.string(1);
    const from = args.integer(2, 1);
    const [start, end] = range(text.length, from, args.integer(3, positionOf(from, text.length)));
    args.machine.step(Math.max(0, end - start));
    args.machine.allocate(Math.max(0, end - start));
    return start > end ? [] : Array.from({ length: end - start + 1 }, (_, index) => text.charCodeAt(start - 1 + index));
  }),
  native("char", (args) => {
    const codes = args.values.map((_, index) => {
      const code = args.integer(index + 1);
      return code >= 0 && code <= 255 ? code : args.fail(index + 1, "invalid value");
    });
    return made(args, String.fromCharCode(...codes));
  }),
  native("find", (args) => search(args, true)),
  native("format", (args) => {
    args.machine.step(stepsPerFormat * args.values.length);
    return made(args, formatText(args));
  }),
  native("gfind", matches),
  native("gmatch", matches),
  native("len", (args) => [args.string(1).length]),
  native("lower", (args) =>
    made(
      args,
      args.string(1).replace(isUpper, (letter) => letter.toLowerCase()),
    ),
  ),
  native("match", (args) => search(args, false)),
  native("reverse", (args) => made(args, Array.from(args.string(1)).reverse().join(""))),
  native("sub", (args) => {
    const text = args.string(1);
    const [start, end] = range(text.length, args.integer(2), args.integer(3, -1));
    return made(args, text.slice(start - 1, Math.max(start - 1, end)));
  }),
  native("upper", (args) =>
    made(
      args,
      args.string(1).replace(isLower, (letter) => letter.toUpperCase()),
    ),
  ),
];

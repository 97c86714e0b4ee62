// The math library. Random numbers come from a generator that every run starts anew: a script gives the same result each time.
// Upstream: lua 5.1 lmathlib.c.
import { modulo } from "../operators.ts";
import type { LuaFunction } from "../values.ts";
import { type Arguments, native } from "./arguments.ts";

function ofOne(name: string, compute: (value: number) => number): LuaFunction {
  return native(name, (args) => [compute(args.number(1))]);
}

function ofTwo(name: string, compute: (one: number, other: number) => number): LuaFunction {
  return native(name, (args) => [compute(args.number(1), args.number(2))]);
}

/** A mantissa from 0.5 to below 1, and the exponent of two. */
function parted(value: number): readonly [mantissa: number, exponent: number] {
  if (value === 0 || !Number.isFinite(value)) return [value, 0];
  let exponent = Math.max(-1023, Math.floor(Math.log2(Math.abs(value))) + 1);
  let mantissa = value * 2 ** -exponent;
  while (Math.abs(mantissa) < 0.5) {
    mantissa *= 2;
    exponent--;
  }
  while (Math.abs(mantissa) >= 1) {
    mantissa /= 2;
    exponent++;
  }
  return [mantissa, exponent];
}

/** From 0 to below 1. Upstream of the constants: Numerical Recipes. */
function random(args: Arguments): number {
  const { machine } = args;
  machine.seed = (Math.imul(machine.seed, 1_664_525) + 1_013_904_223) >>> 0;
  return machine.seed / 2 ** 32;
}

function randomOf(args: Arguments): number {
  if (args.values.length === 0) return random(args);
  if (args.values.length > 2) args.machine.fail("wrong number of arguments");
  const [low, high] = args.values.length === 1 ? [1, args.integer(1)] : [args.integer(1), args.integer(2)];
  if (low > high) args.fail(args.values.length, "interval is empty");
  return low + Math.floor(random(args) * (high - low + 1));
}

export const mathFunctions: readonly LuaFunction[] = [
  ...(["abs", "acos", "asin", "atan", "ceil", "cos", "cosh", "exp", "floor"] as const).map((name) =>
    ofOne(name, (value) => Math[name](value)),
  ),
  ...(["log10", "sin", "sinh", "sqrt", "tan", "tanh"] as const).map((name) =>
    ofOne(name, (value) => Math[name](value)),
  ),
  ofOne("log", Math.log),
  ofOne("deg", (value) => value * (180 / Math.PI)),
  ofOne("rad", (value) => value * (Math.PI / 180)),
  ofTwo("atan2", Math.atan2),
  ofTwo("fmod", (one, other) => one % other),
  ofTwo("mod", (one, other) => (Number.isFinite(other) ? one % other : modulo(one, other))),
  ofTwo("ldexp", (mantissa, exponent) => mantissa * 2 ** exponent),
  ofTwo("pow", (one, other) => one ** other),
  native("frexp", (args) => parted(args.number(1))),
  native("modf", (args) => {
    const value = args.number(1);
    const whole = Math.trunc(value);
    return [whole, Number.isFinite(value) ? value - whole : 0];
  }),
  native("max", (args) => [Math.max(args.number(1), ...args.values.map((_, index) => args.number(index + 1)))]),
  native("min", (args) => [Math.min(args.number(1), ...args.values.map((_, index) => args.number(index + 1)))]),
  native("random", (args) => [randomOf(args)]),
  native("randomseed", (args) => {
    args.machine.seed = args.integer(1) >>> 0;
    return [];
  }),
];

export const mathConstants = { huge: Number.POSITIVE_INFINITY, pi: Math.PI };

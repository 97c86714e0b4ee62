// One activation of a function of a script, and the kinds of JavaScript functions that a script is made into.
import type { Machine } from "./machine.ts";
import type { LuaFunction, LuaValue, LuaValues } from "./values.ts";

/** A local that functions within its own one use. */
export interface Cell {
  value: LuaValue;
}

export interface Frame {
  readonly machine: Machine;
  readonly globals: Globals;
  readonly slots: LuaValue[];
  /** Beside the slots: those of captured locals. */
  readonly cells: Cell[];
  readonly upvalues: readonly Cell[];
  readonly varargs: LuaValues;
}

/** The global variables of one run. */
export interface Globals {
  get(name: LuaValue): LuaValue;
  set(name: string, value: LuaValue): void;
}

export type Evaluate = (frame: Frame) => LuaValue;
export type EvaluateAll = (frame: Frame) => LuaValues;
/** Undefined: go on behind. */
export type Execute = (frame: Frame) => Outcome | undefined;

export type Outcome =
  | { readonly kind: "break" }
  | { readonly kind: "goto"; readonly label: string }
  | { readonly kind: "return"; readonly values: LuaValues }
  /** `return f(x)`: the frame is left before f runs. */
  | { readonly kind: "tail"; readonly callee: LuaFunction; readonly args: LuaValues };

// Compiles scripts of Lua 5.1 and runs their functions within limits. See README.md.
import { bytesOf, LuaFunction, type LuaValue, type LuaValues } from "./values.ts";
import { compileMain } from "./compile-function.ts";
import { type LuaLimits, Machine } from "./machine.ts";
import { parse } from "./parse.ts";
import { LuaTable } from "./table.ts";
import { openBase } from "./library/base.ts";

/** A script that has been read. It keeps nothing of one run for the next. */
export interface LuaProgram {
  readonly chunk: string;
  /** The script as a function over these globals. */
  readonly main: (globals: LuaTable) => LuaFunction;
}

/** What is wrong with the script's text is thrown as a LuaSyntaxError. `chunk` is how messages name it. */
export function compileLua(chunk: string, script: string): LuaProgram {
  const name = bytesOf(chunk);
  const main = compileMain(parse(name, bytesOf(script)));
  return { chunk: name, main };
}

export interface LuaEnvironment {
  readonly limits: LuaLimits;
  /** Milliseconds since the epoch, for os.time. */
  readonly now: () => number;
  readonly print: (line: string) => void;
  /** The functions that strings have: those of the library `string`. */
  readonly strings: LuaTable;
  /** Beside the basic functions. */
  readonly globals: Iterable<readonly [name: string, value: LuaValue]>;
}

export interface LuaRun {
  readonly machine: Machine;
  readonly globals: LuaTable;
}

/** Runs the script itself, which mostly defines functions. */
export function startLua(program: LuaProgram, environment: LuaEnvironment): LuaRun {
  const globals = new LuaTable();
  openBase(globals);
  for (const [name, value] of environment.globals) globals.set(name, value);
  const machine = new Machine({ chunk: program.chunk, ...environment });
  const run = { machine, globals };
  machine.call(program.main(globals), []);
  return run;
}

/** Calls a global function of the script. Undefined when there is no function of this name. */
export function callLua({ machine, globals }: LuaRun, name: string, args: LuaValues): LuaValues | undefined {
  const callee = globals.get(name);
  return callee instanceof LuaFunction ? machine.call(callee, args) : undefined;
}

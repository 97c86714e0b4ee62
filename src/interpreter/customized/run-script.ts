// Runs one function of one script, on whichever thread this is. Pure: the same call gives the same answer.
import type { LuaLimits } from "#machinery/lua/machine.ts";
import { callLua, compileLua, type LuaProgram, startLua } from "#machinery/lua/run.ts";
import { luaOf, LuaTable } from "#machinery/lua/table.ts";
import { type LuaValue, typeName } from "#machinery/lua/values.ts";
import { RecentCache } from "#std/recent-cache.ts";
import { createSandbox } from "./sandbox.ts";
import { toJson } from "./to-json.ts";

/** Plain data: it can go to another thread. */
export interface ScriptCall {
  /** Of the ResourceInterpreterCustomization: messages begin with it. */
  readonly customization: string;
  /** As users know it. */
  readonly operation: string;
  readonly script: string;
  readonly functionName: string;
  /** JSON. */
  readonly args: readonly unknown[];
  /** Whether empty maps and lists of the arguments are known again in the results. */
  readonly keepsEmpty: boolean;
  /** Of a table, only this field is wanted: the result is a table with that alone. */
  readonly field?: string;
}

export interface ScriptEnvironment {
  readonly limits: LuaLimits;
  readonly now: () => number;
  readonly print: (line: string) => void;
}

/** What the function gave, as JSON. Throws what the engine throws: `scriptErrorText` makes it a text. */
export function runScript(call: ScriptCall, environment: ScriptEnvironment): readonly unknown[] {
  const { functionName, args, keepsEmpty, field } = call;
  const run = startLua(programOf(call), { ...environment, ...createSandbox() });
  const callee = run.globals.get(functionName);
  const results = callLua(run, functionName, args.map(luaOf));
  if (results === undefined) throw new Error(notFunction(functionName, callee));
  const references = keepsEmpty ? args : [];
  return results.map((result) => {
    if (field === undefined || !(result instanceof LuaTable)) return toJson(run.machine, result, references);
    const value = result.get(field);
    return value instanceof LuaTable && value.size === 0 ? {} : { [field]: toJson(run.machine, value, references) };
  });
}

function notFunction(name: string, value: LuaValue): string {
  return value === undefined ? `not found function ${name}` : `${name} is not a function: ${typeName(value)}`;
}

/** How many read scripts are kept at most, times two. */
const programsMax = 128;
const programs = new RecentCache<string, LuaProgram>(programsMax);

function programOf({ customization, script }: ScriptCall): LuaProgram {
  const key = `${customization}\n${script}`;
  const known = programs.get(key);
  if (known !== undefined) return known;
  const program = compileLua(customization, script);
  programs.set(key, program);
  return program;
}

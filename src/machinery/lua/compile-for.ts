// The two kinds of `for`.
import { compileAll, compileOne } from "./compile-expression.ts";
import { declareLocal } from "./compile-statement.ts";
import type { Execute, Frame } from "./frame.ts";
import { next } from "./library/next.ts";
import { complain } from "./operators.ts";
import type { Local, Statement } from "./syntax.ts";
import { LuaTable } from "./table.ts";
import { LuaFunction, type LuaValue, toNumber } from "./values.ts";

/** `for i = from, to, step do`. */
export function compileCount(statement: Extract<Statement, { kind: "count" }>, execute: Execute): Execute {
  const { variable, line } = statement;
  const bounds = {
    initial: compileOne(statement.from),
    limit: compileOne(statement.to),
    step: statement.step === undefined ? () => 1 : compileOne(statement.step),
  };
  return (frame) => {
    const { machine } = frame;
    const number = (name: keyof typeof bounds): number => {
      const value = toNumber(bounds[name](frame));
      const what = name === "initial" ? "initial value" : name;
      return value ?? machine.fail(`'for' ${what} must be a number`, line);
    };
    const [from, to, step] = [number("initial"), number("limit"), number("step")];
    for (let index = from; step > 0 ? index <= to : index >= to; index += step) {
      machine.step(1, line);
      declareLocal(frame, variable, index);
      const outcome = execute(frame);
      if (outcome?.kind === "break") return undefined;
      if (outcome !== undefined) return outcome;
    }
    return undefined;
  };
}

/** `for k, v in pairs(t) do`. */
export function compileEach(statement: Extract<Statement, { kind: "each" }>, execute: Execute): Execute {
  const { variables, line } = statement;
  const all = compileAll(statement.values);
  return (frame) => {
    const [iterator, state, control] = all(frame);
    const turn = (values: readonly LuaValue[]): ReturnType<Execute> => {
      frame.machine.step(1, line);
      declareAll(frame, variables, values);
      return execute(frame);
    };
    // What `pairs` gives is walked directly, so that loops over the same table do not disturb each other.
    if (iterator === next && state instanceof LuaTable && control === undefined) {
      for (const entry of state.entries()) {
        const outcome = turn(entry);
        if (outcome?.kind === "break") return undefined;
        if (outcome !== undefined) return outcome;
      }
      return undefined;
    }
    if (!(iterator instanceof LuaFunction)) return complain(frame.machine, line, "call", "", iterator);
    let last = control;
    for (;;) {
      frame.machine.line = line;
      const values = frame.machine.call(iterator, [state, last]);
      last = values[0];
      if (last === undefined) return undefined;
      const outcome = turn(values);
      if (outcome?.kind === "break") return undefined;
      if (outcome !== undefined) return outcome;
    }
  };
}

function declareAll(frame: Frame, variables: readonly Local[], values: readonly LuaValue[]): void {
  for (let index = 0; index < variables.length; index++) {
    const variable = variables[index];
    if (variable !== undefined) declareLocal(frame, variable, values[index]);
  }
}

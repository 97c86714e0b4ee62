// Makes functions of a script into values that can be called.
import { compileBlock } from "./compile-statement.ts";
import type { Cell, Evaluate, Execute, Frame, Globals } from "./frame.ts";
import type { FunctionTree } from "./syntax.ts";
import { LuaTable } from "./table.ts";
import { LuaFunction, type LuaValue, type LuaValues } from "./values.ts";
import type { Machine } from "./machine.ts";

const bytesPerClosure = 64;
/** As a power of two. */
const copiedPerStep = 4;

/** A new function each time it is evaluated, with the upvalues of then. */
export function compileFunction(tree: FunctionTree): Evaluate {
  const body = compileBody(tree);
  const { upvalues } = tree;
  return (frame) => {
    frame.machine.allocate(bytesPerClosure);
    const cells = upvalues.map(({ from, index }): Cell => {
      return (from === "local" ? frame.cells[index] : frame.upvalues[index]) ?? { value: undefined };
    });
    return new Closure(body, frame.globals, cells);
  };
}

/** The whole script as a function. */
export function compileMain(tree: FunctionTree): (globals: Globals) => LuaFunction {
  const body = compileBody(tree);
  return (globals) => new Closure(body, globals, []);
}

interface Body {
  readonly name: string;
  readonly enter: (frame: Frame, args: LuaValues) => void;
  readonly hasVarargs: boolean;
  readonly parameters: number;
  readonly execute: Execute;
}

class Closure extends LuaFunction {
  readonly body: Body;
  readonly globals: Globals;
  readonly upvalues: readonly Cell[];

  constructor(body: Body, globals: Globals, upvalues: readonly Cell[]) {
    super(body.name, (machine, args) => run(this, machine, args));
    this.body = body;
    this.globals = globals;
    this.upvalues = upvalues;
  }
}

function run(first: Closure, machine: Machine, firstArgs: LuaValues): LuaValues {
  const { calledAt, line } = machine;
  machine.calledAt = line;
  let called = first;
  let args = firstArgs;
  for (;;) {
    const outcome = activate(called, machine, args);
    if (outcome?.kind === "tail") {
      machine.step(1, machine.line);
      args = outcome.args;
      if (outcome.callee instanceof Closure) {
        called = outcome.callee;
        continue;
      }
    }
    const values =
      outcome?.kind === "tail"
        ? machine.call(outcome.callee, args)
        : outcome?.kind === "return"
          ? outcome.values
          : none;
    machine.calledAt = calledAt;
    machine.line = line;
    return values;
  }
}

const none: LuaValues = [];

function activate({ body, globals, upvalues }: Closure, machine: Machine, args: LuaValues): ReturnType<Execute> {
  const varargs = body.hasVarargs ? args.slice(body.parameters) : none;
  if (varargs.length > 0) machine.step(varargs.length >> copiedPerStep);
  const frame: Frame = { machine, globals, slots: [], cells: [], upvalues, varargs };
  body.enter(frame, args);
  return body.execute(frame);
}

function compileBody(tree: FunctionTree): Body {
  const { name, parameters, isVararg, arg } = tree;
  const captured = parameters.filter((each) => each.isCaptured);
  const enter = (frame: Frame, args: LuaValues): void => {
    for (let index = 0; index < parameters.length; index++) frame.slots[index] = args[index];
    for (const { slot } of captured) frame.cells[slot] = { value: args[slot] };
    if (arg === undefined) return;
    const value = argTable(frame.varargs);
    if (arg.isCaptured) frame.cells[arg.slot] = { value };
    else frame.slots[arg.slot] = value;
  };
  return { name, enter, hasVarargs: isVararg, parameters: parameters.length, execute: compileBlock(tree.body) };
}

function argTable(varargs: LuaValues): LuaValue {
  const table = new LuaTable();
  table.setList(varargs);
  table.set("n", varargs.length);
  return table;
}

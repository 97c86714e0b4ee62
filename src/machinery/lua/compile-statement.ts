// Makes statements into JavaScript functions that say how they ended.
import { compileCall, compilePrepared } from "./compile-call.ts";
import { compileAll, compileOne } from "./compile-expression.ts";
import { compileFunction } from "./compile-function.ts";
import { compileCount, compileEach } from "./compile-for.ts";
import type { Execute, Frame, Outcome } from "./frame.ts";
import { nameOf, setIndex } from "./operators.ts";
import type { Block, Expression, Local, Statement, Target } from "./syntax.ts";
import { isTruthy, type LuaValue } from "./values.ts";

/** The statements of a block, one after the other. */
export function compileBlock({ statements, labels }: Block): Execute {
  const each = statements.map(compileStatement);
  const [first, ...others] = each;
  if (labels.size > 0) return withLabels(each, labels);
  if (first === undefined) return () => undefined;
  if (others.length === 0) return first;
  return (frame) => {
    for (const execute of each) {
      const outcome = execute(frame);
      if (outcome !== undefined) return outcome;
    }
    return undefined;
  };
}

function withLabels(each: readonly Execute[], labels: ReadonlyMap<string, number>): Execute {
  return (frame) => {
    for (let at = 0; at < each.length; at++) {
      const outcome = each[at]?.(frame);
      if (outcome === undefined) continue;
      const label = outcome.kind === "goto" ? labels.get(outcome.label) : undefined;
      if (label === undefined) return outcome;
      at = label - 1;
    }
    return undefined;
  };
}

function compileStatement(statement: Statement): Execute {
  switch (statement.kind) {
    case "local":
      return compileLocal(statement);
    case "assign":
      return compileAssignment(statement);
    case "call": {
      const call = compileCall(statement.call);
      return (frame) => {
        call(frame);
        return undefined;
      };
    }
    case "do":
      return compileBlock(statement.body);
    case "while":
      return compileWhile(statement);
    case "repeat":
      return compileRepeat(statement);
    case "if":
      return compileIf(statement);
    case "count":
      return compileCount(statement, compileBlock(statement.body));
    case "each":
      return compileEach(statement, compileBlock(statement.body));
    case "function": {
      const { local, tree } = statement;
      const create = compileFunction(tree);
      return (frame) => {
        declareLocal(frame, local, undefined);
        setLocal(frame, local, create(frame));
        return undefined;
      };
    }
    case "return":
      return compileReturn(statement.values);
    case "break":
      return () => breakOutcome;
    case "goto": {
      const outcome: Outcome = { kind: "goto", label: statement.label };
      return (frame) => {
        frame.machine.step(1, statement.line);
        return outcome;
      };
    }
  }
}

const breakOutcome: Outcome = { kind: "break" };

/** A new variable: functions made before keep the old one. */
export function declareLocal(frame: Frame, { slot, isCaptured }: Local, value: LuaValue): void {
  if (isCaptured) frame.cells[slot] = { value };
  else frame.slots[slot] = value;
}

function setLocal(frame: Frame, { slot, isCaptured }: Local, value: LuaValue): void {
  const cell = isCaptured ? frame.cells[slot] : undefined;
  if (cell === undefined) frame.slots[slot] = value;
  else cell.value = value;
}

function compileLocal({ locals, values, line }: Extract<Statement, { kind: "local" }>): Execute {
  const [local] = locals;
  const [value] = values;
  if (local !== undefined && locals.length === 1 && values.length === 1 && value !== undefined) {
    const one = compileOne(value);
    return (frame) => {
      frame.machine.step(1, line);
      declareLocal(frame, local, one(frame));
      return undefined;
    };
  }
  const all = compileAll(values);
  return (frame) => {
    frame.machine.step(1, line);
    const found = all(frame);
    locals.forEach((each, index) => {
      declareLocal(frame, each, found[index]);
    });
    return undefined;
  };
}

type Assign = (frame: Frame, value: LuaValue) => void;

function compileAssignment({ targets, values, line }: Extract<Statement, { kind: "assign" }>): Execute {
  const [target] = targets;
  const [value] = values;
  if (target !== undefined && targets.length === 1 && values.length === 1 && value !== undefined) {
    const prepare = compileTarget(target);
    const one = compileOne(value);
    return (frame) => {
      frame.machine.step(1, line);
      const assign = prepare(frame);
      assign(frame, one(frame));
      return undefined;
    };
  }
  const prepared = targets.map(compileTarget);
  const all = compileAll(values);
  return (frame) => {
    frame.machine.step(1, line);
    const assign = prepared.map((prepare) => prepare(frame));
    const found = all(frame);
    for (let index = assign.length - 1; index >= 0; index--) assign[index]?.(frame, found[index]);
    return undefined;
  };
}

/** Evaluates what is in a target before the values are: then it only takes one. */
function compileTarget(target: Target): (frame: Frame) => Assign {
  switch (target.kind) {
    case "local": {
      const { local } = target;
      const assign: Assign = (frame, value) => {
        setLocal(frame, local, value);
      };
      return () => assign;
    }
    case "upvalue": {
      const { index } = target;
      const assign: Assign = ({ upvalues }, value) => {
        const cell = upvalues[index];
        if (cell !== undefined) cell.value = value;
      };
      return () => assign;
    }
    case "global": {
      const { name } = target;
      const assign: Assign = ({ machine, globals }, value) => {
        machine.allocate(bytesPerGlobal);
        globals.set(name, value);
      };
      return () => assign;
    }
    case "index": {
      const [object, key] = [compileOne(target.object), compileOne(target.key)];
      const place = { line: target.line, name: nameOf(target.object) };
      return (frame) => {
        const table = object(frame);
        const at = key(frame);
        return ({ machine }, value) => {
          setIndex(machine, place, [table, at, value]);
        };
      };
    }
  }
}

const bytesPerGlobal = 32;

function compileWhile({ condition, body, line }: Extract<Statement, { kind: "while" }>): Execute {
  const holds = compileOne(condition);
  const execute = compileBlock(body);
  return (frame) => {
    while (isTruthy(holds(frame))) {
      frame.machine.step(1, line);
      const outcome = execute(frame);
      if (outcome?.kind === "break") return undefined;
      if (outcome !== undefined) return outcome;
    }
    return undefined;
  };
}

function compileRepeat({ condition, body, line }: Extract<Statement, { kind: "repeat" }>): Execute {
  const holds = compileOne(condition);
  const execute = compileBlock(body);
  return (frame) => {
    do {
      frame.machine.step(1, line);
      const outcome = execute(frame);
      if (outcome?.kind === "break") return undefined;
      if (outcome !== undefined) return outcome;
    } while (!isTruthy(holds(frame)));
    return undefined;
  };
}

function compileIf({ branches, otherwise, line }: Extract<Statement, { kind: "if" }>): Execute {
  const each = branches.map(({ condition, body }) => ({ holds: compileOne(condition), execute: compileBlock(body) }));
  const last = otherwise === undefined ? undefined : compileBlock(otherwise);
  return (frame) => {
    frame.machine.step(1, line);
    for (const { holds, execute } of each) if (isTruthy(holds(frame))) return execute(frame);
    return last?.(frame);
  };
}

function compileReturn(values: readonly Expression[]): Execute {
  const [only] = values;
  if (only?.kind === "call" && values.length === 1) {
    const prepare = compilePrepared(only);
    const { line } = only;
    const isMethodCall = only.method !== undefined;
    return (frame) => {
      const [callee, args] = prepare(frame);
      frame.machine.line = line;
      frame.machine.isMethodCall = isMethodCall;
      return { kind: "tail", callee, args };
    };
  }
  const all = compileAll(values);
  return (frame) => ({ kind: "return", values: all(frame) });
}

// Makes calls into JavaScript functions.
import { compileAll, compileOne } from "./compile-expression.ts";
import type { EvaluateAll, Frame } from "./frame.ts";
import { complain, indexOther, nameOf } from "./operators.ts";
import type { Call } from "./syntax.ts";
import { LuaTable } from "./table.ts";
import { LuaFunction, type LuaValues } from "./values.ts";

type Prepared = readonly [callee: LuaFunction, args: LuaValues];

/** A call and its results. */
export function compileCall(call: Call): EvaluateAll {
  const prepare = compilePrepared(call);
  const { line } = call;
  const isMethodCall = call.method !== undefined;
  return (frame) => {
    const [callee, args] = prepare(frame);
    const { machine } = frame;
    machine.step(1, line);
    machine.line = line;
    machine.isMethodCall = isMethodCall;
    return machine.call(callee, args);
  };
}

/** What is called with what: for a call, or for one that takes the place of the function it is in. */
export function compilePrepared({ callee, method, args, line }: Call): (frame: Frame) => Prepared {
  const of = compileOne(callee);
  const all = compileAll(args);
  const name = nameOf(callee);
  if (method === undefined) {
    return (frame) => {
      const found = of(frame);
      const values = all(frame);
      if (found instanceof LuaFunction) return [found, values];
      return complain(frame.machine, line, "call", name, found);
    };
  }
  return (frame) => {
    const self = of(frame);
    const found = self instanceof LuaTable ? self.get(method) : indexOther(frame.machine, line, name, self, method);
    const values = [self, ...all(frame)];
    if (found instanceof LuaFunction) return [found, values];
    return complain(frame.machine, line, "call", `method '${method}' `, found);
  };
}

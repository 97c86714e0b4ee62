// Which script of a ResourceInterpreterCustomization is for which operation of the interpreter.
import {
  type InterpreterOperation,
  type InterpreterScript,
  interpreterScripts,
} from "#api/config/interpreter-scripts.ts";
import { invariant } from "#std/invariant.ts";
import type { Operation } from "../interpretation.ts";

/** The operations as users name them. */
export const operationNames: Readonly<Record<Operation, InterpreterOperation>> = {
  retain: "Retain",
  getReplicas: "InterpretReplica",
  getComponents: "InterpretComponent",
  reviseReplica: "ReviseReplica",
  reflectStatus: "InterpretStatus",
  aggregateStatus: "AggregateStatus",
  interpretHealth: "InterpretHealth",
  getDependencies: "InterpretDependency",
};

export function scriptOf(operation: Operation): InterpreterScript {
  const script = interpreterScripts.find(({ name }) => name === operationNames[operation]);
  invariant(script, "every operation has a script");
  return script;
}

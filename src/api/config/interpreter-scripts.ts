// The scripts of a ResourceInterpreterCustomization: where each stands, which operation it is for, what function it defines.
// Upstream: karmada pkg/util/interpreter/rule.go.
import type { CustomizationRules } from "./resource-interpreter-customization.ts";

export interface InterpreterScript {
  /** The operation as users know it. */
  readonly name: string;
  readonly field: keyof CustomizationRules;
  readonly functionName: string;
}

/** In the order in which users are shown them. */
export const interpreterScripts = [
  { name: "Retain", field: "retention", functionName: "Retain" },
  { name: "InterpretReplica", field: "replicaResource", functionName: "GetReplicas" },
  { name: "InterpretComponent", field: "componentResource", functionName: "GetComponents" },
  { name: "ReviseReplica", field: "replicaRevision", functionName: "ReviseReplica" },
  { name: "InterpretStatus", field: "statusReflection", functionName: "ReflectStatus" },
  { name: "AggregateStatus", field: "statusAggregation", functionName: "AggregateStatus" },
  { name: "InterpretHealth", field: "healthInterpretation", functionName: "InterpretHealth" },
  { name: "InterpretDependency", field: "dependencyInterpretation", functionName: "GetDependencies" },
] as const satisfies readonly InterpreterScript[];
export type InterpreterOperation = (typeof interpreterScripts)[number]["name"];

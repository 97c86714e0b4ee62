// Which script of a ResourceInterpreterCustomization is for which operation, and the function that it defines.
// Upstream: karmada pkg/resourceinterpreter/customized/declarative/configurable/accessor.go, luavm/lua.go.
import type { CustomizationRules } from "#api/config/resource-interpreter-customization.ts";
import type { Operation } from "../interpretation.ts";

export interface ScriptRule {
  /** As users know the operation: `InterpretHealth`. */
  readonly name: string;
  readonly field: keyof CustomizationRules;
  readonly functionName: string;
}

export const scriptRules: Readonly<Record<Operation, ScriptRule>> = {
  retain: { name: "Retain", field: "retention", functionName: "Retain" },
  getReplicas: { name: "InterpretReplica", field: "replicaResource", functionName: "GetReplicas" },
  getComponents: { name: "InterpretComponent", field: "componentResource", functionName: "GetComponents" },
  reviseReplica: { name: "ReviseReplica", field: "replicaRevision", functionName: "ReviseReplica" },
  reflectStatus: { name: "InterpretStatus", field: "statusReflection", functionName: "ReflectStatus" },
  aggregateStatus: { name: "AggregateStatus", field: "statusAggregation", functionName: "AggregateStatus" },
  interpretHealth: { name: "InterpretHealth", field: "healthInterpretation", functionName: "InterpretHealth" },
  getDependencies: { name: "InterpretDependency", field: "dependencyInterpretation", functionName: "GetDependencies" },
};

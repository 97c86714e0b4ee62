// How failures of the interpreter are told: by a condition for each of its operations, with what the interpreter says: which
// customization or webhook, and where in a script. Retain has none of its own: it is Applied of the Work that is False.
import { conditionMessages, conditionReasons, conditionTypes } from "#api/karmada-constants.ts";
import type { Operation } from "#interpreter/interpretation.ts";
import { errorText } from "#machinery/api-error.ts";
import type { Failure, FailureReport, FailureWords } from "./failure-condition.ts";

const conditionTypeOf: Readonly<Record<Exclude<Operation, "retain">, string>> = {
  getReplicas: conditionTypes.replicaInterpreted,
  getComponents: conditionTypes.componentInterpreted,
  reviseReplica: conditionTypes.replicaRevised,
  getDependencies: conditionTypes.dependencyInterpreted,
  reflectStatus: conditionTypes.statusInterpreted,
  interpretHealth: conditionTypes.healthInterpreted,
  aggregateStatus: conditionTypes.statusAggregated,
};

export function interpreterWords(operation: Exclude<Operation, "retain">): FailureWords {
  return {
    type: conditionTypeOf[operation],
    fine: { reason: conditionReasons.interpreted, message: conditionMessages.interpreted },
    failed: { reason: conditionReasons.interpretFailed },
  };
}

/** What is to be told of an operation: that it failed with these errors, or with none. */
export function interpreterReport(
  operation: Exclude<Operation, "retain">,
  ...errors: readonly unknown[]
): FailureReport {
  return { words: interpreterWords(operation), failures: errors.map((error) => interpretFailure("", error)) };
}

/** A failure that concerns one cluster names it; else `cluster` is empty. */
export function interpretFailure(cluster: string, error: unknown): Failure {
  const text = errorText(error);
  return { cluster, message: cluster === "" ? text : `cluster ${cluster}: ${text}` };
}

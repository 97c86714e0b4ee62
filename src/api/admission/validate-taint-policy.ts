// What is wrong with a ClusterTaintPolicy, beyond its schema.
// Upstream: karmada pkg/webhook/clustertaintpolicy/validating.go.
import { duplicate, type FieldError, forbidden } from "#machinery/field-error.ts";
import type { ClusterTaintPolicy } from "../policy/cluster-taint-policy.ts";

const noExecuteText =
  "Configuring taint with NoExecute effect is not allowed, this capability must be explicitly enabled by " +
  "administrators through command-line flags";

/** `allowNoExecute`: such taints evict what runs, so an administrator has to ask for them. */
export function validateTaintPolicy({ taints }: ClusterTaintPolicy["spec"], allowNoExecute: boolean): FieldError[] {
  const seen = new Set<string>();
  return taints.flatMap(({ key, effect }, index) => {
    const path = `spec.taints[${index}]`;
    const errors = effect === "NoExecute" && !allowNoExecute ? [forbidden(path, noExecuteText)] : [];
    const identity = `${effect} ${key}`;
    if (seen.has(identity)) errors.push(duplicate(path, repeatedText(key, effect)));
    seen.add(identity);
    return errors;
  });
}

function repeatedText(key: string, effect: string): string {
  return `Duplicate taint with the same key(${key}) and effect(${effect}) is not allowed`;
}

// What is wrong with a propagation policy of either scope, beyond its schema.
// Upstream: karmada pkg/util/validation/validation.go, pkg/webhook/{propagationpolicy,clusterpropagationpolicy}/validating.go.
import type { PropagationPolicy, PropagationSpec } from "../policy/propagation-policy.ts";
import type { ResourceSelector } from "../policy/resource-selector.ts";
import { type FieldError, invalid } from "#machinery/field-error.ts";
import { validateFailover } from "./validate-failover.ts";
import { validatePlacement } from "./validate-placement.ts";

/** What may not change about a policy. The first finding, as a plain text. */
export function changeRefusal(policy: PropagationPolicy, old: PropagationPolicy, idLabel: string): string | undefined {
  if (policy.spec.schedulerName !== old.spec.schedulerName) return "the schedulerName should not be updated";
  if (policy.metadata.labels?.[idLabel] !== old.metadata.labels?.[idLabel]) {
    return `label ${idLabel} is immutable, it can only be set by the system during creation`;
  }
  return undefined;
}

/** Without its id nothing that a policy made can be found again. */
export function missingIdRefusal(policy: PropagationPolicy, idLabel: string): string | undefined {
  return policy.metadata.labels?.[idLabel] === undefined
    ? `label ${idLabel} is required, it should be set by the mutating admission webhook during creation`
    : undefined;
}

/** `namespace` is absent for cluster-scoped policies. */
export function validatePropagation(spec: PropagationSpec, namespace: string | undefined): FieldError[] {
  const { suspension } = spec;
  const errors = validatePlacement(spec.placement ?? {}, "spec.placement");
  errors.push(
    ...validateFailover(spec),
    ...validateSelectorNamespaces(spec.resourceSelectors, namespace),
    ...validatePreemption(spec),
  );
  const clusterNames = suspension?.dispatchingOnClusters?.clusterNames ?? [];
  if (suspension?.dispatching === true && clusterNames.length > 0) {
    const detail = "suspension dispatching cannot co-exist with dispatchingOnClusters.clusterNames";
    errors.push(invalid("spec.suspension.suspension", suspension, detail));
  }
  return errors;
}

/** A namespaced policy speaks for its own namespace only. */
export function validateSelectorNamespaces(
  selectors: readonly ResourceSelector[],
  policyNamespace: string | undefined,
): FieldError[] {
  if (policyNamespace === undefined) return [];
  return selectors.flatMap(({ namespace = "" }, index) =>
    namespace === policyNamespace
      ? []
      : [
          invalid(
            `spec.resourceSelectors[${index}].namespace`,
            namespace,
            "namespace of resource selector must be the same as the namespace of the policy",
          ),
        ],
  );
}

function validatePreemption({ preemption, resourceSelectors }: PropagationSpec): FieldError[] {
  if (preemption !== "Always") return [];
  return resourceSelectors.flatMap(({ name = "" }, index) =>
    name !== ""
      ? []
      : [
          invalid(
            `spec.resourceSelectors[${index}].name`,
            name,
            "name cannot be empty if preemption is Always, the empty name may cause unexpected resources preemption",
          ),
        ],
  );
}

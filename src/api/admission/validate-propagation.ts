// What is wrong with a propagation policy of either scope, beyond its schema.
// Upstream: karmada pkg/util/validation/validation.go, pkg/webhook/{propagationpolicy,clusterpropagationpolicy}/validating.go.
import type { FailoverBehavior } from "../policy/failover.ts";
import type { PropagationPolicy, PropagationSpec } from "../policy/propagation-policy.ts";
import type { ResourceSelector } from "../policy/resource-selector.ts";
import { type FieldError, invalid } from "#machinery/field-error.ts";
import { qualifiedNameErrors } from "#machinery/names.ts";
import { isGraceful } from "./policy-defaults.ts";
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
  const { propagateDeps = false, failover, suspension } = spec;
  const errors = validatePlacement(spec.placement ?? {}, "spec.placement");
  if (failover?.application !== undefined && !propagateDeps) {
    const detail = "application failover is set, propagateDeps must be true";
    errors.push(invalid("spec.propagateDeps", propagateDeps, detail));
  }
  errors.push(
    ...validateApplicationFailover(failover?.application, "spec.failover.application"),
    ...validateState(failover?.cluster?.statePreservation, "spec.failover.cluster.statePreservation"),
    ...validateStateMove(failover?.cluster, "spec.failover.cluster"),
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

function validateApplicationFailover(failover: FailoverBehavior["application"], path: string): FieldError[] {
  if (failover === undefined) return [];
  const { decisionConditions, purgeMode = "", gracePeriodSeconds } = failover;
  const { tolerationSeconds = 0 } = decisionConditions;
  const errors: FieldError[] = [];
  if (tolerationSeconds < 0) {
    const at = `${path}.decisionConditions.tolerationSeconds`;
    errors.push(invalid(at, tolerationSeconds, "must be greater than or equal to 0"));
  }
  const grace = (detail: string): void => {
    errors.push(invalid(`${path}.gracePeriodSeconds`, gracePeriodSeconds, detail));
  };
  if (!isGraceful(purgeMode) && gracePeriodSeconds !== undefined)
    grace("only takes effect when purgeMode is gracefully");
  if (isGraceful(purgeMode) && gracePeriodSeconds === undefined)
    grace("should not be empty when purgeMode is gracefully");
  if (gracePeriodSeconds !== undefined && gracePeriodSeconds <= 0) grace("must be greater than 0");
  return [
    ...errors,
    ...validateState(failover.statePreservation, `${path}.statePreservation`),
    ...validateStateMove(failover, path),
  ];
}

interface StateMove {
  readonly purgeMode?: string | undefined;
  readonly statePreservation?: StatePreservation | undefined;
}

/** Ours: Karmada takes it and then preserves nothing. State is handed over once the old copy has gone, not beside it. */
function validateStateMove(failover: StateMove | undefined, path: string): FieldError[] {
  const { purgeMode = "Gracefully", statePreservation } = failover ?? {};
  if ((statePreservation?.rules ?? []).length === 0 || purgeMode === "Directly" || purgeMode === "Immediately")
    return [];
  const detail = "must be Directly when statePreservation is set: otherwise no state would be carried over";
  return [invalid(`${path}.purgeMode`, purgeMode, detail)];
}

type StatePreservation = NonNullable<FailoverBehavior["application"]>["statePreservation"];

function validateState(state: StatePreservation, path: string): FieldError[] {
  return (state?.rules ?? []).flatMap(({ aliasLabelName }, index) =>
    qualifiedNameErrors(aliasLabelName).map((text) =>
      invalid(`${path}.rules[${index}].aliasLabelName`, aliasLabelName, text),
    ),
  );
}

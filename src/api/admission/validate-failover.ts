// What is wrong with the failover settings of a propagation policy, beyond their schema.
// Upstream: karmada pkg/util/validation/validation.go (ValidateApplicationFailover). Its documentation asks for one cluster and
// purgeMode Directly where state is preserved, and its controllers then carry nothing over; here such a policy is refused.
import type { FailoverBehavior, StatePreservation, StatePreservationRule } from "../policy/failover.ts";
import type { ClusterAffinity } from "../policy/cluster-affinity.ts";
import type { Placement } from "../policy/placement.ts";
import type { PropagationSpec } from "../policy/propagation-policy.ts";
import { errorText } from "#machinery/api-error.ts";
import { type FieldError, invalid } from "#machinery/field-error.ts";
import { parseJsonPath } from "#machinery/jsonpath.ts";
import { qualifiedNameErrors } from "#machinery/names.ts";
import { isGraceful } from "./policy-defaults.ts";

export function validateFailover({ failover, placement, propagateDeps = false }: PropagationSpec): FieldError[] {
  const errors: FieldError[] = [];
  if (failover?.application !== undefined && !propagateDeps) {
    const detail = "application failover is set, propagateDeps must be true";
    errors.push(invalid("spec.propagateDeps", propagateDeps, detail));
  }
  errors.push(
    ...validateApplication(failover?.application, "spec.failover.application"),
    ...validateState(failover?.cluster, "spec.failover.cluster"),
  );
  const isStateful = [failover?.application, failover?.cluster].some(hasState);
  if (isStateful && !leadsToOneCluster(placement ?? {})) {
    const detail =
      "must lead to one cluster when statePreservation is set: add a spread constraint with spreadByField cluster and " +
      "maxGroups 1 (static weights do not obey it), or name one cluster in each affinity";
    errors.push(invalid("spec.placement", placement ?? {}, detail));
  }
  return errors;
}

function validateApplication(failover: FailoverBehavior["application"], path: string): FieldError[] {
  if (failover === undefined) return [];
  const { decisionConditions, purgeMode = "", gracePeriodSeconds } = failover;
  const errors: FieldError[] = [];
  for (const field of ["tolerationSeconds", "initTolerationSeconds"] as const) {
    const { [field]: seconds = 0 } = decisionConditions;
    if (seconds >= 0) continue;
    errors.push(invalid(`${path}.decisionConditions.${field}`, seconds, "must be greater than or equal to 0"));
  }
  const grace = (detail: string): void => {
    errors.push(invalid(`${path}.gracePeriodSeconds`, gracePeriodSeconds, detail));
  };
  if (!isGraceful(purgeMode) && gracePeriodSeconds !== undefined)
    grace("only takes effect when purgeMode is gracefully");
  if (isGraceful(purgeMode) && gracePeriodSeconds === undefined)
    grace("should not be empty when purgeMode is gracefully");
  if (gracePeriodSeconds !== undefined && gracePeriodSeconds <= 0) grace("must be greater than 0");
  return [...errors, ...validateState(failover, path)];
}

interface StatefulFailover {
  readonly purgeMode?: string | undefined;
  readonly statePreservation?: StatePreservation | undefined;
}

function hasState(failover: StatefulFailover | undefined): boolean {
  return (failover?.statePreservation?.rules ?? []).length > 0;
}

/** State is handed over once the old copy has gone, not beside it. */
function validateState(failover: StatefulFailover | undefined, path: string): FieldError[] {
  const { purgeMode = "Gracefully", statePreservation } = failover ?? {};
  const errors = (statePreservation?.rules ?? []).flatMap((rule, index) =>
    validateRule(rule, `${path}.statePreservation.rules[${index}]`),
  );
  if (!hasState(failover) || purgeMode === "Directly" || purgeMode === "Immediately") return errors;
  const detail = "must be Directly when statePreservation is set: otherwise no state would be carried over";
  return [...errors, invalid(`${path}.purgeMode`, purgeMode, detail)];
}

function validateRule(
  { aliasLabelName, jsonPath, relatedResource }: StatePreservationRule,
  path: string,
): FieldError[] {
  const { where = [], newestBy } = relatedResource ?? {};
  const templates = [
    { at: "jsonPath", template: jsonPath },
    ...(newestBy === undefined ? [] : [{ at: "relatedResource.newestBy", template: newestBy }]),
    ...where.flatMap((condition, index) => [
      { at: `relatedResource.where[${index}].jsonPath`, template: condition.jsonPath },
      { at: `relatedResource.where[${index}].value`, template: condition.value },
    ]),
  ];
  return [
    ...qualifiedNameErrors(aliasLabelName).map((text) => invalid(`${path}.aliasLabelName`, aliasLabelName, text)),
    ...templates.flatMap(({ at, template }) => {
      const text = templateError(template);
      return text === undefined ? [] : [invalid(`${path}.${at}`, template, text)];
    }),
  ];
}

function templateError(template: string): string | undefined {
  try {
    parseJsonPath(template);
    return undefined;
  } catch (error) {
    return errorText(error);
  }
}

/** Whether the scheduler cannot but choose one cluster at most. */
function leadsToOneCluster(placement: Placement): boolean {
  const { clusterAffinity, clusterAffinities = [], spreadConstraints = [] } = placement;
  const isOne = spreadConstraints.some(
    ({ spreadByField, maxGroups }) => spreadByField === "cluster" && maxGroups === 1,
  );
  if (isOne && !isWeighedStatically(placement)) return true;
  const affinities = clusterAffinity === undefined ? clusterAffinities : [clusterAffinity];
  return affinities.length > 0 && affinities.every(namesOne);
}

function namesOne({ clusterNames = [] }: ClusterAffinity): boolean {
  return clusterNames.length === 1;
}

/** Spread constraints do not count then. */
function isWeighedStatically({ replicaScheduling }: Placement): boolean {
  const { replicaSchedulingType, replicaDivisionPreference, weightPreference } = replicaScheduling ?? {};
  if (replicaSchedulingType !== "Divided" || replicaDivisionPreference !== "Weighted") return false;
  return (weightPreference?.dynamicWeight ?? "") === "";
}

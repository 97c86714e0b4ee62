// What is wrong with a placement, beyond its schema. Upstream: karmada pkg/util/validation/validation.go (ValidatePlacement).
import type { ClusterAffinity } from "../policy/cluster-affinity.ts";
import type {
  ClusterAffinityTerm,
  Placement,
  ReplicaSchedulingStrategy,
  SpreadConstraint,
} from "../policy/placement.ts";
import { type FieldError, invalid, notSupported } from "#machinery/field-error.ts";
import { qualifiedNameErrors } from "#machinery/names.ts";

export function validatePlacement(placement: Placement, path: string): FieldError[] {
  const { clusterAffinity, clusterAffinities, replicaScheduling } = placement;
  const errors: FieldError[] = [];
  if (clusterAffinity !== undefined && clusterAffinities !== undefined) {
    errors.push(invalid(path, placement, "clusterAffinities cannot co-exist with clusterAffinity"));
  }
  for (const [index, { overflowAffinities }] of (clusterAffinities ?? []).entries()) {
    if (overflowAffinities === undefined || allowsOverflow(replicaScheduling)) continue;
    const detail = "overflowAffinities can only be used together with dynamic weight or aggregated scheduling";
    errors.push(invalid(`${path}.clusterAffinities[${index}].overflowAffinities`, overflowAffinities, detail));
  }
  return [
    ...errors,
    ...validateClusterAffinity(clusterAffinity, `${path}.clusterAffinity`),
    ...validateAffinityTerms(clusterAffinities ?? [], `${path}.clusterAffinities`),
    ...validateSpreadConstraints(placement.spreadConstraints ?? [], `${path}.spreadConstraints`),
    ...validateWorkloadAffinity(placement.workloadAffinity, `${path}.workloadAffinity`),
    ...validateTolerations(placement.clusterTolerations ?? [], `${path}.clusterTolerations`),
  ];
}

/** What is wrong with the field selector of an affinity; nothing else of it can be wrong. */
export function validateClusterAffinity(affinity: ClusterAffinity | undefined, path: string): FieldError[] {
  const selector = affinity?.fieldSelector;
  for (const { key, operator } of selector?.matchExpressions ?? []) {
    const problem = !["provider", "region", "zone"].includes(key)
      ? `unsupported key ${JSON.stringify(key)}, must be provider, region, or zone`
      : !["In", "NotIn"].includes(operator)
        ? `unsupported operator ${JSON.stringify(operator)}, must be In or NotIn`
        : undefined;
    if (problem !== undefined) return [invalid(`${path}.fieldSelector`, selector, problem)];
  }
  return [];
}

function allowsOverflow(scheduling: ReplicaSchedulingStrategy | undefined): boolean {
  if (scheduling === undefined || scheduling.replicaSchedulingType === "Duplicated") return false;
  const { replicaDivisionPreference, weightPreference } = scheduling;
  return replicaDivisionPreference === "Aggregated" || weightPreference?.dynamicWeight !== undefined;
}

function validateAffinityTerms(terms: readonly ClusterAffinityTerm[], path: string): FieldError[] {
  const names = new Set<string>();
  return terms.flatMap((term, index) => {
    const at = `${path}[${index}]`;
    const errors = labelKeyErrors(term.affinityName, at);
    if (names.has(term.affinityName)) {
      errors.push(invalid(path, terms, "each affinity term in a policy must have a unique name"));
    }
    names.add(term.affinityName);
    return [...errors, ...validateClusterAffinity(term, at), ...validateOverflow(term, at)];
  });
}

function validateOverflow(term: ClusterAffinityTerm, path: string): FieldError[] {
  const { overflowAffinities } = term;
  if (overflowAffinities === undefined) return [];
  const at = `${path}.overflowAffinities`;
  const errors: FieldError[] = [];
  if (isEmptyAffinity(term)) {
    const detail = "overflowAffinities can only be used together with the inline ClusterAffinity";
    errors.push(invalid(at, overflowAffinities, detail));
  }
  const names = new Set([term.affinityName]);
  for (const [index, { affinityName, ...affinity }] of overflowAffinities.entries()) {
    const nameAt = `${at}[${index}].affinityName`;
    errors.push(...labelKeyErrors(affinityName, nameAt));
    if (names.has(affinityName)) {
      const detail = "overflow affinity name must be unique and must not duplicate the primary group's affinityName";
      errors.push(invalid(nameAt, affinityName, detail));
    }
    names.add(affinityName);
    errors.push(...validateClusterAffinity(affinity, `${at}[${index}]`));
  }
  return errors;
}

function isEmptyAffinity({ labelSelector, fieldSelector, clusterNames = [], exclude = [] }: ClusterAffinity): boolean {
  const hasSelector = labelSelector !== undefined || fieldSelector !== undefined;
  return !hasSelector && clusterNames.length === 0 && exclude.length === 0;
}

function validateSpreadConstraints(constraints: readonly SpreadConstraint[], path: string): FieldError[] {
  const errors = constraints.flatMap((constraint, index) => validateSpreadConstraint(constraint, `${path}[${index}]`));
  const fields = constraints.flatMap(({ spreadByField }) => (spreadByField === undefined ? [] : [spreadByField]));
  const repeated = new Set(fields.filter((field, index) => fields.indexOf(field) !== index));
  for (const field of repeated) {
    errors.push(invalid(path, constraints, `multiple ${field} spread constraints are not allowed`));
  }
  if (fields.length > 0 && !fields.includes("cluster")) {
    const detail =
      "the cluster spread constraint must be enabled in one of the constraints in case of SpreadByField is enabled";
    errors.push(invalid(path, constraints, detail));
  }
  return errors;
}

function validateSpreadConstraint(constraint: SpreadConstraint, path: string): FieldError[] {
  const { spreadByField = "", spreadByLabel = "", minGroups = 0, maxGroups = 0 } = constraint;
  const problems: readonly (readonly [boolean, string])[] = [
    [spreadByField !== "" && spreadByLabel !== "", "spreadByLabel should not co-exist with spreadByField"],
    [minGroups < 0, "minGroups lower than 0 is not allowed"],
    [maxGroups < 0, "maxGroups lower than 0 is not allowed"],
    [maxGroups > 0 && maxGroups < minGroups, "maxGroups lower than minGroups is not allowed"],
  ];
  return problems.flatMap(([isWrong, detail]) => (isWrong ? [invalid(path, constraint, detail)] : []));
}

function validateWorkloadAffinity(workloadAffinity: Placement["workloadAffinity"], path: string): FieldError[] {
  const { affinity, antiAffinity } = workloadAffinity ?? {};
  const errors = [
    ...labelKeyErrors(affinity?.groupByLabelKey, `${path}.affinity.groupByLabelKey`),
    ...labelKeyErrors(antiAffinity?.groupByLabelKey, `${path}.antiAffinity.groupByLabelKey`),
  ];
  if (affinity !== undefined && affinity.groupByLabelKey === antiAffinity?.groupByLabelKey) {
    errors.push(invalid(path, workloadAffinity, "affinity and antiAffinity must not use the same groupByLabelKey"));
  }
  return errors;
}

/** What comparing taints with numbers would mean for clusters is not defined. */
function validateTolerations(tolerations: readonly { readonly operator?: string }[], path: string): FieldError[] {
  return tolerations.flatMap(({ operator }, index) =>
    operator === "Lt" || operator === "Gt"
      ? [notSupported(`${path}[${index}].operator`, operator, ["", "Exists", "Equal"])]
      : [],
  );
}

function labelKeyErrors(key: string | undefined, path: string): FieldError[] {
  return key === undefined ? [] : qualifiedNameErrors(key).map((text) => invalid(path, key, text));
}

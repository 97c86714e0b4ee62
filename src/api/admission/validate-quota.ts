// What is wrong with a FederatedResourceQuota, beyond its schema.
// Upstream: karmada pkg/webhook/federatedresourcequota/validating.go, pkg/util/lifted/validatingfrq.go.
import { type FieldError, invalid } from "#machinery/field-error.ts";
import { qualifiedNameErrors } from "#machinery/names.ts";
import { addQuantities, compareQuantities, parseQuantity, type Quantity, zeroQuantity } from "#machinery/quantity.ts";
import type { ResourceList } from "../meta-types.ts";
import type { FederatedResourceQuota, FederatedResourceQuotaSpec } from "../policy/federated-resource-quota.ts";
import { clusterNameErrors } from "./cluster-rules.ts";

const quotaNameLengthMax = 63;
const nanosPerUnit = 1_000_000_000n;

/** Counted in whole objects. */
const countedResources: ReadonlySet<string> = new Set([
  "configmaps",
  "persistentvolumeclaims",
  "pods",
  "replicationcontrollers",
  "resourcequotas",
  "secrets",
  "services",
  "services.loadbalancers",
  "services.nodeports",
]);

const measuredResources: ReadonlySet<string> = new Set([
  "cpu",
  "ephemeral-storage",
  "memory",
  "limits.cpu",
  "limits.ephemeral-storage",
  "limits.memory",
  "requests.cpu",
  "requests.ephemeral-storage",
  "requests.memory",
  "requests.storage",
]);

export function validateQuota({ metadata, spec, status }: FederatedResourceQuota): FieldError[] {
  const errors: FieldError[] = [];
  if (metadata.name.length > quotaNameLengthMax) {
    errors.push(invalid("metadata.name", metadata.name, `must be no more than ${quotaNameLengthMax} characters`));
  }
  errors.push(...validateSpec(spec));
  if (status === undefined) return errors;
  errors.push(...validateAmounts(status.overall ?? {}, "status.overall"));
  errors.push(...validateAmounts(status.overallUsed ?? {}, "status.overallUsed"));
  for (const [index, { hard = {}, used = {} }] of (status.aggregatedStatus ?? []).entries()) {
    errors.push(...validateAmounts(hard, `status.aggregatedStatus[${index}].hard`));
    errors.push(...validateAmounts(used, `status.aggregatedStatus[${index}].used`));
  }
  return errors;
}

function validateSpec({ overall, staticAssignments = [] }: FederatedResourceQuotaSpec): FieldError[] {
  const errors = validateAmounts(overall, "spec.overall");
  const sums = new Map<string, Quantity>();
  for (const [index, { clusterName, hard }] of staticAssignments.entries()) {
    const path = `spec.staticAssignments[${index}]`;
    errors.push(...clusterNameErrors(clusterName).map((text) => invalid(`${path}.clusterName`, clusterName, text)));
    errors.push(...validateAmounts(hard, `${path}.hard`));
    for (const [resource, amount] of Object.entries(hard)) {
      if (!Object.hasOwn(overall, resource)) {
        errors.push(invalid(`${path}.hard[${resource}]`, resource, "assignment resourceName is not exist in overall"));
      }
      sums.set(resource, addQuantities(sums.get(resource) ?? zeroQuantity, parseQuantity(amount)));
    }
  }
  for (const [resource, amount] of Object.entries(overall)) {
    if (compareQuantities(parseQuantity(amount), sums.get(resource) ?? zeroQuantity) < 0) {
      errors.push(invalid(`spec.overall[${resource}]`, String(amount), "overall is less than assignments"));
    }
  }
  return errors;
}

function validateAmounts(list: ResourceList, path: string): FieldError[] {
  return Object.entries(list).flatMap(([resource, amount]) => {
    const at = `${path}[${resource}]`;
    const { nanos } = parseQuantity(amount);
    const errors = qualifiedNameErrors(resource).map((text) => invalid(at, resource, text));
    if (!resource.includes("/") && !countedResources.has(resource) && !measuredResources.has(resource)) {
      errors.push(invalid(at, resource, "must be a standard resource for quota"));
    }
    if (nanos < 0n) errors.push(invalid(at, String(amount), "must be greater than or equal to 0"));
    if (countedResources.has(resource) && nanos % nanosPerUnit !== 0n) {
      errors.push(invalid(at, String(amount), "must be an integer"));
    }
    return errors;
  });
}

// What is wrong with an override policy of either scope, beyond its schema.
// Upstream: karmada pkg/util/validation/validation.go (ValidateOverrideSpec).
import type { FieldOverrider, FieldPatch, Overriders, OverrideSpec } from "../policy/override-policy.ts";
import { type FieldError, invalid, required } from "#machinery/field-error.ts";
import { parseJsonPointer } from "#machinery/json-pointer.ts";
import { validateAnnotations, validateLabels } from "#machinery/names.ts";
import { validateClusterAffinity } from "./validate-placement.ts";
import { validateSelectorNamespaces } from "./validate-propagation.ts";

/** `namespace` is absent for cluster-scoped policies. */
export function validateOverride(spec: OverrideSpec, namespace: string | undefined): FieldError[] {
  const { targetCluster, overriders, overrideRules, resourceSelectors = [] } = spec;
  const errors = validateClusterAffinity(targetCluster, "spec.targetCluster");
  if (overrideRules !== undefined && targetCluster !== undefined) {
    errors.push(invalid("spec.targetCluster", targetCluster, "overrideRules and targetCluster can't co-exist"));
  }
  if (overrideRules !== undefined && overriders !== undefined && !isEmpty(overriders)) {
    errors.push(invalid("spec.overriders", overriders, "overrideRules and overriders can't co-exist"));
  }
  for (const [index, rule] of (overrideRules ?? []).entries()) {
    const at = `spec.overrideRules[${index}]`;
    errors.push(...validateOverriders(rule.overriders, `${at}.overriders`));
    errors.push(...validateClusterAffinity(rule.targetCluster, `${at}.targetCluster`));
  }
  return [...errors, ...validateSelectorNamespaces(resourceSelectors, namespace)];
}

/** Upstream overlooks fieldOverrider here, so a legacy policy with nothing else slips through; ours does not. */
function isEmpty(overriders: Overriders): boolean {
  return Object.values(overriders).every((list) => list.length === 0);
}

function validateOverriders(overriders: Overriders, path: string): FieldError[] {
  const { annotationsOverrider = [], labelsOverrider = [], imageOverrider = [], fieldOverrider = [] } = overriders;
  return [
    ...annotationsOverrider.flatMap(({ value }, index) =>
      validateAnnotations(value, `${path}.annotationsOverrider[${index}].value`),
    ),
    ...labelsOverrider.flatMap(({ value }, index) => validateLabels(value, `${path}.labelsOverrider[${index}].value`)),
    ...imageOverrider.flatMap(({ predicate }, index) =>
      predicate === undefined ? [] : validatePointer(predicate.path, `${path}.imageOverrider[${index}].predicate.path`),
    ),
    ...fieldOverrider.flatMap((overrider, index) => validateField(overrider, `${path}.fieldOverrider[${index}]`)),
  ];
}

function validateField(overrider: FieldOverrider, path: string): FieldError[] {
  const { fieldPath, json = [], yaml = [] } = overrider;
  const errors: FieldError[] = [];
  if (json.length > 0 && yaml.length > 0) {
    errors.push(invalid(path, overrider, "FieldOverrider has both YAML and JSON set. Only one is allowed"));
  }
  if (json.length === 0 && yaml.length === 0) {
    errors.push(required(path, "FieldOverrider must have either JSON or YAML set"));
  }
  return [
    ...errors,
    ...validatePointer(fieldPath, `${path}.fieldPath`),
    ...json.flatMap((patch, index) => validateFieldPatch(patch, `${path}.json[${index}]`)),
    ...yaml.flatMap((patch, index) => validateFieldPatch(patch, `${path}.yaml[${index}]`)),
  ];
}

function validateFieldPatch({ subPath, operator, value = null }: FieldPatch, path: string): FieldError[] {
  const errors = validatePointer(subPath, `${path}.subPath`);
  if (operator !== "remove" && value === null) {
    errors.push(invalid(`${path}.value`, value, "value is required for add or replace operation"));
  }
  if (operator === "remove" && value !== null) {
    errors.push(invalid(`${path}.value`, value, "value is not allowed for remove operation"));
  }
  return errors;
}

function validatePointer(text: string, path: string): FieldError[] {
  if (parseJsonPointer(text) !== undefined) return [];
  const isEscape = text.startsWith("/");
  return [
    invalid(
      path,
      text,
      isEscape ? 'in a JSON pointer, "~" must be followed by 0 or 1' : 'JSON pointer must be empty or start with a "/"',
    ),
  ];
}

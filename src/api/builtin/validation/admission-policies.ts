// Checks of admission policies and of match conditions: their expressions must compile.
// Upstream: k8s.io/kubernetes/pkg/apis/admissionregistration/validation.
import { compileAdmissionCel, type AdmissionScope } from "#machinery/cel/admission-environment.ts";
import { typeText } from "#machinery/cel/type.ts";
import { duplicate, type FieldError, invalid, notSupported, required, tooMany } from "#machinery/field-error.ts";
import { qualifiedNameErrors } from "#machinery/names.ts";
import type { KubeObject } from "#machinery/object.ts";
import { childOf, type Fields, itemsOf, textOf, textsOf } from "../access.ts";
import { needed, oneOf, selectorErrors } from "./checks.ts";
import type { ChecksByKind } from "./kind-checks.ts";

const matchConditionsMax = 64;
const reasons: readonly string[] = ["Forbidden", "Invalid", "RequestEntityTooLarge", "Unauthorized"];
const actions: readonly string[] = ["Audit", "Deny", "Warn"];

export const admissionPolicyChecks: ChecksByKind = {
  ValidatingAdmissionPolicy: { validate: policyErrors },
  ValidatingAdmissionPolicyBinding: { validate: bindingErrors },
  MutatingAdmissionPolicy: { validate: mutatingPolicyErrors },
  MutatingAdmissionPolicyBinding: { validate: mutatingBindingErrors },
};

/** What the expressions of a policy know, by its spec. */
export function policyScope(spec: Fields): AdmissionScope {
  return { policy: true, params: childOf(spec, "paramKind") !== undefined };
}

/** Of policies of both sorts. */
function commonErrors(spec: Fields, scope: AdmissionScope): FieldError[] {
  const constraints = childOf(spec, "matchConstraints");
  return [
    ...oneOf(spec, "failurePolicy", "spec", ["Fail", "Ignore"]),
    ...(constraints === undefined
      ? [required("spec.matchConstraints")]
      : resourceErrors(constraints, "spec.matchConstraints")),
    ...variableErrors(spec, scope),
  ];
}

function mutatingPolicyErrors(object: KubeObject): FieldError[] {
  const spec = childOf(object, "spec") ?? {};
  const scope: AdmissionScope = { ...policyScope(spec), mutation: true };
  const mutations = itemsOf(spec, "mutations");
  return [
    ...commonErrors(spec, scope),
    ...(mutations.length === 0 ? [required("spec.mutations", "mutations must contain at least one item")] : []),
    ...mutations.flatMap((each, index) => mutationErrors(each, `spec.mutations[${String(index)}]`, scope)),
    ...needed(spec, "reinvocationPolicy", "spec"),
    ...(textOf(spec, "reinvocationPolicy") === ""
      ? []
      : oneOf(spec, "reinvocationPolicy", "spec", ["IfNeeded", "Never"])),
    ...matchConditionErrors(spec, "spec", scope),
  ];
}

const patchFields: ReadonlyMap<string, string> = new Map([
  ["ApplyConfiguration", "applyConfiguration"],
  ["JSONPatch", "jsonPatch"],
]);

function mutationErrors(mutation: Fields, path: string, scope: AdmissionScope): FieldError[] {
  const type = textOf(mutation, "patchType");
  const field = patchFields.get(type);
  if (type === "") return [required(`${path}.patchType`)];
  if (field === undefined) return [notSupported(`${path}.patchType`, type, [...patchFields.keys()])];
  const patch = childOf(mutation, field);
  if (patch === undefined) return [required(`${path}.${field}`, `must be specified when patchType is ${type}`)];
  return [
    ...[...patchFields.values()]
      .filter((other) => other !== field && mutation[other] !== undefined)
      .map((other) => invalid(`${path}.${other}`, "{}", `may not be specified when patchType is ${type}`)),
    ...patchErrors(patch, `${path}.${field}`, type, scope),
  ];
}

/** A configuration is an `Object{…}`, a patch a list of `JSONPatch{…}`. */
function patchErrors(patch: Fields, path: string, type: string, scope: AdmissionScope): FieldError[] {
  const errors = expressionErrors(patch, "expression", path, scope, undefined);
  const text = textOf(patch, "expression").trim();
  const { program } = compileAdmissionCel(text, scope);
  if (errors.length > 0 || program === undefined) return errors;
  const [wanted, found] = [type === "JSONPatch" ? "list(JSONPatch)" : "Object", typeText(program.type)];
  if (found === wanted || (type === "JSONPatch" && found === "list(dyn)")) return [];
  return [invalid(`${path}.expression`, text, `must evaluate to ${wanted} but got ${found}`)];
}

function mutatingBindingErrors(object: KubeObject): FieldError[] {
  const spec = childOf(object, "spec") ?? {};
  const param = childOf(spec, "paramRef");
  return [...needed(spec, "policyName", "spec"), ...(param === undefined ? [] : paramErrors(param))];
}

function policyErrors(object: KubeObject): FieldError[] {
  const spec = childOf(object, "spec") ?? {};
  const scope = policyScope(spec);
  const validations = itemsOf(spec, "validations");
  return [
    ...commonErrors(spec, scope),
    ...validations.flatMap((each, index) => validationErrors(each, `spec.validations[${String(index)}]`, scope)),
    ...(validations.length === 0 && itemsOf(spec, "auditAnnotations").length === 0
      ? [required("spec.validations", "validations or auditAnnotations must be present")]
      : []),
    ...matchConditionErrors(spec, "spec", scope),
  ];
}

function resourceErrors(constraints: Fields, path: string): FieldError[] {
  const rules = itemsOf(constraints, "resourceRules");
  return [
    ...(rules.length === 0 ? [required(`${path}.resourceRules`)] : []),
    ...selectorErrors(childOf(constraints, "namespaceSelector"), `${path}.namespaceSelector`),
    ...selectorErrors(childOf(constraints, "objectSelector"), `${path}.objectSelector`),
  ];
}

/** A variable may use those before it; their names are fields of `variables`. */
function variableErrors(spec: Fields, scope: AdmissionScope): FieldError[] {
  const seen = new Set<string>();
  return itemsOf(spec, "variables").flatMap((variable, index) => {
    const path = `spec.variables[${String(index)}]`;
    const name = textOf(variable, "name");
    const errors = expressionErrors(variable, "expression", path, scope, undefined);
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
      errors.push(invalid(`${path}.name`, name, "name is not a valid CEL identifier"));
    if (seen.has(name)) errors.push(duplicate(`${path}.name`, name));
    seen.add(name);
    return errors;
  });
}

function validationErrors(validation: Fields, path: string, scope: AdmissionScope): FieldError[] {
  return [
    ...expressionErrors(validation, "expression", path, scope, "bool"),
    ...(textOf(validation, "messageExpression") === ""
      ? []
      : expressionErrors(validation, "messageExpression", path, scope, "string")),
    ...(/[\r\n]/.test(textOf(validation, "message").trim())
      ? [invalid(`${path}.message`, validation["message"], "must not contain line breaks")]
      : []),
    ...oneOf(validation, "reason", path, reasons),
  ];
}

/** `matchConditions` of a webhook or of a policy's spec. */
export function matchConditionErrors(holder: Fields, path: string, scope: AdmissionScope): FieldError[] {
  const conditions = itemsOf(holder, "matchConditions");
  const seen = new Set<string>();
  const errors = conditions.flatMap((condition, index) => {
    const at = `${path}.matchConditions[${String(index)}]`;
    const name = textOf(condition, "name");
    const found = expressionErrors(condition, "expression", at, scope, "bool");
    if (name === "") found.push(required(`${at}.name`));
    else found.push(...qualifiedNameErrors(name).map((text) => invalid(`${at}.name`, name, text)));
    if (name !== "" && seen.has(name)) found.push(duplicate(`${at}.name`, name));
    seen.add(name);
    return found;
  });
  if (conditions.length <= matchConditionsMax) return errors;
  return [tooMany(`${path}.matchConditions`, conditions.length, matchConditionsMax), ...errors];
}

function expressionErrors(
  holder: Fields,
  field: string,
  path: string,
  scope: AdmissionScope,
  result: "bool" | "string" | undefined,
): FieldError[] {
  const text = textOf(holder, field).trim();
  if (text === "") return [required(`${path}.${field}`, `${field} is not specified`)];
  const { program, fault } = compileAdmissionCel(text, scope);
  if (fault !== undefined) return [invalid(`${path}.${field}`, text, `compilation failed: ${fault}`)];
  const { kind } = program.type;
  if (result === undefined || kind === result || kind === "dyn") return [];
  return [invalid(`${path}.${field}`, text, `must evaluate to ${result} but got ${typeText(program.type)}`)];
}

function bindingErrors(object: KubeObject): FieldError[] {
  const spec = childOf(object, "spec") ?? {};
  const given = textsOf(spec, "validationActions");
  const field = "spec.validationActions";
  const param = childOf(spec, "paramRef");
  return [
    ...needed(spec, "policyName", "spec"),
    ...(given.length === 0 ? [required(field)] : []),
    ...given.filter((action) => !actions.includes(action)).map((action) => notSupported(field, action, actions)),
    ...(given.includes("Deny") && given.includes("Warn")
      ? [
          invalid(
            field,
            given,
            "must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)",
          ),
        ]
      : []),
    ...(param === undefined ? [] : paramErrors(param)),
  ];
}

function paramErrors(param: Fields): FieldError[] {
  const hasName = textOf(param, "name") !== "";
  const hasSelector = childOf(param, "selector") !== undefined;
  const action = oneOf(param, "parameterNotFoundAction", "spec.paramRef", ["Allow", "Deny"]);
  if (hasName === hasSelector)
    return [...action, required("spec.paramRef", "one of name or selector must be specified, and not both")];
  return [...action, ...needed(param, "parameterNotFoundAction", "spec.paramRef")];
}

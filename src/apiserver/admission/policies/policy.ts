// Admission policies of both sorts and their bindings, read and compiled once. Pure.
// Upstream: k8s.io/api/admissionregistration/v1/types.go, k8s.io/apiserver/pkg/admission/plugin/policy/validating.
import { childOf, type Fields, itemsOf, textOf, textsOf } from "#api/builtin/access.ts";
import { policyScope } from "#api/builtin/validation/admission-policies.ts";
import { type AdmissionScope, compileAdmissionCel } from "#machinery/cel/admission-environment.ts";
import type { CelProgram } from "#machinery/cel/program.ts";
import type { KubeObject } from "#machinery/object.ts";
import type { LabelMatcher } from "#machinery/selectors.ts";
import { matchConditionsOf, type NamedExpression } from "../expressions.ts";
import { selectorOf, type WebhookRule, webhookRuleOf } from "../webhooks/webhook.ts";

/** A rule, and the names it is about; none: all. */
interface NamedRule extends WebhookRule {
  readonly names: readonly string[];
}

/** `matchConstraints` of a policy, `matchResources` of a binding. */
export interface Constraints {
  /** Undefined: every resource. */
  readonly rules: readonly NamedRule[] | undefined;
  /** Rules are about all versions of a resource that they name in one. */
  readonly isEquivalent: boolean;
  readonly excluded: readonly NamedRule[];
  readonly namespaceSelector: LabelMatcher;
  readonly objectSelector: LabelMatcher;
}

export interface Validation {
  readonly text: string;
  readonly program: CelProgram | undefined;
  readonly message: string;
  readonly messageProgram: CelProgram | undefined;
  /** `Invalid` unless the policy says otherwise. */
  readonly reason: string;
}

/** What policies of both sorts say. */
export interface AnyPolicy {
  readonly name: string;
  readonly failurePolicy: "Fail" | "Ignore";
  readonly paramKind: { readonly apiVersion: string; readonly kind: string } | undefined;
  readonly constraints: Constraints;
  readonly matchConditions: readonly NamedExpression[];
  readonly variables: readonly NamedExpression[];
}

export interface Policy extends AnyPolicy {
  readonly validations: readonly Validation[];
}

/** One change that a mutating policy makes. */
export interface Mutation {
  readonly kind: "ApplyConfiguration" | "JSONPatch";
  readonly text: string;
  readonly program: CelProgram | undefined;
}

export interface MutatingPolicy extends AnyPolicy {
  readonly mutations: readonly Mutation[];
  /** Once more, where others have changed the object since. */
  readonly reinvoked: boolean;
}

export interface ParamReference {
  readonly name: string;
  /** Empty: that of the request. */
  readonly namespace: string;
  readonly selector: LabelMatcher | undefined;
  readonly deniesWithout: boolean;
}

export interface PolicyBinding {
  readonly name: string;
  readonly policyName: string;
  readonly param: ParamReference | undefined;
  readonly constraints: Constraints;
  readonly actions: readonly string[];
}

export function policyOf(object: KubeObject): Policy {
  const spec = childOf(object, "spec") ?? {};
  const scope = policyScope(spec);
  const validations = itemsOf(spec, "validations").map((each) => validationOf(each, scope));
  return { ...anyPolicyOf(object, scope), validations };
}

export function mutatingPolicyOf(object: KubeObject): MutatingPolicy {
  const spec = childOf(object, "spec") ?? {};
  const scope = { ...policyScope(spec), mutation: true };
  const mutations = itemsOf(spec, "mutations").map((each): Mutation => {
    const kind = textOf(each, "patchType") === "JSONPatch" ? "JSONPatch" : "ApplyConfiguration";
    const text = textOf(childOf(each, kind === "JSONPatch" ? "jsonPatch" : "applyConfiguration"), "expression").trim();
    return { kind, text, program: compileAdmissionCel(text, scope).program };
  });
  return { ...anyPolicyOf(object, scope), mutations, reinvoked: textOf(spec, "reinvocationPolicy") === "IfNeeded" };
}

function anyPolicyOf(object: KubeObject, scope: AdmissionScope): AnyPolicy {
  const spec = childOf(object, "spec") ?? {};
  const paramKind = childOf(spec, "paramKind");
  return {
    name: object.metadata.name,
    failurePolicy: textOf(spec, "failurePolicy") === "Ignore" ? "Ignore" : "Fail",
    paramKind:
      paramKind === undefined
        ? undefined
        : { apiVersion: textOf(paramKind, "apiVersion"), kind: textOf(paramKind, "kind") },
    constraints: constraintsOf(childOf(spec, "matchConstraints") ?? {}),
    matchConditions: matchConditionsOf(spec, scope),
    variables: itemsOf(spec, "variables").map((variable) => {
      const text = textOf(variable, "expression");
      return { name: textOf(variable, "name"), text, program: compileAdmissionCel(text, scope).program };
    }),
  };
}

function validationOf(fields: Fields, scope: AdmissionScope): Validation {
  const text = textOf(fields, "expression").trim();
  const message = textOf(fields, "messageExpression").trim();
  return {
    text,
    program: compileAdmissionCel(text, scope).program,
    message: textOf(fields, "message").trim() || `failed expression: ${text}`,
    messageProgram: message === "" ? undefined : compileAdmissionCel(message, scope).program,
    reason: textOf(fields, "reason") || "Invalid",
  };
}

export function policyBindingOf(object: KubeObject): PolicyBinding {
  const spec = childOf(object, "spec") ?? {};
  const param = childOf(spec, "paramRef");
  return {
    name: object.metadata.name,
    policyName: textOf(spec, "policyName"),
    param: param === undefined ? undefined : paramOf(param),
    constraints: constraintsOf(childOf(spec, "matchResources") ?? {}),
    actions: textsOf(spec, "validationActions"),
  };
}

function paramOf(fields: Fields): ParamReference {
  const { selector } = fields;
  return {
    name: textOf(fields, "name"),
    namespace: textOf(fields, "namespace"),
    selector: selector === undefined ? undefined : selectorOf(selector),
    deniesWithout: textOf(fields, "parameterNotFoundAction") !== "Allow",
  };
}

function constraintsOf(fields: Fields): Constraints {
  const rules = itemsOf(fields, "resourceRules").map(namedRuleOf);
  return {
    rules: rules.length === 0 ? undefined : rules,
    isEquivalent: textOf(fields, "matchPolicy") !== "Exact",
    excluded: itemsOf(fields, "excludeResourceRules").map(namedRuleOf),
    namespaceSelector: selectorOf(fields["namespaceSelector"]),
    objectSelector: selectorOf(fields["objectSelector"]),
  };
}

function namedRuleOf(fields: Fields): NamedRule {
  return { ...webhookRuleOf(fields), names: textsOf(fields, "resourceNames") };
}

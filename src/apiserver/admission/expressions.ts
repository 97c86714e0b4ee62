// Expressions about a write: what they see of it, and whether its match conditions hold.
// Upstream: k8s.io/apiserver/pkg/admission/plugin/{cel,webhook/matchconditions}.
import { type Fields, itemsOf, textOf } from "#api/builtin/access.ts";
import { isApiError } from "#machinery/api-error.ts";
import {
  admissionValues,
  type AdmissionScope,
  type AdmissionValues,
  compileAdmissionCel,
} from "#machinery/cel/admission-environment.ts";
import { type AccessAnswer, type AccessQuestion, authorizerValue } from "#machinery/cel/authorizer.ts";
import { celOf } from "#machinery/cel/json-value.ts";
import type { CelProgram } from "#machinery/cel/program.ts";
import { Budget, CelBudgetError, CelError, type CelValue } from "#machinery/cel/value.ts";
import type { UserInfo } from "#machinery/http.ts";
import type { Attributes } from "../auth/authorizer.ts";
import type { WriteContext } from "../crud/write-context.ts";
import type { AdmissionTarget } from "./chain.ts";
import { reviewRequest } from "./review-request.ts";

/** What the match conditions of one webhook or policy may cost, in units: a tenth of upstream's bound. */
const conditionsCostMax = 250_000;

/** An expression that has a name; without a program it did not compile when it was stored. */
export interface NamedExpression {
  readonly name: string;
  readonly text: string;
  readonly program: CelProgram | undefined;
}

/** Reads `matchConditions`. */
export function matchConditionsOf(holder: Fields, scope: AdmissionScope): readonly NamedExpression[] {
  return itemsOf(holder, "matchConditions").map((condition) => {
    const text = textOf(condition, "expression");
    return { name: textOf(condition, "name"), text, program: compileAdmissionCel(text, scope).program };
  });
}

/** What expressions see of a write; views, made once for all of them. */
export function writeValues(context: WriteContext, target: AdmissionTarget): AdmissionValues {
  const { form, user, dryRun, core } = context;
  const { operation, subresource, namespace, name, object, old, requested } = target;
  const resource = form.resource.kind;
  const request = reviewRequest({
    ...{ uid: core.random.uuid(), operation, resource, requested, subresource, name, object, old, user, dryRun },
    kind: target.kind ?? resource,
    namespace: namespace === "" ? undefined : namespace,
  });
  const about = { group: resource.group, resource: resource.plural, subresource: subresource ?? "", namespace, name };
  return {
    object: celOf(object),
    oldObject: celOf(old),
    request: celOf(request),
    authorizer: authorizerValue((question) => ask(context, question), about),
  };
}

/** Expressions cannot wait: an authorizer that has to gives no answer. */
function ask({ core, user }: WriteContext, question: AccessQuestion): AccessAnswer {
  const decision = core.authorize(attributesOf(question, user));
  if (decision instanceof Promise)
    return { allowed: false, reason: "", error: "the authorizer does not answer at once" };
  return decision;
}

function attributesOf(question: AccessQuestion, user: UserInfo): Attributes {
  const { account, path, ...resource } = question;
  const asked = account === undefined ? user : serviceAccount(account);
  return { ...resource, user: asked, version: "*", path: path ?? "", isResource: path === undefined };
}

function serviceAccount({ namespace, name }: { namespace: string; name: string }): UserInfo {
  const groups = ["system:serviceaccounts", `system:serviceaccounts:${namespace}`, "system:authenticated"];
  return { name: `system:serviceaccount:${namespace}:${name}`, groups };
}

/** The value of an expression, or why there is none. */
export type Outcome = { readonly value: CelValue; readonly error?: undefined } | { readonly error: string };

/** Evaluates; never throws for what the expression does. */
export function outcomeOf(program: CelProgram, values: AdmissionValues, budget: Budget): Outcome {
  try {
    return { value: program.evaluate(admissionValues(values), budget) };
  } catch (error) {
    if (error instanceof CelError || error instanceof CelBudgetError || isApiError(error))
      return { error: error.message };
    throw error;
  }
}

/** `skip`: the write is none of its business. `error`: that cannot be said, because of this. */
export type Matching =
  { readonly kind: "match" } | { readonly kind: "skip" } | { readonly kind: "error"; readonly error: string };

/** All must hold. One that does not hold decides, even if others fail. */
export function matchConditions(conditions: readonly NamedExpression[], values: AdmissionValues): Matching {
  const budget = new Budget(conditionsCostMax);
  const errors: string[] = [];
  for (const { name, program } of conditions) {
    const outcome: Outcome =
      program === undefined ? { error: "it does not compile" } : outcomeOf(program, values, budget);
    if (outcome.error !== undefined) errors.push(`expression '${name}' resulted in error: ${outcome.error}`);
    else if (outcome.value === false) return { kind: "skip" };
    else if (outcome.value !== true)
      errors.push(`expression '${name}' resulted in error: cel evaluation did not return a bool`);
  }
  return errors.length === 0 ? { kind: "match" } : { kind: "error", error: errors.join("; ") };
}

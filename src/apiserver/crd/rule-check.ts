// Checks objects by the CEL rules of their schema. What one request may cost is bounded, whatever the rules say.
// Upstream: k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel/validation.go.
import { celOf } from "#machinery/cel/json-value.ts";
import { celTypeOf } from "#machinery/cel/schema-type.ts";
import { type CelType, dyn } from "#machinery/cel/type.ts";
import { Budget, CelBudgetError, CelError, type CelValue, none, OptionalValue } from "#machinery/cel/value.ts";
import { deepEqual } from "#machinery/equality.ts";
import { type FieldError, duplicate, forbidden, invalid, required } from "#machinery/field-error.ts";
import { fieldOf, isArray, isRecord } from "#machinery/guards.ts";
import { childPath, correlated } from "#machinery/schema-validate.ts";
import type { Schema } from "#machinery/schema.ts";
import { type Rule, rulesOf } from "./rules.ts";

/**
 * What the rules may cost in one request, in units: a tenth of upstream's bound, because here everything shares one event
 * loop, which they may hold for some 50 ms at most.
 */
const requestCostMax = 1_000_000;
/** What one evaluation of one rule may cost: half of upstream's bound. */
const callCostMax = 500_000;
/** Longer messages are not worth reading; the rule's own is taken. */
const messageLengthMax = 5 * 1024;

/** Finds what the rules have against a value; `old` is what was there before. */
export type RuleCheck = (value: unknown, old?: unknown) => readonly FieldError[];

/** Undefined where the schema has no rules. */
export function ruleCheck(schema: Schema): RuleCheck | undefined {
  const root = nodeOf(schema, true);
  if (root === undefined) return undefined;
  return (value, old) => {
    const work: Work = { errors: [], budget: new Budget(requestCostMax), isUpdate: old !== undefined };
    try {
      visit(root, value, old, "", work);
    } catch (error) {
      if (!(error instanceof OutOfBudget)) throw error;
      work.errors.push(error.finding);
    }
    return work.errors;
  };
}

class OutOfBudget extends Error {
  readonly finding: FieldError;

  constructor(finding: FieldError) {
    super(finding.body);
    this.finding = finding;
  }
}

interface Work {
  readonly errors: FieldError[];
  readonly budget: Budget;
  readonly isUpdate: boolean;
}

/** A node that has rules, or parts that have some. */
interface RuleNode {
  readonly schema: Schema;
  /** What its rules see; dyn where it has none. */
  readonly type: CelType;
  readonly rules: readonly Rule[];
  readonly properties: readonly (readonly [string, RuleNode])[];
  readonly items: RuleNode | undefined;
  readonly additional: RuleNode | undefined;
}

function nodeOf(schema: Schema, isRoot: boolean): RuleNode | undefined {
  const type = schema["x-kubernetes-validations"] === undefined ? dyn : celTypeOf(schema, isRoot);
  const rules = rulesOf(schema, type);
  const properties = Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const node = nodeOf(property, false);
    return node === undefined ? [] : [[name, node] as const];
  });
  const items = schema.items === undefined ? undefined : nodeOf(schema.items, false);
  const { additionalProperties } = schema;
  const additional = typeof additionalProperties === "object" ? nodeOf(additionalProperties, false) : undefined;
  const isBare = rules.length + properties.length === 0 && items === undefined && additional === undefined;
  return isBare ? undefined : { schema, type, rules, properties, items, additional };
}

function visit(node: RuleNode, value: unknown, old: unknown, path: string, work: Work): void {
  if (value === undefined || value === null) return;
  if (node.rules.length > 0) checkRules(node, value, old, path, work);
  if (isArray(value) && node.items !== undefined) {
    const before = correlated(node.schema, old);
    for (const [index, item] of value.entries())
      visit(node.items, item, before(item), `${path}[${String(index)}]`, work);
  }
  if (!isRecord(value)) return;
  for (const [name, property] of node.properties) {
    visit(property, fieldOf(value, name), fieldOf(old, name), childPath(path, name), work);
  }
  if (node.additional === undefined) return;
  const known = node.schema.properties ?? {};
  for (const [name, item] of Object.entries(value)) {
    if (!Object.hasOwn(known, name)) visit(node.additional, item, fieldOf(old, name), `${path}[${name}]`, work);
  }
}

function checkRules({ rules, type }: RuleNode, value: unknown, old: unknown, path: string, work: Work): void {
  const self = celOf(value, type);
  const hasOld = old !== undefined && old !== null;
  const oldSelf = hasOld ? celOf(old, type) : undefined;
  let isUnchanged: boolean | undefined;
  for (const rule of rules) {
    if (rule.isTransition && !rule.optionalOldSelf && oldSelf === undefined) continue;
    const finding = evaluateRule(rule, self, oldSelf, { value, path, budget: work.budget });
    if (finding === undefined) continue;
    // What was wrong before may stay: an object that a newer rule refuses can still be changed elsewhere.
    const isTolerated = hasOld && !rule.isTransition && (isUnchanged ??= deepEqual(value, old));
    work.errors.push(isTolerated ? { ...finding, tolerated: true } : finding);
  }
}

interface RuleTarget {
  readonly value: unknown;
  readonly path: string;
  readonly budget: Budget;
}

/** What the rule has against the value. Throws OutOfBudget. */
function evaluateRule(
  rule: Rule,
  self: CelValue,
  oldSelf: CelValue | undefined,
  { value, path, budget }: RuleTarget,
): FieldError | undefined {
  const before = rule.optionalOldSelf ? (oldSelf === undefined ? none : new OptionalValue(oldSelf)) : oldSelf;
  const values = [self, before];
  const call = new Budget(Math.min(callCostMax, budget.left));
  try {
    const result = rule.program.evaluate(values, call);
    if (result === true) return undefined;
    const said = messageOf(rule, values, call);
    return findingOf(rule, said, value, path);
  } catch (error) {
    if (error instanceof CelBudgetError)
      throw new OutOfBudget(budgetFinding(rule, value, path, call.limit < callCostMax));
    if (!(error instanceof CelError)) throw error;
    return invalidValue(path, value, `${error.message} evaluating rule: ${rule.message ?? rule.text}`);
  } finally {
    budget.charge(Math.min(call.limit - call.left, budget.left));
  }
}

/** Both end the check: nothing more is evaluated in this request. */
function budgetFinding(rule: Rule, value: unknown, path: string, isRequest: boolean): FieldError {
  const why = isRequest
    ? "validation failed due to running out of cost budget, no further validation rules will be run"
    : `no further validation rules will be run due to call cost exceeds limit for rule: ${rule.message ?? rule.text}`;
  return invalidValue(path, value, why);
}

/** The message expression's text where it gives a usable one, else the message, else the rule. */
function messageOf(rule: Rule, values: readonly (CelValue | undefined)[], budget: Budget): string {
  const standing = rule.message ?? `failed rule: ${rule.text}`;
  if (rule.messageProgram === undefined) return standing;
  try {
    const said = rule.messageProgram.evaluate(values, budget);
    if (typeof said !== "string" || said.trim() === "" || /[\r\n]/.test(said) || said.length > messageLengthMax)
      return standing;
    return said.trim();
  } catch (error) {
    if (error instanceof CelError || error instanceof CelBudgetError) return standing;
    throw error;
  }
}

function findingOf(rule: Rule, message: string, value: unknown, path: string): FieldError {
  const field = rule.fieldPath === undefined ? path : `${path}${rule.fieldPath}`.replace(/^\./, "");
  switch (rule.reason) {
    case "FieldValueForbidden":
      return forbidden(field, message);
    case "FieldValueRequired":
      return required(field, message);
    case "FieldValueDuplicate":
      return duplicate(field, isScalar(value) ? value : typeName(value));
    default:
      return invalidValue(field, value, message);
  }
}

/** Objects and lists are not shown. */
function invalidValue(field: string, value: unknown, message: string): FieldError {
  return isScalar(value)
    ? invalid(field, value, message)
    : { type: "Invalid", field, body: `Invalid value: ${message}` };
}

function isScalar(value: unknown): boolean {
  return !isRecord(value) && !isArray(value);
}

function typeName(value: unknown): string {
  return isArray(value) ? "array" : "object";
}

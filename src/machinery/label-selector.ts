// Label selectors: from metav1.LabelSelector to a function that says whether labels match, and to text.
// Upstream: k8s.io/apimachinery/pkg/labels/selector.go and pkg/apis/meta/v1/helpers.go.
import { ApiError } from "./api-error.ts";
import { isArray, isRecord, isString, isStringArray, isStringMap } from "./guards.ts";
import { compareBytes } from "./json.ts";
import { labelValueErrors, qualifiedNameErrors } from "./names.ts";

export type LabelOperator = "=" | "==" | "!=" | "in" | "notin" | "exists" | "!" | ">" | "<";

export interface LabelRequirement {
  readonly key: string;
  readonly operator: LabelOperator;
  readonly values: readonly string[];
}

export type Labels = Readonly<Record<string, string>>;

/** A compiled selector. */
export interface LabelMatcher {
  (labels: Labels | undefined): boolean;
  /** ANDed, in order of their keys; empty for one that matches everything (or nothing). */
  readonly requirements: readonly LabelRequirement[];
  /** What `parseLabelSelector` reads: `a=b,c in (d,e)`. Empty for one that matches everything (or nothing). */
  readonly text: string;
}

/** metav1.LabelSelector. */
export interface LabelSelectorSpec {
  readonly matchLabels?: Labels | undefined;
  readonly matchExpressions?:
    | readonly {
        readonly key: string;
        readonly operator: string;
        readonly values?: readonly string[] | undefined;
      }[]
    | undefined;
}

/** Whether a value from outside has the shape of metav1.LabelSelector. */
export function isLabelSelectorSpec(value: unknown): value is LabelSelectorSpec {
  if (!isRecord(value)) return false;
  const { matchLabels = {}, matchExpressions = [] } = value;
  return isStringMap(matchLabels) && isArray(matchExpressions) && matchExpressions.every(isExpression);
}

function isExpression(value: unknown): boolean {
  return (
    isRecord(value) && isString(value["key"]) && isString(value["operator"]) && isStringArray(value["values"] ?? [])
  );
}

/** The matcher of a metav1.LabelSelector: an absent one matches nothing, an empty one everything. */
export function labelSelectorOf(selector: LabelSelectorSpec | null | undefined): LabelMatcher {
  if (selector === null || selector === undefined) return nothing;
  const { matchLabels = {}, matchExpressions = [] } = selector;
  const requirements: LabelRequirement[] = [];
  for (const key of Object.keys(matchLabels)) requirements.push(labelRequirement(key, "=", [matchLabels[key] ?? ""]));
  for (const { key, operator, values = [] } of matchExpressions) {
    const known = expressionOperators.get(operator);
    if (known === undefined) throw badSelector(`${JSON.stringify(operator)} is not a valid label selector operator`);
    requirements.push(labelRequirement(key, known, values));
  }
  return matcherOf(requirements);
}

/** What kubectl's tables show: the selector's text, `<none>` where it is absent or empty, `<error>` where it is wrong. */
export function formatLabelSelector(selector: LabelSelectorSpec | null | undefined): string {
  try {
    return labelSelectorOf(selector).text || "<none>";
  } catch {
    return "<error>";
  }
}

const expressionOperators: ReadonlyMap<string, LabelOperator> = new Map([
  ["In", "in"],
  ["NotIn", "notin"],
  ["Exists", "exists"],
  ["DoesNotExist", "!"],
]);

/** A checked requirement. Throws ApiError BadRequest with upstream's texts. */
export function labelRequirement(key: string, operator: LabelOperator, values: readonly string[]): LabelRequirement {
  const errors: string[] = [];
  const keyErrors = qualifiedNameErrors(key);
  if (keyErrors.length > 0) errors.push(`key: Invalid value: ${JSON.stringify(key)}: ${keyErrors.join("; ")}`);
  const countError = countErrors[operator](values.length);
  const given = values.length === 0 ? "null" : JSON.stringify(values);
  if (countError !== undefined) errors.push(`values: Invalid value: ${given}: ${countError}`);
  for (const [index, value] of values.entries()) {
    const field = `values[${index}]`;
    if ((operator === ">" || operator === "<") && parseInt64(value) === undefined) {
      const detail = "for 'Gt', 'Lt' operators, the value must be an integer";
      errors.push(`${field}: Invalid value: ${JSON.stringify(value)}: ${detail}`);
    }
    const valueErrors = labelValueErrors(value);
    if (valueErrors.length > 0) {
      errors.push(`${field}[${key}]: Invalid value: ${JSON.stringify(value)}: ${valueErrors.join("; ")}`);
    }
  }
  if (errors.length > 0) throw badSelector(errors.length === 1 ? (errors[0] ?? "") : `[${errors.join(", ")}]`);
  return { key, operator, values };
}

/** The 400 of a selector that cannot be understood. */
export function badSelector(message: string): ApiError {
  return new ApiError("BadRequest", message);
}

const oneValue = (count: number): string | undefined =>
  count === 1 ? undefined : "exact-match compatibility requires one single value";
const someValues = (count: number): string | undefined =>
  count > 0 ? undefined : "for 'in', 'notin' operators, values set can't be empty";
const noValues = (count: number): string | undefined =>
  count === 0 ? undefined : "values set must be empty for exists and does not exist";
const oneNumber = (count: number): string | undefined =>
  count === 1 ? undefined : "for 'Gt', 'Lt' operators, exactly one value is required";

const countErrors: Record<LabelOperator, (count: number) => string | undefined> = {
  "=": oneValue,
  "==": oneValue,
  "!=": oneValue,
  in: someValues,
  notin: someValues,
  exists: noValues,
  "!": noValues,
  ">": oneNumber,
  "<": oneNumber,
};

/** The matcher of checked requirements. */
export function matcherOf(requirements: readonly LabelRequirement[]): LabelMatcher {
  const sorted = requirements.toSorted((left, right) => compareBytes(left.key, right.key));
  return describe(allOf(sorted.map(testOf)), sorted);
}

type Test = (labels: Labels) => boolean;

const noLabels: Labels = {};

function allOf(tests: readonly Test[]): (labels: Labels | undefined) => boolean {
  const [first, second] = tests;
  if (first === undefined) return () => true;
  if (second === undefined) return (labels = noLabels) => first(labels);
  return (labels = noLabels) => {
    for (const test of tests) if (!test(labels)) return false;
    return true;
  };
}

function describe(
  matches: (labels: Labels | undefined) => boolean,
  requirements: readonly LabelRequirement[],
): LabelMatcher {
  return Object.assign((labels: Labels | undefined) => matches(labels), {
    requirements,
    text: requirements.map(requirementText).join(","),
  });
}

const nothing = describe(() => false, []);

// A user's key can name what every object inherits (`constructor`): that is never a string, so comparing is safe.
function testOf({ key, operator, values }: LabelRequirement): Test {
  const [value = ""] = values;
  switch (operator) {
    case "=":
    case "==":
      return (labels) => labels[key] === value;
    case "!=":
      return (labels) => labels[key] !== value;
    case "in":
      return (labels) => values.includes(labels[key] ?? missing);
    case "notin":
      return (labels) => !values.includes(labels[key] ?? missing);
    case "exists":
      return (labels) => Object.hasOwn(labels, key);
    case "!":
      return (labels) => !Object.hasOwn(labels, key);
    case ">":
    case "<":
      return numberTest(key, operator, parseInt64(value) ?? 0n);
  }
}

/** Equals no label value: those have no spaces. */
const missing = " ";

function numberTest(key: string, operator: ">" | "<", bound: bigint): Test {
  return (labels) => {
    const value = Object.hasOwn(labels, key) ? parseInt64(labels[key] ?? "") : undefined;
    if (value === undefined) return false;
    return operator === ">" ? value > bound : value < bound;
  };
}

function parseInt64(text: string): bigint | undefined {
  if (!/^[-+]?[0-9]+$/.test(text)) return undefined;
  const value = BigInt(text.replace("+", ""));
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

function requirementText({ key, operator, values }: LabelRequirement): string {
  switch (operator) {
    case "exists":
      return key;
    case "!":
      return `!${key}`;
    case "in":
    case "notin":
      return `${key} ${operator} (${values.toSorted(compareBytes).join(",")})`;
    default:
      return `${key}${operator}${values[0] ?? ""}`;
  }
}

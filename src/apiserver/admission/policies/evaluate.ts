// What a policy says of a write. Pure, but for the variables, which are evaluated when an expression first names them.
// Upstream: k8s.io/apiserver/pkg/admission/plugin/policy/validating/validator.go.
import { type AdmissionValues } from "#machinery/cel/admission-environment.ts";
import { celOf } from "#machinery/cel/json-value.ts";
import { Budget, CelError, CelMap, type CelValue } from "#machinery/cel/value.ts";
import { matchConditions, type NamedExpression, outcomeOf } from "../expressions.ts";
import type { AnyPolicy, Policy, Validation } from "./policy.ts";

/** What one policy may cost one request, in units: a tenth of upstream's bound. */
const policyCostMax = 1_000_000;
const messageLengthMax = 5 * 1024;

/** Why the policy does not let the write through. */
export interface Refusal {
  readonly message: string;
  /** `Invalid`, `Forbidden`, … */
  readonly reason: string;
}

/** Refusals; none: it lets the write through, or it is none of its business. `params`: null where it has none. */
export function evaluatePolicy(
  policy: Policy,
  write: AdmissionValues,
  params: unknown,
  namespace: unknown,
): readonly Refusal[] {
  const budget = policyBudget();
  const values = policyValues(policy, write, { params, namespace, budget });
  const matching = matchConditions(policy.matchConditions, values);
  if (matching.kind === "skip") return [];
  if (matching.kind === "error") return failure(policy, matching.error);
  return policy.validations.flatMap((validation) => validate(policy, validation, values, budget));
}

/** What one policy may spend on one request. */
export function policyBudget(): Budget {
  return new Budget(policyCostMax);
}

/** What the expressions of a policy see. */
export function policyValues(
  { variables }: AnyPolicy,
  write: AdmissionValues,
  { params, namespace, budget }: { readonly params: unknown; readonly namespace: unknown; readonly budget: Budget },
): AdmissionValues {
  const known: AdmissionValues = { ...write, params: celOf(params), namespaceObject: celOf(namespace) };
  return { ...known, variables: new Variables(variables, known, budget) };
}

/** An error counts as a refusal where the policy's failurePolicy says so. */
function failure({ failurePolicy }: Policy, message: string): readonly Refusal[] {
  return failurePolicy === "Fail" ? [{ message, reason: "Invalid" }] : [];
}

function validate(policy: Policy, validation: Validation, values: AdmissionValues, budget: Budget): readonly Refusal[] {
  const { program, text, reason } = validation;
  if (program === undefined) return failure(policy, `expression '${text}' does not compile`);
  const outcome = outcomeOf(program, values, budget);
  if (outcome.error !== undefined) return failure(policy, `expression '${text}' resulted in error: ${outcome.error}`);
  if (outcome.value === true) return [];
  return [{ message: messageOf(validation, values, budget), reason }];
}

/** The message expression's text where it gives a usable one. */
function messageOf({ messageProgram, message }: Validation, values: AdmissionValues, budget: Budget): string {
  if (messageProgram === undefined) return message;
  const { value } = { value: undefined, ...outcomeOf(messageProgram, values, budget) };
  if (typeof value !== "string" || value.length > messageLengthMax) return message;
  const text = value.trim();
  return text === "" || /[\r\n]/.test(text) ? message : text;
}

/** `variables`: each is evaluated once, when it is first asked for. One may name those before it. */
class Variables extends CelMap {
  readonly #expressions: ReadonlyMap<string, NamedExpression>;
  readonly #order: readonly string[];
  readonly #known: AdmissionValues;
  readonly #budget: Budget;
  readonly #values = new Map<string, CelValue | CelError>();

  constructor(expressions: readonly NamedExpression[], known: AdmissionValues, budget: Budget) {
    super();
    this.#expressions = new Map(expressions.map((each) => [each.name, each]));
    this.#order = expressions.map(({ name }) => name);
    this.#known = known;
    this.#budget = budget;
  }

  get size(): number {
    return this.#order.length;
  }

  keys(): readonly CelValue[] {
    return this.#order;
  }

  get(key: CelValue): CelValue | undefined {
    if (typeof key !== "string") return undefined;
    const known = this.#values.get(key) ?? this.#evaluate(key);
    if (known instanceof CelError) throw known;
    return known;
  }

  #evaluate(name: string): CelValue | CelError | undefined {
    const expression = this.#expressions.get(name);
    if (expression === undefined) return undefined;
    // Named again before it has a value, it would name itself.
    this.#values.set(name, new CelError(`variable '${name}' refers to itself`));
    const value = this.#valueOf(expression);
    this.#values.set(name, value);
    return value;
  }

  #valueOf({ name, program }: NamedExpression): CelValue | CelError {
    if (program === undefined) return new CelError(`variable '${name}' does not compile`);
    const outcome = outcomeOf(program, { ...this.#known, variables: this }, this.#budget);
    if (outcome.error === undefined) return outcome.value;
    return new CelError(`composited variable "${name}" fails to evaluate: ${outcome.error}`);
  }
}

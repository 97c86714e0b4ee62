// Checks that many kinds share, with the texts of Kubernetes. Each takes the object that holds a field, the field's name and
// the path of the holder. Upstream: k8s.io/apimachinery/pkg/api/validation and pkg/util/validation.
import { isApiError } from "#machinery/api-error.ts";
import { semanticEqual } from "#machinery/equality.ts";
import { type FieldError, invalid, notSupported, required } from "#machinery/field-error.ts";
import { isLabelSelectorSpec, labelSelectorOf, type Labels } from "#machinery/label-selector.ts";
import { labelValueErrors, qualifiedNameErrors } from "#machinery/names.ts";
import { compareQuantities, parseQuantity, zeroQuantity } from "#machinery/quantity.ts";
import { childOf, type Fields, itemsOf, listOf, numberOf, textMapOf, textOf, textsOf } from "../access.ts";

type Holder = Readonly<Fields> | undefined;

const notNegative = "must be greater than or equal to 0";

/** A number that may be absent, but not below zero. */
export function nonNegative(holder: Holder, name: string, path: string): FieldError[] {
  const value = numberOf(holder, name);
  return value !== undefined && value < 0 ? [invalid(`${path}.${name}`, value, notNegative)] : [];
}

/** A text that must be there. */
export function needed(holder: Holder, name: string, path: string, detail = ""): FieldError[] {
  return textOf(holder, name) === "" ? [required(`${path}.${name}`, detail)] : [];
}

/** A text that must be there and satisfy `rule`. */
export function neededName(
  holder: Holder,
  name: string,
  path: string,
  rule: (text: string) => readonly string[],
): FieldError[] {
  const text = textOf(holder, name);
  if (text === "") return [required(`${path}.${name}`)];
  return rule(text).map((error) => invalid(`${path}.${name}`, text, error));
}

/** A text out of a closed set; absent texts pass. */
export function oneOf(holder: Holder, name: string, path: string, allowed: readonly string[]): FieldError[] {
  const value = holder?.[name];
  if (value === undefined || (typeof value === "string" && allowed.includes(value))) return [];
  return [notSupported(`${path}.${name}`, value, allowed)];
}

/** Like oneOf, but the text must be there. */
export function neededOneOf(holder: Holder, name: string, path: string, allowed: readonly string[]): FieldError[] {
  return textOf(holder, name) === "" ? [required(`${path}.${name}`)] : oneOf(holder, name, path, allowed);
}

/** A field that stays as it was. */
export function unchanged(value: unknown, old: unknown, field: string): FieldError[] {
  return semanticEqual(value, old) ? [] : [invalid(field, value, "field is immutable")];
}

export function portNumber(value: number, field: string): FieldError[] {
  if (Number.isInteger(value) && value >= 1 && value <= 65_535) return [];
  return [invalid(field, value, "must be between 1 and 65535, inclusive")];
}

/** A percentage or a number, neither of them negative. */
export function positiveIntOrPercent(holder: Holder, name: string, path: string): FieldError[] {
  const value = holder?.[name];
  const field = `${path}.${name}`;
  if (typeof value === "number") return value < 0 ? [invalid(field, value, notNegative)] : [];
  if (typeof value !== "string" || /^[0-9]+%$/.test(value)) return [];
  const text = "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', ";
  return [invalid(field, value, `${text}regex used for validation is '[0-9]+%')`)];
}

/** Whether an int-or-percent is nothing at all. */
export function isNone(value: unknown): boolean {
  return value === undefined || value === 0 || value === "0%";
}

const operators: readonly string[] = ["In", "NotIn", "Exists", "DoesNotExist"];

/** What is wrong with a metav1.LabelSelector. */
export function selectorErrors(selector: Holder, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [key, value] of Object.entries(textMapOf(selector, "matchLabels"))) {
    const field = `${path}.matchLabels`;
    errors.push(...qualifiedNameErrors(key).map((text) => invalid(field, key, text)));
    errors.push(...labelValueErrors(value).map((text) => invalid(field, value, text)));
  }
  for (const [index, expression] of itemsOf(selector, "matchExpressions").entries()) {
    const at = `${path}.matchExpressions[${String(index)}]`;
    const operator = textOf(expression, "operator");
    const values = listOf(expression, "values");
    if (!operators.includes(operator)) {
      errors.push(invalid(`${at}.operator`, operator, "not a valid selector operator"));
    } else if (operator.endsWith("In") && values.length === 0) {
      errors.push(required(`${at}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
    } else if (!operator.endsWith("In") && values.length > 0) {
      const why = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
      errors.push({ type: "Forbidden", field: `${at}.values`, body: `Forbidden: ${why}` });
    }
    const key = textOf(expression, "key");
    errors.push(...qualifiedNameErrors(key).map((text) => invalid(`${at}.key`, key, text)));
    for (const [number, value] of textsOf(expression, "values").entries()) {
      const field = `${at}.values[${String(number)}]`;
      errors.push(...labelValueErrors(value).map((text) => invalid(field, value, text)));
    }
  }
  return errors;
}

/** Whether a selector says anything at all. */
export function isEmptySelector(selector: Holder): boolean {
  return (
    Object.keys(textMapOf(selector, "matchLabels")).length === 0 && listOf(selector, "matchExpressions").length === 0
  );
}

/** Whether a selector, valid or not, selects `labels`. */
export function selects(selector: unknown, labels: Labels): boolean {
  if (!isLabelSelectorSpec(selector)) return false;
  try {
    return labelSelectorOf(selector)(labels);
  } catch (error) {
    if (isApiError(error)) return false;
    throw error;
  }
}

/** Quantities of a resource list that are below zero. */
export function quantitiesNotNegative(holder: Holder, name: string, path: string): FieldError[] {
  return Object.entries(childOf(holder, name) ?? {}).flatMap(([resource, quantity]) =>
    compareAmounts(quantity, "0") < 0 ? [invalid(`${path}.${name}[${resource}]`, quantity, notNegative)] : [],
  );
}

/** Below zero: the left one is less. What is no quantity counts as zero: decoding has refused it. */
export function compareAmounts(left: unknown, right: unknown): number {
  return compareQuantities(amountOf(left), amountOf(right));
}

function amountOf(value: unknown): ReturnType<typeof parseQuantity> {
  return typeof value === "string" || typeof value === "number" ? parseQuantity(value) : zeroQuantity;
}

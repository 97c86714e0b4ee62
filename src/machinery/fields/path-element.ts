// One step of a path into an object, as fieldsV1 writes it: `f:<field>`, `k:{"name":"a"}` (an item of a list by its keys),
// `v:"x"` (an item of a set by its value). Upstream: sigs.k8s.io/structured-merge-diff/v6/fieldpath/{element,serialize-pe}.go.
import { isRecord } from "../guards.ts";
import { compareBytes, encodeGoJson, parseJson } from "../json.ts";

/** Marks that an element itself belongs to a set, beside what lies below it. */
export const selfMark = ".";

export function fieldElement(name: string): string {
  return `f:${name}`;
}

/** The element of a set's item. */
export function valueElement(value: unknown): string {
  return `v:${encodeGoJson(value)}`;
}

/** The element of a list's item. `keys`: names, sorted, with the values that the item has for them. */
export function keyElement(keys: readonly (readonly [string, unknown])[]): string {
  return `k:{${keys.map(([name, value]) => `${JSON.stringify(name)}:${encodeGoJson(value)}`).join(",")}}`;
}

/** The name in a field's element, or undefined for list items. */
export function fieldOfElement(element: string): string | undefined {
  return element.startsWith("f:") ? element.slice(2) : undefined;
}

/** The order of elements in a set: itself, fields, keyed items, values. */
export function compareElements(left: string, right: string): number {
  // The sorts come as their letters do: f, k, v.
  const isField = left.startsWith("f:");
  if (left.charCodeAt(0) === right.charCodeAt(0) && !isField) return compareJsonTexts(left.slice(2), right.slice(2));
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** The element as fieldsV1 writes it, or undefined for what it does not know. Throws BadRequest for what cannot be read. */
export function canonicalElement(element: string): string | undefined {
  const kind = element.slice(0, 2);
  if (kind === "f:") return element;
  if (kind === "v:") return valueElement(parseJson(element.slice(2)));
  if (kind !== "k:") return undefined;
  const keys = parseJson(element.slice(2));
  if (!isRecord(keys)) return undefined;
  return keyElement(Object.entries(keys).sort(([left], [right]) => compareBytes(left, right)));
}

/** `.spec`, `[name="a",port=80]`, `[="x"]`: how conflicts and errors name the element. */
export function elementText(element: string): string {
  const rest = element.slice(2);
  switch (element.slice(0, 2)) {
    case "f:":
      return `.${rest}`;
    case "v:":
      return `[=${rest}]`;
    default: {
      const keys = parseJson(rest);
      if (!isRecord(keys)) return `[${rest}]`;
      return `[${Object.entries(keys)
        .map(([name, value]) => `${name}=${encodeGoJson(value)}`)
        .join(",")}]`;
    }
  }
}

/** Numbers by value, everything else by its text: where both texts are equal up to a number, the smaller number comes first. */
function compareJsonTexts(left: string, right: string): number {
  const pattern = /-?\d+(?:\.\d+)?|\D+/g;
  const leftParts = left.match(pattern) ?? [];
  const rightParts = right.match(pattern) ?? [];
  for (const [index, part] of leftParts.entries()) {
    const other = rightParts[index];
    if (other === undefined) return 1;
    if (part === other) continue;
    const difference = Number(part) - Number(other);
    return Number.isNaN(difference) || difference === 0 ? compareBytes(part, other) : difference;
  }
  return leftParts.length - rightParts.length;
}

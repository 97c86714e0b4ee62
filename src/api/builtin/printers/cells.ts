// Texts that cells of several kinds are made of.
// Upstream: kubernetes pkg/printers/internalversion/printers.go.
import { compareBytes } from "#machinery/json.ts";
import { canonicalQuantity, isQuantity } from "#machinery/quantity.ts";
import type { Container } from "../../generated/types.ts";
import { wideColumn } from "./printer.ts";

/** How many endpoints, hosts or ports a cell lists before it says how many more there are. */
const listedMax = 3;

export const none = "<none>";
export const unset = "<unset>";

/** `text`, or what stands for an absent or empty one. */
export function textOr(text: string | undefined, instead: string): string {
  return text === undefined || text === "" ? instead : text;
}

export const containerColumns = [
  wideColumn("Containers", "Names of the containers."),
  wideColumn("Images", "Images of the containers."),
];

export const selectorColumn = wideColumn("Selector", "Labels of the pods that belong to it.");

/** The cells below `containerColumns`. */
export function containerCells(containers: readonly Container[] | undefined = []): [names: string, images: string] {
  return [containers.map(({ name }) => name).join(","), containers.map(({ image }) => image ?? "").join(",")];
}

/** A map of labels, sorted: `a=b,c=d`. */
export function labelsText(labels: Readonly<Record<string, string>> | undefined = {}): string {
  const keys = Object.keys(labels).sort(compareBytes);
  return textOr(keys.map((key) => `${key}=${labels[key] ?? ""}`).join(","), none);
}

/** A quantity in canonical form; an absent one is zero. */
export function quantityText(quantity: string | undefined): string {
  if (quantity === undefined) return "0";
  return isQuantity(quantity) ? canonicalQuantity(quantity) : quantity;
}

/** A JSON number or text, as Go prints an IntOrString. */
export function intOrStringText(value: string | number | undefined, instead: string): string {
  return value === undefined ? instead : String(value);
}

/** The first items, and how many more there are. */
export function firstOf(items: readonly string[], max = listedMax): string {
  const text = items.slice(0, max).join(",");
  return items.length > max ? `${text} + ${items.length - max} more...` : text;
}

/** Where a load balancer is reached: sorted addresses, names only where there is no address. */
export function loadBalancerText(
  ingress: readonly { readonly ip?: string; readonly hostname?: string }[] | undefined = [],
): string {
  const places = ingress.map(({ ip, hostname }) => textOr(ip, hostname ?? "")).filter((place) => place !== "");
  return [...new Set(places)].sort(compareBytes).join(",");
}

/** The value of a condition's status, by type. */
export function conditionStatus(
  conditions: readonly { readonly type: string; readonly status: string }[] | undefined,
  type: string,
): string | undefined {
  return conditions?.find((condition) => condition.type === type)?.status;
}

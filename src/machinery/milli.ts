// Amounts in thousandths of their unit, where exactness beyond that does not matter: scheduling, estimates, models of nodes.
import { parseQuantity, quantityMilliValue } from "./quantity.ts";

export const milli = 1_000;

/** Suffixes in thousandths, for the plain whole numbers that nearly all quantities are. */
const plainSuffixes: ReadonlyMap<string, number> = new Map([
  ["", milli],
  ["m", 1],
  ["k", 1e6],
  ["M", 1e9],
  ["G", 1e12],
  ["Ki", milli * 2 ** 10],
  ["Mi", milli * 2 ** 20],
  ["Gi", milli * 2 ** 30],
]);
/** Beyond so many digits a double might round. */
const plainDigitsMax = 9;

/**
 * A quantity's text in thousandths, rounded away from zero; 0 for none. Read very often, so the common form has a way of its
 * own: exact amounts cost ten times as much.
 */
export function milliOf(input: string | number | undefined): number {
  if (input === undefined) return 0;
  const text = String(input);
  let end = 0;
  while (end < text.length && isDigit(text.charCodeAt(end))) end++;
  const factor = end === 0 || end > plainDigitsMax ? undefined : plainSuffixes.get(text.slice(end));
  return factor === undefined ? quantityMilliValue(parseQuantity(text)) : Number(text.slice(0, end)) * factor;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

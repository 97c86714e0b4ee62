// The record on a Work of the override rules that made its manifest what it is, byte for byte as upstream writes it.
// Upstream: karmada pkg/util/overridemanager/shadow.go; the order of fields is that of the Go types.
import type { Overriders } from "#api/policy/override-policy.ts";
import { isArray, isRecord } from "#machinery/guards.ts";
import { encodeJsonText } from "#machinery/json.ts";

export interface AppliedEntry {
  readonly policyName: string;
  readonly overriders: Overriders;
}

const fieldOrder: readonly string[] = [
  "policyName",
  "overriders",
  "plaintext",
  "imageOverrider",
  "commandOverrider",
  "argsOverrider",
  "labelsOverrider",
  "annotationsOverrider",
  "fieldOverrider",
  "predicate",
  "component",
  "containerName",
  "fieldPath",
  "subPath",
  "path",
  "operator",
  "value",
  "json",
  "yaml",
];

/** A JSON list sorted by policy, an entry per rule; undefined for none, because then the annotation is absent. */
export function appliedText(entries: readonly AppliedEntry[]): string | undefined {
  if (entries.length === 0) return undefined;
  const sorted = [...entries].sort((left, right) => compare(left.policyName, right.policyName));
  return encodeJsonText(sorted.map((entry) => ordered({ ...entry })))
    .replaceAll("<", "\\u003c")
    .replaceAll(">", "\\u003e")
    .replaceAll("&", "\\u0026");
}

function ordered(value: unknown): unknown {
  if (isArray(value)) return value.map(ordered);
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).sort(([left], [right]) => fieldOrder.indexOf(left) - fieldOrder.indexOf(right));
  return Object.fromEntries(entries.map(([name, inner]) => [name, orderedField(name, inner, value)]));
}

/** Values are the user's: maps of labels are sorted as Go sorts maps, everything else is as it was written. */
function orderedField(name: string, value: unknown, parent: Readonly<Record<string, unknown>>): unknown {
  if (name !== "value") return ordered(value);
  const isMapOfKeys = isRecord(value) && !("path" in parent) && !("subPath" in parent);
  return isMapOfKeys
    ? Object.fromEntries(Object.entries(value).sort(([left], [right]) => compare(left, right)))
    : value;
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

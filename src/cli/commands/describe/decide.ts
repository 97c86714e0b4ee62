// An object as text for people: who it is, what matters of its kind, the rest of its fields, conditions, events. Pure.
// Upstream: k8s.io/kubectl/pkg/describe/describe.go.
import type { Event } from "#api/kinds.ts";
import { fieldOf, isArray, isRecord, isString } from "#machinery/guards.ts";
import { humanAge } from "#machinery/human-duration.ts";
import type { KubeObject } from "#machinery/object.ts";
import { stringifyYaml } from "#machinery/yaml.ts";
import { cellText, textTable } from "../../output/text-table.ts";
import { lastAppliedAnnotation } from "../apply/decide.ts";
import { type KindView, viewOf } from "./views.ts";

const indent = "  ";
const labelWidth = 14;

export interface DescribeOptions {
  readonly now: number;
  /** Undefined: not asked for. */
  readonly events: readonly Event[] | undefined;
}

/** The description, with a line break at its end. */
export function describeObject(object: KubeObject, { now, events }: DescribeOptions): string {
  const view = viewOf(object);
  return [
    headText(object),
    ...(view?.sections(object) ?? []).map(({ title, rows }) => sectionText(title, rows)),
    ...fieldsText(object, view),
    conditionsText(object, now),
    events === undefined ? "" : eventsText(events, now),
  ].join("");
}

function headText({ apiVersion, kind, metadata }: KubeObject): string {
  const annotations = Object.entries(metadata.annotations ?? {}).filter(([key]) => key !== lastAppliedAnnotation);
  const lines: [string, readonly string[]][] = [
    ["Name", [metadata.name]],
    ...optionalLine("Namespace", metadata.namespace),
    ["Labels", pairs(Object.entries(metadata.labels ?? {}), "=")],
    ["Annotations", pairs(annotations, ": ")],
    ["API Version", [apiVersion]],
    ["Kind", [kind]],
    ...optionalLine("Created", metadata.creationTimestamp),
    ...optionalLine("Deleting since", metadata.deletionTimestamp),
    ...optionalLine("Finalizers", metadata.finalizers?.join(", ")),
  ];
  return lines
    .map(([label, values]) => {
      const first = `${label}:`.padEnd(labelWidth + 2);
      return values.map((value, index) => `${index === 0 ? first : " ".repeat(first.length)}${value}\n`).join("");
    })
    .join("");
}

function optionalLine(label: string, value: string | undefined): [string, readonly string[]][] {
  return value === undefined || value === "" ? [] : [[label, [value]]];
}

function pairs(entries: readonly (readonly [string, string])[], separator: string): readonly string[] {
  return entries.length === 0 ? ["<none>"] : entries.map(([key, value]) => `${key}${separator}${value}`).sort();
}

/** A heading with a table under it. */
function sectionText(title: string, rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return `${title}: <none>\n`;
  return `${title}:\n${indented(textTable(rows))}`;
}

/** All other fields, with the names that they have in manifests. */
function fieldsText(object: KubeObject, view: KindView | undefined): readonly string[] {
  const texts: string[] = [];
  for (const [name, value] of Object.entries(object)) {
    if (["apiVersion", "kind", "metadata"].includes(name)) continue;
    const hidden = name === "status" ? ["conditions", ...(view?.hides.status ?? [])] : (view?.hides[name] ?? []);
    const shown = isRecord(value) ? withoutFields(value, hidden) : value;
    if (shown === undefined || (isRecord(shown) && Object.keys(shown).length === 0)) continue;
    const title = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
    if (isRecord(shown) || isArray(shown)) {
      texts.push(`${title}:\n${indented(stringifyYaml(isSecretData(object, name) ? sizesOf(shown) : shown))}`);
    } else {
      texts.push(`${`${title}:`.padEnd(labelWidth + 2)}${cellText(shown)}\n`);
    }
  }
  return texts;
}

function withoutFields(value: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name)));
}

function isSecretData({ apiVersion, kind }: KubeObject, field: string): boolean {
  return apiVersion === "v1" && kind === "Secret" && field === "data";
}

/** What a Secret holds is not for a screen. */
function sizesOf(data: unknown): Record<string, string> {
  const entries = isRecord(data) ? Object.entries(data) : [];
  return Object.fromEntries(
    entries.map(([key, value]) => [key, `${isString(value) ? Buffer.from(value, "base64").length : 0} bytes`]),
  );
}

function conditionsText(object: KubeObject, now: number): string {
  const conditions = fieldOf(object, "status", "conditions");
  if (!isArray(conditions) || conditions.length === 0) return "";
  const rows = conditions.map((condition) => {
    const text = (name: string): string => {
      const value = fieldOf(condition, name);
      return isString(value) ? value : "";
    };
    const since = text("lastTransitionTime");
    return [text("type"), text("status"), since === "" ? "" : humanAge(since, now), text("reason"), text("message")];
  });
  return sectionText("Conditions", [["TYPE", "STATUS", "SINCE", "REASON", "MESSAGE"], ...rows]);
}

function eventsText(events: readonly Event[], now: number): string {
  const rows = events.map((event) => {
    const last = event.lastTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp;
    const count = event.count ?? 1;
    const age = count > 1 ? `${humanAge(last, now)} (x${count})` : humanAge(last, now);
    const from = event.source?.component ?? event.reportingComponent ?? "";
    return [event.type ?? "", event.reason ?? "", age, from, (event.message ?? "").trim().replaceAll("\n", " ")];
  });
  return sectionText("Events", rows.length === 0 ? [] : [["TYPE", "REASON", "AGE", "FROM", "MESSAGE"], ...rows]);
}

function indented(text: string): string {
  return text.replaceAll(/^(?=.)/gm, indent);
}

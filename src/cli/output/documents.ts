// Objects as documents: JSON, YAML, names, templates. Upstream: k8s.io/cli-runtime/pkg/printers.
import { encodeGoJson } from "#machinery/json.ts";
import { type KubeObject, parseApiVersion } from "#machinery/object.ts";
import { stringifyYaml } from "#machinery/yaml.ts";
import type { OutputFormat } from "./format.ts";
import { cellText, textTable } from "./text-table.ts";

const jsonIndent = 4;

type DocumentFormat = Exclude<OutputFormat, { readonly kind: "table" }>;

export interface PrintOptions {
  /** One object that was asked for by name is printed bare, all else as a List. */
  readonly bare: boolean;
  readonly noHeaders?: boolean;
  readonly showManagedFields?: boolean;
}

/** The objects in a format that is no table. */
export function printObjects(objects: readonly KubeObject[], format: DocumentFormat, options: PrintOptions): string {
  const items = options.showManagedFields === true ? objects : objects.map(withoutManagedFields);
  const [first] = items;
  const value =
    options.bare && first !== undefined ? first : { apiVersion: "v1", items, kind: "List", metadata: emptyListMeta };
  switch (format.kind) {
    case "json":
      return `${JSON.stringify(JSON.parse(encodeGoJson(value)), undefined, jsonIndent)}\n`;
    case "yaml":
      return stringifyYaml(value);
    case "name":
      return objects.map((object) => `${objectName(object)}\n`).join("");
    case "jsonpath":
      return format.path.print(value);
    case "columns": {
      const rows = items.map((item) => format.columns.map(({ path }) => columnText(path.find(item))));
      return textTable(options.noHeaders === true ? rows : [format.columns.map(({ header }) => header), ...rows]);
    }
  }
}

const emptyListMeta = { resourceVersion: "" };

/** `deployment.apps/nginx`. */
export function objectName(object: KubeObject): string {
  return `${typeName(object)}/${object.metadata.name}`;
}

/** `deployment.apps`, `service`. */
export function typeName({ apiVersion, kind }: { readonly apiVersion: string; readonly kind: string }): string {
  const { group } = parseApiVersion(apiVersion);
  return group === "" ? kind.toLowerCase() : `${kind.toLowerCase()}.${group}`;
}

function columnText(results: readonly (readonly unknown[])[]): string {
  const found = results.flat();
  return found.length === 0 ? "<none>" : found.map(cellText).join(",");
}

function withoutManagedFields(object: KubeObject): KubeObject {
  if (object.metadata.managedFields === undefined) return object;
  const metadata = { ...object.metadata };
  delete metadata.managedFields;
  return { ...object, metadata };
}

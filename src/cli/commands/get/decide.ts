// The tables of several clusters as one: CLUSTER after the name, ADOPTION at the end, NAMESPACE, labels and kind where they
// are asked for. Pure. Upstream: karmada pkg/karmadactl/get/get.go (constructAPIResourceTable…, reconstructionRow).
import { karmadaLabels, karmadaValues } from "#api/karmada-constants.ts";
import { fieldOf, isArray, isRecord, isString, isStringMap } from "#machinery/guards.ts";
import type { JsonPath } from "#machinery/jsonpath.ts";
import { cellText } from "../../output/text-table.ts";

/** How upstream calls the control plane in the CLUSTER column. */
export const controlPlaneName = "Karmada";

export interface TableColumn {
  readonly name: string;
  /** Above 0: with `-o wide` only. */
  readonly priority: number;
}

export interface TableRow {
  readonly cells: readonly unknown[];
  readonly object: unknown;
}

/** A `meta.k8s.io` Table. */
export interface Table {
  readonly columns: readonly TableColumn[];
  readonly rows: readonly TableRow[];
}

/** What one cluster answered for one resource. */
export interface ClusterTable {
  readonly cluster: string;
  readonly table: Table;
}

export interface TableView {
  readonly wide: boolean;
  readonly withNamespace: boolean;
  readonly showLabels: boolean;
  readonly labelColumns: readonly string[];
  /** Goes before each name: `deployment.apps/`. */
  readonly kindPrefix: string;
  /** Pods are wide as they are: adoption is shown with `-o wide` only. */
  readonly adoptionIsWide: boolean;
  readonly sortBy: JsonPath | undefined;
}

/** Reads a Table; a list of objects without one becomes a table of names. */
export function parseTable(value: unknown): Table {
  const columns = fieldOf(value, "columnDefinitions");
  const rows = fieldOf(value, "rows");
  if (isArray(columns) && isArray(rows)) {
    return {
      columns: columns.map((column) => {
        const name = fieldOf(column, "name");
        const priority = fieldOf(column, "priority");
        return { name: isString(name) ? name : "", priority: typeof priority === "number" ? priority : 0 };
      }),
      rows: rows.map((row) => {
        const cells = fieldOf(row, "cells");
        return { cells: isArray(cells) ? cells : [], object: fieldOf(row, "object") };
      }),
    };
  }
  const items = fieldOf(value, "items");
  const objects = isArray(items) ? items : isRecord(value) ? [value] : [];
  return {
    columns: [{ name: "Name", priority: 0 }],
    rows: objects.map((object) => ({ cells: [fieldOf(object, "metadata", "name")], object })),
  };
}

/** The header and the rows of all clusters. Columns are those of the first table; others are matched by name. */
export function mergeTables(tables: readonly ClusterTable[], view: TableView): readonly (readonly string[])[] {
  const [first] = tables;
  if (first === undefined) return [];
  const columns = first.table.columns.filter(({ priority }) => view.wide || priority === 0);
  const rows = tables.flatMap(({ cluster, table }) =>
    table.rows.map((row) => ({ cluster, row, cells: cellsByName(table, row) })),
  );
  if (view.sortBy !== undefined) {
    const { sortBy } = view;
    rows.sort((left, right) => compareValues(sortKey(sortBy, left.row.object), sortKey(sortBy, right.row.object)));
  }
  return [
    header(columns, view),
    ...rows.map(({ cluster, row, cells }) => rowTexts(columns, cells, row.object, cluster, view)),
  ];
}

function cellsByName({ columns }: Table, { cells }: TableRow): ReadonlyMap<string, unknown> {
  return new Map(columns.map(({ name }, index) => [name, cells[index]]));
}

function header(columns: readonly TableColumn[], view: TableView): readonly string[] {
  const [name = "NAME", ...others] = columns.map((column) => column.name.toUpperCase());
  return [
    ...(view.withNamespace ? ["NAMESPACE"] : []),
    name,
    "CLUSTER",
    ...others,
    ...(view.adoptionIsWide && !view.wide ? [] : ["ADOPTION"]),
    ...view.labelColumns.map((label) => label.slice(label.lastIndexOf("/") + 1).toUpperCase()),
    ...(view.showLabels ? ["LABELS"] : []),
  ];
}

function rowTexts(
  columns: readonly TableColumn[],
  cells: ReadonlyMap<string, unknown>,
  object: unknown,
  cluster: string,
  view: TableView,
): readonly string[] {
  const [name = "", ...others] = columns.map((column) => cellText(cells.get(column.name)));
  const labels = labelsOf(object);
  return [
    ...(view.withNamespace ? [cellText(fieldOf(object, "metadata", "namespace") ?? "")] : []),
    `${view.kindPrefix}${name}`,
    cluster,
    ...others,
    ...(view.adoptionIsWide && !view.wide ? [] : [adoption(cluster, labels)]),
    ...view.labelColumns.map((label) => (Object.hasOwn(labels, label) ? (labels[label] ?? "") : "")),
    ...(view.showLabels ? [labelsText(labels)] : []),
  ];
}

function adoption(cluster: string, labels: Readonly<Record<string, string>>): string {
  if (cluster === controlPlaneName) return "-";
  return Object.hasOwn(labels, karmadaLabels.managed) && labels[karmadaLabels.managed] === karmadaValues.managed
    ? "Y"
    : "N";
}

function labelsOf(object: unknown): Readonly<Record<string, string>> {
  const labels = fieldOf(object, "metadata", "labels");
  return isStringMap(labels) ? labels : {};
}

/** `a=1,b=2`, sorted, or `<none>`. */
export function labelsText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return pairs.length === 0 ? "<none>" : pairs.sort().join(",");
}

function sortKey(path: JsonPath, object: unknown): unknown {
  return path.find(object).flat()[0];
}

function compareValues(left: unknown, right: unknown): number {
  if (typeof left === "number" && typeof right === "number") return left - right;
  const [a, b] = [cellText(left ?? ""), cellText(right ?? "")];
  return a < b ? -1 : a > b ? 1 : 0;
}

// Tables of custom resources: the columns that a CustomResourceDefinition asks for, or the object's age.
// Upstream: k8s.io/apiextensions-apiserver/pkg/registry/customresource/tableconvertor/tableconvertor.go.
import { parseTime } from "#std/time.ts";
import { humanDuration } from "#machinery/human-duration.ts";
import { type JsonPath, parseJsonPath } from "#machinery/jsonpath.ts";
import type { KubeObject } from "#machinery/object.ts";
import { encodeGoJson } from "#machinery/json.ts";
import type { Printer, PrinterColumn } from "../../resource.ts";
import { nameColumn } from "./printer.ts";

/** An entry of `additionalPrinterColumns`. */
export interface CustomColumn {
  readonly name: string;
  readonly type: string;
  readonly jsonPath: string;
  readonly format?: string | undefined;
  readonly description?: string | undefined;
  readonly priority?: number | undefined;
}

/** Values that a cell may look at: an object has a few thousand, and a list has a cell for each of its objects. */
const cellStepsMax = 10_000;

const ageColumns: readonly CustomColumn[] = [
  {
    name: "Age",
    type: "date",
    jsonPath: ".metadata.creationTimestamp",
    description: "How long ago the object was made.",
  },
];

interface Reader {
  readonly column: PrinterColumn;
  readonly path: JsonPath;
}

/** The printer of a version of a custom resource. Columns from the first that cannot be read on are left out. */
export function customPrinter(columns: readonly CustomColumn[] | undefined): Printer {
  const readers = readersOf(columns === undefined || columns.length === 0 ? ageColumns : columns);
  return {
    columns: [nameColumn, ...readers.map(({ column }) => column)],
    cells: (object, now) => [object.metadata.name, ...readers.map((reader) => cellOf(reader, object, now))],
  };
}

function readersOf(columns: readonly CustomColumn[]): Reader[] {
  const readers: Reader[] = [];
  for (const column of columns) {
    const path = pathOf(column);
    if (path === undefined) break;
    readers.push({ column: columnOf(column), path });
  }
  return readers;
}

function pathOf({ jsonPath }: CustomColumn): JsonPath | undefined {
  try {
    return parseJsonPath(`{${jsonPath}}`, { stepsMax: cellStepsMax });
  } catch {
    return undefined;
  }
}

function columnOf({ name, type, jsonPath, format = "", description = "", priority = 0 }: CustomColumn): PrinterColumn {
  return {
    name,
    type: isColumnType(type) ? type : "string",
    format,
    description:
      description === "" ? `Custom resource definition column (in JSONPath format): ${jsonPath}` : description,
    priority,
  };
}

function isColumnType(type: string): type is PrinterColumn["type"] {
  return ["string", "integer", "number", "boolean", "date"].includes(type);
}

/** The first thing that the path finds, as the column's type has it; null where it finds nothing or something else. */
function cellOf({ column, path }: Reader, object: KubeObject, now: number): unknown {
  const value = firstFound(path, object);
  if (value === undefined || value === null) return null;
  switch (column.type) {
    case "string":
      return typeof value === "string" ? value : encodeGoJson(value);
    case "integer":
      return typeof value === "bigint" ? value : typeof value === "number" ? Math.trunc(value) : null;
    case "number":
      return typeof value === "bigint" || typeof value === "number" ? value : null;
    case "boolean":
      return typeof value === "boolean" ? value : null;
    case "date":
      return typeof value === "string" ? dateCell(value, now) : null;
  }
}

function firstFound(path: JsonPath, object: KubeObject): unknown {
  try {
    return path.find(object)[0]?.[0];
  } catch {
    // A path that does not fit this object: an index beyond a list's end.
    return undefined;
  }
}

function dateCell(text: string, now: number): string {
  if (text === "") return "<unknown>";
  const time = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[-+]\d{2}:\d{2})$/.test(text)
    ? parseTime(text)
    : undefined;
  return time === undefined ? "<invalid>" : humanDuration(now - time);
}

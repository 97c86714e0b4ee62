// How a printer of a kind is written: its columns and a function from an object to cells.
// Upstream: kubernetes pkg/printers/internalversion/printers.go (AddHandlers).
import { isObjectOf } from "#machinery/guards.ts";
import { humanAge } from "#machinery/human-duration.ts";
import type { GroupVersionKind, Kind, KubeObject } from "#machinery/object.ts";
import type { Printer, PrinterColumn } from "../../resource.ts";

export type Cell = string | number | boolean;

/** A printer and the kind it prints. */
export interface KindPrinter {
  readonly kind: GroupVersionKind;
  readonly printer: Printer;
}

/** The printer of a kind. Cells come in the order of the columns; the API server fills wide ones too. */
export function definePrinter<T extends KubeObject>(
  kind: Kind<T>,
  columns: readonly PrinterColumn[],
  cells: (object: T, now: number) => readonly Cell[],
): KindPrinter {
  return {
    kind,
    printer: {
      columns,
      cells: (object, now) => (isObjectOf(kind, object) ? cells(object, now) : []),
    },
  };
}

/** The first column of nearly every kind. */
export const nameColumn: PrinterColumn = {
  name: "Name",
  type: "string",
  format: "name",
  description: "Name of the object: unique among those of its kind in its namespace.",
  priority: 0,
};

/** A column that is always shown. */
export function column(name: string, description: string, type: PrinterColumn["type"] = "string"): PrinterColumn {
  return { name, type, format: "", description, priority: 0 };
}

/** A column that only `-o wide` shows. */
export function wideColumn(name: string, description: string): PrinterColumn {
  return { name, type: "string", format: "", description, priority: 1 };
}

export const ageColumn = column("Age", "How long ago the object was made.");

/** The cell below `ageColumn`. */
export function ageCell({ metadata }: KubeObject, now: number): string {
  return humanAge(metadata.creationTimestamp, now);
}

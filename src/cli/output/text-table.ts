// Columns of text as kubectl aligns them. Upstream: k8s.io/cli-runtime/pkg/printers/tabwriter.go, tableprinter.go.

const padding = 3;
const cellWidthMin = 6;

/** Lines of cells, each column as wide as its widest cell; the last one is not padded. */
export function textTable(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.entries()) {
      widths[index] = Math.max(widths[index] ?? cellWidthMin, cell.length + padding);
    }
  }
  return rows
    .map((row) => {
      const last = row.length - 1;
      return `${row.map((cell, index) => (index === last ? cell : cell.padEnd(widths[index] ?? 0))).join("")}\n`;
    })
    .join("");
}

/** A value of a Table's cell as text: one line. */
export function cellText(value: unknown): string {
  const text = valueText(value);
  const end = text.search(/[\n\r\f]/);
  return end < 0 ? text : `${text.slice(0, end)}...`;
}

function valueText(value: unknown): string {
  if (value === null || value === undefined) return "<none>";
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "bigint") return String(value);
  return JSON.stringify(value);
}

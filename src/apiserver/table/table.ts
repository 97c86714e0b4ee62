// Tables: what `kubectl get` prints, computed here so that clients need not know any kind. Pure: the time is an argument.
// Upstream: k8s.io/apiserver/pkg/registry/rest/table.go and endpoints/handlers/response.go (asTable).
import type { Printer, PrinterColumn } from "#api/resource.ts";
import { ApiError } from "#machinery/api-error.ts";
import { encodeJson, encodeJsonText } from "#machinery/json.ts";
import type { KubeObject } from "#machinery/object.ts";
import type { Query } from "../request/query.ts";
import { spliceRevision } from "../crud/stored-form.ts";
import type { ServedObject } from "../crud/write-context.ts";
import { type MetaVersion, partialObject } from "./partial.ts";

export interface TableStyle {
  readonly metaVersion: MetaVersion;
  /** What of the object comes with each row. */
  readonly includeObject: "None" | "Metadata" | "Object";
}

const nameDescription = "Name of the object: unique among those of its kind in its namespace.";
const createdDescription = "When the server made the object, in RFC 3339 form and UTC.";

/** Columns of kinds that have none of their own. */
const plainPrinter: Printer = {
  columns: [
    { name: "Name", type: "string", format: "name", description: nameDescription, priority: 0 },
    { name: "Created At", type: "date", format: "", description: createdDescription, priority: 0 },
  ],
  cells: ({ metadata }) => [metadata.name, metadata.creationTimestamp ?? ""],
};

export function printerOf(served: Pick<ServedObject, "form">): Printer {
  return served.form.resource.printer ?? plainPrinter;
}

/** Reads `includeObject`. Throws BadRequest for an unknown word. */
export function parseTableStyle(query: Query, metaVersion: MetaVersion): TableStyle {
  const asked = query.get("includeObject") ?? "";
  switch (asked) {
    case "":
    case "Metadata":
      return { metaVersion, includeObject: "Metadata" };
    case "None":
    case "Object":
      return { metaVersion, includeObject: asked };
    default:
      throw new ApiError(
        "BadRequest",
        `Unable to convert to Table as requested: unrecognized includeObject value: ${JSON.stringify(asked)}`,
      );
  }
}

/** A Table up to and with the `[` of its rows. `columns`: null in all but the first event of a watch. */
export function tableHead(
  style: TableStyle,
  metadata: Readonly<Record<string, unknown>>,
  columns: readonly PrinterColumn[] | null,
): string {
  const definitions = encodeJsonText(columns);
  const meta = encodeJsonText(metadata);
  return `{"kind":"Table","apiVersion":"meta.k8s.io/${style.metaVersion}","metadata":${meta},"columnDefinitions":${definitions},"rows":[`;
}

export const tableEnd = "]}";

/** One row. */
export function tableRow(style: TableStyle, served: ServedObject, object: KubeObject, now: number): Buffer {
  const cells = encodeJson(printerOf(served).cells(object, now));
  return Buffer.concat([cellsStart, cells, objectStart, rowObject(style, served), rowEnd]);
}

const cellsStart = Buffer.from('{"cells":');
const objectStart = Buffer.from(',"object":');
const rowEnd = Buffer.from("}");
const noObject = Buffer.from("null");

function rowObject(style: TableStyle, { form, value, revision }: ServedObject): Uint8Array {
  switch (style.includeObject) {
    case "None":
      return noObject;
    case "Metadata":
      return partialObject({ value, revision }, { metaVersion: style.metaVersion, bare: false });
    case "Object":
      return spliceRevision({ head: form.head, value, revision, bare: false });
  }
}

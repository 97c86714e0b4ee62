// The forms in which an object can be answered: as it is, its metadata alone, or a Table of one row. Reads, writes and
// watches all render through here, so that each form is made in one place.
import { ApiError } from "#machinery/api-error.ts";
import type { KubeObject } from "#machinery/object.ts";
import type { Negotiated } from "../request/negotiation.ts";
import type { Query } from "../request/query.ts";
import { type MetaVersion, partialObject } from "../table/partial.ts";
import { parseTableStyle, printerOf, tableEnd, tableHead, tableRow, type TableStyle } from "../table/table.ts";
import { spliceRevision } from "./stored-form.ts";
import type { ServedObject } from "./write-context.ts";

export type Representation =
  | { readonly kind: "object"; readonly bare: boolean }
  | { readonly kind: "partial"; readonly metaVersion: MetaVersion; readonly bare: boolean }
  | { readonly kind: "table"; readonly style: TableStyle };

const whole: Representation = { kind: "object", bare: false };
const bareWhole: Representation = { kind: "object", bare: true };

/** The representation that has been negotiated for one object (also: for each event of a watch). */
export function representationOf(negotiated: Negotiated, query: Query): Representation {
  switch (negotiated.as) {
    case undefined:
      return negotiated.bare ? bareWhole : whole;
    case "Table":
      return { kind: "table", style: parseTableStyle(query, negotiated.metaVersion) };
    case "PartialObjectMetadata":
      return { kind: "partial", metaVersion: negotiated.metaVersion, bare: negotiated.bare };
    case "PartialObjectMetadataList":
      throw new ApiError(
        "NotAcceptable",
        "you requested PartialObjectMetadataList, but the requested object is not a list",
      );
  }
}

/** A short name of a representation, for caches of rendered bytes. */
export function representationKey(representation: Representation): string {
  switch (representation.kind) {
    case "object":
      return representation.bare ? "b" : "o";
    case "partial":
      return `${representation.bare ? "q" : "p"}${representation.metaVersion}`;
    case "table":
      return `t${representation.style.metaVersion}${representation.style.includeObject}`;
  }
}

export interface RenderContext {
  /** Parses `served`, if the representation needs it. */
  object(served: ServedObject): KubeObject;
  /** Milliseconds, for ages in tables. */
  readonly now: number;
  /** Leave out the column definitions: a watch has sent them before. */
  readonly omitColumns?: boolean;
}

/** The JSON bytes of one object. */
export function renderObject(representation: Representation, served: ServedObject, context: RenderContext): Buffer {
  switch (representation.kind) {
    case "object":
      return spliceRevision({ ...served, head: served.form.head, bare: representation.bare });
    case "partial":
      return partialObject(served, representation);
    case "table": {
      const { style } = representation;
      const metadata = served.revision === 0 ? {} : { resourceVersion: String(served.revision) };
      const columns = context.omitColumns === true ? null : printerOf(served).columns;
      const head = Buffer.from(tableHead(style, metadata, columns));
      const row = tableRow(style, served, context.object(served), context.now);
      return Buffer.concat([head, row, Buffer.from(tableEnd)]);
    }
  }
}

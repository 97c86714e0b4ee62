// Lists a collection: stored bytes put side by side, in pieces, so that neither memory nor the event loop feels its size.
// Upstream: k8s.io/apiserver/pkg/endpoints/handlers/get.go (ListResource).
import { ApiError } from "#machinery/api-error.ts";
import type { ApiResponse } from "#machinery/http.ts";
import { encodeJsonText } from "#machinery/json.ts";
import type { StoredEntry } from "#storage/storage.ts";
import { keptItem, keptReading } from "../crud/kept.ts";
import { openEntry, serveEntry } from "../crud/open.ts";
import { type Splice, splicedLength, writeSpliced } from "../crud/stored-form.ts";
import type { ResourceForm } from "../crud/resource-form.ts";
import type { ResourceContext } from "../request/context.ts";
import { negotiate, type Negotiated } from "../request/negotiation.ts";
import { bytesResponse } from "../request/respond.ts";
import { partialObject } from "../table/partial.ts";
import { parseTableStyle, printerOf, tableEnd, tableHead, tableRow } from "../table/table.ts";
import { parseListOptions } from "./options.ts";
import { type Page, readPage } from "./page.ts";
import { selectionOf } from "./selection.ts";
import { yieldingEvery } from "./turns.ts";

/** How large the pieces are in which a list leaves. */
const listPieceBytes = 256 * 1024;

export async function handleList(context: ResourceContext): Promise<ApiResponse> {
  const { core, info, signal } = context;
  const negotiated = negotiate(context.request, info, {
    transformations: ["Table", "PartialObjectMetadataList", "PartialObjectMetadata"],
    stream: false,
  });
  const form = core.forms.of(context.resource);
  const layout = layoutOf(context, form, negotiated);
  const selection = selectionOf(core, form, info);
  const page = await readPage(core, { form, selection, options: parseListOptions(info.query), signal });
  const isBare = negotiated.as === undefined && negotiated.bare;
  if (context.request.kept === true && isBare) return keptPage(context, form, page);
  return pageResponse(context, { page, layout, negotiated });
}

function keptPage({ core }: ResourceContext, form: ResourceForm, page: Page): ApiResponse {
  const { entries, revision } = page;
  const content = { items: entries.map((entry) => keptItem(form, entry)), revision, continue: page.continue };
  return { status: 200, headers: {}, body: Buffer.alloc(0), kept: { ...keptReading(core, form), content } };
}

/** How a list of one representation is written. */
export interface ListLayout {
  /** All before the first item. */
  head(metadata: Readonly<Record<string, unknown>>): string;
  readonly end: string;
  itemLength(entry: StoredEntry): number;
  /** Writes an item of that length. */
  writeItem(out: Buffer, at: number, entry: StoredEntry): number;
}

/** The layout that has been negotiated. */
export function layoutOf(context: ResourceContext, form: ResourceForm, negotiated: Negotiated): ListLayout {
  switch (negotiated.as) {
    case undefined:
      return plainLayout(form, negotiated);
    case "Table":
      return tableLayout(context, form, negotiated);
    case "PartialObjectMetadataList":
      return partialLayout(form, negotiated);
    case "PartialObjectMetadata": {
      const what = `the requested object is a list (${form.resource.kind.listKind})`;
      throw new ApiError("NotAcceptable", `you requested PartialObjectMetadata, but ${what}`);
    }
  }
}

function plainLayout(form: ResourceForm, { bare }: Negotiated): ListLayout {
  const spliceOf = (entry: StoredEntry): Splice => {
    return { head: form.itemHead, value: form.served(entry), revision: entry.modRevision, bare };
  };
  return {
    head: (metadata) => listHead(form.resource.kind.listKind, form.apiVersion, metadata),
    end: "]}",
    itemLength: (entry) => splicedLength(spliceOf(entry)),
    writeItem: (out, at, entry) => writeSpliced(out, at, spliceOf(entry)),
  };
}

function partialLayout(form: ResourceForm, { metaVersion, bare }: Negotiated): ListLayout {
  return renderedLayout({
    head: (metadata) => listHead("PartialObjectMetadataList", `meta.k8s.io/${metaVersion}`, metadata),
    end: "]}",
    render: (entry) => partialObject({ value: form.served(entry), revision: entry.modRevision }, { metaVersion, bare }),
  });
}

function tableLayout({ core, info }: ResourceContext, form: ResourceForm, { metaVersion }: Negotiated): ListLayout {
  const style = parseTableStyle(info.query, metaVersion);
  const now = core.clock.now();
  return renderedLayout({
    head: (metadata) => tableHead(style, metadata, printerOf({ form }).columns),
    end: tableEnd,
    render: (entry) => {
      return tableRow(style, serveEntry(form, entry), openEntry(core, form, entry), now);
    },
  });
}

/** A layout whose items are made one by one. */
function renderedLayout(options: {
  head: ListLayout["head"];
  end: string;
  render(entry: StoredEntry): Uint8Array;
}): ListLayout {
  let last: { readonly entry: StoredEntry; readonly bytes: Uint8Array } | undefined;
  const rendered = (entry: StoredEntry): Uint8Array => {
    if (last?.entry !== entry) last = { entry, bytes: options.render(entry) };
    return last.bytes;
  };
  return {
    head: options.head,
    end: options.end,
    itemLength: (entry) => rendered(entry).length,
    writeItem: (out, at, entry) => {
      out.set(rendered(entry), at);
      return at + rendered(entry).length;
    },
  };
}

function listHead(kind: string, apiVersion: string, metadata: Readonly<Record<string, unknown>>): string {
  const fields = { kind, apiVersion, metadata };
  return `${encodeJsonText(fields).slice(0, -1)},"items":[`;
}

export interface PageAnswer {
  readonly page: Page;
  readonly layout: ListLayout;
  readonly negotiated: Negotiated;
}

/** The answer with one page: whole where it is small or to be printed otherwise, else piece by piece. */
export async function pageResponse(context: ResourceContext, answer: PageAnswer): Promise<ApiResponse> {
  const pieces = listPieces(context, answer);
  const first = await pieces.next();
  if (first.done === true) return bytesResponse(200, Buffer.alloc(0), answer.negotiated);
  const second = await pieces.next();
  if (second.done === true) return bytesResponse(200, first.value, answer.negotiated);
  const { negotiated } = answer;
  if (negotiated.mediaType === "application/json" && !negotiated.pretty) {
    return {
      status: 200,
      headers: { "content-type": "application/json" },
      body: rejoin([first.value, second.value], pieces),
    };
  }
  const all = [first.value, second.value];
  for await (const piece of pieces) all.push(piece);
  return bytesResponse(200, Buffer.concat(all), negotiated);
}

async function* rejoin(
  first: readonly Uint8Array[],
  rest: AsyncGenerator<Uint8Array, undefined>,
): AsyncGenerator<Uint8Array, undefined> {
  yield* first;
  return yield* rest;
}

async function* listPieces(
  { core, signal }: ResourceContext,
  { page, layout }: PageAnswer,
): AsyncGenerator<Uint8Array, undefined> {
  const turn = yieldingEvery(core.clock);
  const head = Buffer.from(layout.head(listMetadata(page)));
  let piece = Buffer.allocUnsafe(Math.max(listPieceBytes, head.length));
  let at = head.copy(piece, 0);
  for (const [index, entry] of page.entries.entries()) {
    const length = layout.itemLength(entry) + 1;
    if (at + length > piece.length) {
      yield piece.subarray(0, at);
      piece = Buffer.allocUnsafe(Math.max(listPieceBytes, length));
      at = 0;
    }
    if (index > 0) piece[at++] = 0x2c;
    at = layout.writeItem(piece, at, entry);
    const pause = turn(signal);
    if (pause !== undefined) await pause;
  }
  if (at + layout.end.length > piece.length) {
    yield piece.subarray(0, at);
    yield Buffer.from(layout.end);
  } else {
    yield piece.subarray(0, at + piece.write(layout.end, at));
  }
  return undefined;
}

function listMetadata(page: Page): Readonly<Record<string, unknown>> {
  return {
    resourceVersion: String(page.revision),
    ...(page.continue === undefined ? {} : { continue: page.continue }),
    ...(page.remaining === undefined ? {} : { remainingItemCount: page.remaining }),
  };
}

// The lines of a watch: what a stored event is to one watcher, and its bytes, which watchers of the same view share.
// Upstream: k8s.io/apiserver/pkg/storage/cacher/cache_watcher.go (convertToWatchEvent).
import type { ApiError } from "#machinery/api-error.ts";
import { encodeJson, encodeJsonText } from "#machinery/json.ts";
import type { StoredEntry, StoredEvent } from "#storage/storage.ts";
import { type Representation, renderObject, representationKey } from "../crud/represent.ts";
import { splicedLength, writeSpliced } from "../crud/stored-form.ts";
import type { ResourceForm } from "../crud/resource-form.ts";
import type { ServedObject } from "../crud/write-context.ts";
import { openServed, serveEntry } from "../crud/open.ts";
import type { Selection } from "../list/selection.ts";
import type { ServerCore } from "../request/context.ts";
import { printerOf, tableEnd, tableHead } from "../table/table.ts";

export type ChangeType = "ADDED" | "MODIFIED" | "DELETED";

export interface Change {
  readonly type: ChangeType;
  /** The state to show, at `revision`. */
  readonly entry: StoredEntry;
  readonly revision: number;
}

/** What an event is to a watcher that sees only what `selection` keeps; undefined: nothing. Pure. */
export function changeFor(event: StoredEvent, selection: Selection): Change | undefined {
  const { entry, previous, revision } = event;
  if (event.type === "delete") {
    return selection.keeps(entry) ? { type: "DELETED", entry, revision } : undefined;
  }
  const isIn = selection.keeps(entry);
  const wasIn = previous !== undefined && (selection.isEverything || selection.keeps(previous));
  if (isIn) return { type: wasIn ? "MODIFIED" : "ADDED", entry, revision };
  // It has left: shown as it last was, at the revision of the change.
  return wasIn ? { type: "DELETED", entry: previous, revision } : undefined;
}

/** Encodes the lines of one watch. */
export class WatchEncoder {
  readonly #core: ServerCore;
  readonly #form: ResourceForm;
  readonly #representation: Representation;
  readonly #keys: Readonly<Record<ChangeType, string>>;
  #hasSentColumns = false;

  constructor(core: ServerCore, form: ResourceForm, representation: Representation) {
    this.#core = core;
    this.#form = form;
    this.#representation = representation;
    const view = `${form.apiVersion} ${representationKey(representation)}`;
    this.#keys = { ADDED: `${view} A`, MODIFIED: `${view} M`, DELETED: `${view} D` };
  }

  /** The line of a change. */
  change(event: StoredEvent, { type, entry, revision }: Change): Uint8Array {
    const make = (): Uint8Array => this.#line(type, { ...serveEntry(this.#form, entry), revision });
    return this.#needsColumns() ? make() : this.#core.frames.get(event, this.#keys[type], make);
  }

  /** The ADDED line of an object that was there before. */
  initial(entry: StoredEntry): Uint8Array {
    return this.#line("ADDED", serveEntry(this.#form, entry));
  }

  /** A bookmark; `isInitialEnd` marks the one that ends the initial events. */
  bookmark(revision: number, isInitialEnd: boolean): Uint8Array {
    const metadata = {
      resourceVersion: String(revision),
      ...(isInitialEnd ? { annotations: { "k8s.io/initial-events-end": "true" } } : {}),
    };
    return Buffer.concat([lineStart.BOOKMARK, this.#bookmarkObject(metadata), lineEnd]);
  }

  /** A Status whatever representation was asked for. */
  failure(error: ApiError): Uint8Array {
    return Buffer.from(`${encodeJsonText({ type: "ERROR", object: error.toStatus() })}\n`);
  }

  #bookmarkObject(metadata: Readonly<Record<string, unknown>>): Buffer {
    const representation = this.#representation;
    if (representation.kind === "object") {
      return encodeJson({ kind: this.#form.resource.kind.kind, apiVersion: this.#form.apiVersion, metadata });
    }
    const version = representation.kind === "partial" ? representation.metaVersion : representation.style.metaVersion;
    const partial = { kind: "PartialObjectMetadata", apiVersion: `meta.k8s.io/${version}`, metadata };
    if (representation.kind === "partial") return encodeJson(partial);
    const { columns } = printerOf({ form: this.#form });
    const head = tableHead(representation.style, metadata, this.#needsColumns() ? columns : null);
    this.#hasSentColumns = true;
    return Buffer.from(`${head}${JSON.stringify({ cells: columns.map(() => null), object: partial })}${tableEnd}`);
  }

  /** Only the first event of a Table watch carries the column definitions. */
  #needsColumns(): boolean {
    return this.#representation.kind === "table" && !this.#hasSentColumns;
  }

  #line(type: ChangeType, served: ServedObject): Buffer {
    const start = lineStart[type];
    if (this.#representation.kind === "object") {
      const splice = { ...served, head: served.form.head, bare: this.#representation.bare };
      // Not from the shared pool: a line that is kept would keep everything else in its part of the pool.
      const out = Buffer.allocUnsafeSlow(start.length + splicedLength(splice) + lineEnd.length);
      const at = writeSpliced(out, start.copy(out, 0), splice);
      lineEnd.copy(out, at);
      return out;
    }
    const object = renderObject(this.#representation, served, {
      object: (each) => openServed(this.#core, each),
      now: this.#core.clock.now(),
      omitColumns: !this.#needsColumns(),
    });
    this.#hasSentColumns = true;
    return Buffer.concat([start, object, lineEnd]);
  }
}

const lineStart = {
  ADDED: Buffer.from('{"type":"ADDED","object":'),
  MODIFIED: Buffer.from('{"type":"MODIFIED","object":'),
  DELETED: Buffer.from('{"type":"DELETED","object":'),
  BOOKMARK: Buffer.from('{"type":"BOOKMARK","object":'),
} as const;
const lineEnd = Buffer.from("}\n");

// Lists and watches a collection for a cache: as cells. From a server in this process these refer to what it keeps; from any
// other they hold the object as it came.
import { ApiError } from "#machinery/api-error.ts";
import { deepFreeze } from "#machinery/equality.ts";
import { isObjectOf } from "#machinery/guards.ts";
import type { KeptAnswer, KeptEvent } from "#machinery/http.ts";
import { type Kind, type KubeObject, refKey } from "#machinery/object.ts";
import { invariant } from "#std/invariant.ts";
import { type Cell, KeptCell, type KeptReading, objectCell } from "./cell.ts";
import type { Client, ListOptions, WatchCallOptions } from "./client.ts";

/** `key`: see refKey. */
export interface KeyedCell<T extends KubeObject> {
  readonly key: string;
  readonly cell: Cell<T>;
}

export interface CellPage<T extends KubeObject> {
  readonly cells: readonly KeyedCell<T>[];
  readonly revision: string;
  readonly continue: string | undefined;
}

export type CellEvent<T extends KubeObject> =
  | ({ readonly type: "ADDED" | "MODIFIED" | "DELETED" } & KeyedCell<T>)
  | { readonly type: "BOOKMARK"; readonly resourceVersion: string };

export interface CollectionReader<T extends KubeObject> {
  list(options: ListOptions): Promise<CellPage<T>>;
  watch(options: WatchCallOptions): AsyncIterable<CellEvent<T>>;
}

/** Reads the objects of `kind`, without metadata.managedFields unless these are asked for. */
export function collectionReader<T extends KubeObject>(
  { client, kind }: { readonly client: Client; readonly kind: Kind<T> },
  keepManagedFields: boolean,
): CollectionReader<T> {
  const ownCell = (object: T): KeyedCell<T> => ({
    key: refKey(object.metadata),
    cell: objectCell(settled(object, keepManagedFields)),
  });
  const readingOf = ({ open, openMetadata }: KeptAnswer): KeptReading<T> => ({
    open: (kept) => {
      const object = open(kept);
      if (isObjectOf(kind, object)) return object;
      throw new ApiError("InternalError", `what the server keeps is no ${kind.kind}`);
    },
    openMetadata,
  });
  const reads = client.kept ?? client;
  return {
    async list(options) {
      const answer = await reads.list(kind, options);
      if ("items" in answer) {
        const { items, metadata } = answer;
        return { cells: items.map(ownCell), revision: metadata.resourceVersion, continue: metadata.continue };
      }
      invariant("items" in answer.content, "a list was answered with events");
      const { items, revision, continue: next } = answer.content;
      const reading = readingOf(answer);
      const cells = items.map(({ key, object }) => ({ key, cell: new KeptCell(object, reading) }));
      return { cells, revision: String(revision), continue: next };
    },
    async *watch(options) {
      const answer = await untilAborted(reads.watch(kind, options), options.signal);
      if (answer === undefined) return;
      if ("open" in answer) {
        invariant(Symbol.asyncIterator in answer.content, "a watch was answered with a list");
        yield* keptEvents(answer.content, readingOf(answer), options.signal);
        return;
      }
      for await (const event of answer) {
        yield event.type === "BOOKMARK" ? event : { type: event.type, ...ownCell(event.object) };
      }
    },
  };
}

/** Undefined when it fails because the signal has aborted. */
async function untilAborted<T>(promise: Promise<T> | T, signal: AbortSignal): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}

/** As of any watch, an aborted one just ends. */
async function* keptEvents<T extends KubeObject>(
  events: AsyncIterable<KeptEvent>,
  reading: KeptReading<T>,
  signal: AbortSignal,
): AsyncGenerator<CellEvent<T>> {
  try {
    for await (const event of events) {
      if (signal.aborted) return;
      if (event.type === "BOOKMARK") yield { type: "BOOKMARK", resourceVersion: String(event.revision) };
      else yield { type: event.type, key: event.key, cell: new KeptCell(event.object, reading) };
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** Nobody needs the bookkeeping of managed fields, half of many objects; and nobody may change what all share. */
function settled<T extends KubeObject>(object: T, keepManagedFields: boolean): T {
  if (object.metadata.managedFields !== undefined && !keepManagedFields) {
    // Not deleted: that would turn the metadata into a slow dictionary.
    Object.assign(object.metadata, { managedFields: undefined });
  }
  return deepFreeze(object);
}

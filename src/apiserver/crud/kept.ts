// Stored entries for readers in the same process: the stored bytes themselves, which they parse when they need the object.
import { deepFreeze } from "#machinery/equality.ts";
import type { KeptAnswer, KeptItem, KeptObject } from "#machinery/http.ts";
import type { StoredEntry } from "#storage/storage.ts";
import type { ServerCore } from "../request/context.ts";
import type { ResourceForm } from "./resource-form.ts";

/** An entry, shown at `revision`. Where that is its own, and it is served as it is stored, it is the entry itself. */
export function keptItem(form: ResourceForm, entry: StoredEntry, revision = entry.modRevision): KeptItem {
  const { createRevision, modRevision } = entry;
  const value = form.served(entry);
  const isItself = value === entry.value && revision === modRevision;
  const object: KeptObject = isItself ? entry : { value, createRevision, modRevision: revision };
  return { key: entry.key.slice(form.keyPrefix.length), object };
}

/** How kept objects of a resource are read. */
export function keptReading(
  { parsed }: Pick<ServerCore, "parsed">,
  form: ResourceForm,
): Pick<KeptAnswer, "open" | "openMetadata"> {
  return {
    open: (kept) => deepFreeze(form.open(parsed.kept(kept))),
    openMetadata: (kept) => parsed.keptMetadata(kept),
  };
}

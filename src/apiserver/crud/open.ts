// Stored entries as objects of the served version. What comes out is deeply frozen.
import type { KubeObject } from "#machinery/object.ts";
import type { ServerCore } from "../request/context.ts";
import type { StoredBytes } from "./parsed-cache.ts";
import type { ResourceForm } from "./resource-form.ts";
import type { ServedObject } from "./write-context.ts";

/** The object of an entry. Parsed once, as long as the cache remembers it. */
export function openEntry({ parsed }: Pick<ServerCore, "parsed">, form: ResourceForm, entry: StoredBytes): KubeObject {
  const { modRevision } = entry;
  return form.open(parsed.get({ value: form.served(entry), modRevision }));
}

/** The object of bytes about to be answered. */
export function openServed({ parsed }: Pick<ServerCore, "parsed">, served: ServedObject): KubeObject {
  const { form, value, revision } = served;
  return form.open(parsed.view({ value, modRevision: revision }));
}

/** An entry about to be answered. */
export function serveEntry(form: ResourceForm, entry: StoredBytes): ServedObject {
  return { form, value: form.served(entry), revision: entry.modRevision };
}

/** An entry as `form` may look at it. */
export async function readableEntry<T extends StoredBytes>(form: ResourceForm, entry: T): Promise<T> {
  const [readable = entry] = await form.readable([entry]);
  return readable;
}

// Deletes all objects of a collection that selectors keep, and answers with the list as it was.
// Upstream: k8s.io/apiserver/pkg/registry/generic/registry/store.go (DeleteCollection).
import { ApiError } from "#machinery/api-error.ts";
import type { ApiResponse } from "#machinery/http.ts";
import type { StoredEntry } from "#storage/storage.ts";
import { layoutOf, pageResponse } from "../list/list.ts";
import { parseListOptions } from "../list/options.ts";
import { readPage } from "../list/page.ts";
import { selectionOf } from "../list/selection.ts";
import type { ResourceContext } from "../request/context.ts";
import { negotiate } from "../request/negotiation.ts";
import { deleteObject } from "./delete.ts";
import { readDeleteOptions, writeContext } from "./handlers.ts";
import { openEntry } from "./open.ts";
import type { DeleteOptions } from "./options.ts";

/** How many objects are deleted at a time: enough to fill a commit group, few enough to let others in. */
const deletesAtOnce = 64;

export async function handleDeleteCollection(context: ResourceContext): Promise<ApiResponse> {
  const { core, info, signal } = context;
  const negotiated = negotiate(context.request, info, {
    transformations: ["Table", "PartialObjectMetadataList"],
    stream: false,
  });
  const form = core.forms.of(context.resource);
  const layout = layoutOf(context, form, negotiated);
  const options = readDeleteOptions(context);
  const selection = selectionOf(core, form, info);
  const page = await readPage(core, { form, selection, options: parseListOptions(info.query), signal });
  for (let from = 0; from < page.entries.length; from += deletesAtOnce) {
    signal.throwIfAborted();
    const some = page.entries.slice(from, from + deletesAtOnce);
    await Promise.all(some.map((entry) => deleteEntry(context, entry, options)));
  }
  return pageResponse(context, { page, layout, negotiated });
}

/** One that has gone in the meantime is as good as deleted. */
async function deleteEntry(context: ResourceContext, entry: StoredEntry, options: DeleteOptions): Promise<void> {
  const { core, resource } = context;
  const form = core.forms.of(resource);
  const { name, namespace = "" } = openEntry(core, form, entry).metadata;
  try {
    await deleteObject(writeContext(context, form, options.dryRun), { ...options, namespace, name });
  } catch (error) {
    if (!(error instanceof ApiError) || error.reason !== "NotFound") throw error;
  }
}

// Lists a collection.
import type { ApiResponse } from "#machinery/http.ts";
import { splicedLength, writeSpliced } from "../crud/stored-form.ts";
import type { ResourceContext } from "../request/context.ts";
import { negotiate } from "../request/negotiation.ts";
import { bytesResponse } from "../request/respond.ts";

export async function handleList(context: ResourceContext): Promise<ApiResponse> {
  const { core, info } = context;
  const negotiated = negotiate(context.request, info, {
    transformations: ["Table", "PartialObjectMetadataList"],
    stream: false,
  });
  const form = core.forms.of(context.resource);
  const { entries, revision } = await core.storage.range({ prefix: form.collectionPrefix(info.namespace) });
  const head = Buffer.from(
    `{"kind":${JSON.stringify(form.resource.kind.listKind)},"apiVersion":${JSON.stringify(form.apiVersion)},"metadata":{"resourceVersion":"${String(revision)}"},"items":[`,
  );
  let length = head.length + 2 + Math.max(0, entries.length - 1);
  for (const entry of entries) length += splicedLength(form.itemHead, entry.value, entry.modRevision);
  const out = Buffer.allocUnsafe(length);
  let at = head.copy(out, 0);
  for (const [index, entry] of entries.entries()) {
    if (index > 0) out[at++] = 0x2c;
    at = writeSpliced(out, at, form.itemHead, entry.value, entry.modRevision);
  }
  out.write("]}", at);
  return bytesResponse(200, out, negotiated);
}

// PartialObjectMetadata: an object's metadata alone, cut out of the stored bytes. Pure.
// Upstream: k8s.io/apiserver/pkg/endpoints/handlers/response.go (asPartialObjectMetadata).
import { metadataBytes } from "../crud/stored-form.ts";

export type MetaVersion = "v1" | "v1beta1";

const heads: Readonly<Record<MetaVersion, Buffer>> = { v1: headOf("v1"), v1beta1: headOf("v1beta1") };
const end = Buffer.from("}");

/** The PartialObjectMetadata of a stored value, as JSON. */
export function partialObject(
  { value, revision }: { readonly value: Uint8Array; readonly revision: number },
  { metaVersion, bare }: { readonly metaVersion: MetaVersion; readonly bare: boolean },
): Buffer {
  const revisionField = revision === 0 ? "" : `"resourceVersion":"${String(revision)}",`;
  return Buffer.concat([heads[metaVersion], Buffer.from(revisionField), metadataBytes(value, bare), end]);
}

function headOf(version: MetaVersion): Buffer {
  return Buffer.from(`{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/${version}","metadata":{`);
}

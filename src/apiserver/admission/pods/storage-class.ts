// Claims without a storage class get the one that is marked as the default.
// Upstream: kubernetes plugin/pkg/admission/storage/storageclass/setdefault/admission.go.
import { childOf } from "#api/builtin/access.ts";
import { isDefaultStorageClass, storageClassOf } from "#api/builtin/storage-class.ts";
import type { AdmissionPlugin } from "#machinery/admission.ts";
import type { KubeObject } from "#machinery/object.ts";
import type { Storage } from "#storage/storage.ts";
import type { ParsedCache } from "../../crud/parsed-cache.ts";

/** It reads classes from storage, so it never acts on old news. */
export function defaultStorageClass(storage: Storage, parsed: ParsedCache): AdmissionPlugin {
  return {
    name: "DefaultStorageClass",
    async mutate({ kind, object, operation, subresource }) {
      if (kind.group !== "" || kind.kind !== "PersistentVolumeClaim") return;
      if (operation !== "CREATE" || subresource !== undefined) return;
      const spec = childOf(object, "spec");
      if (object === undefined || spec === undefined || storageClassOf(object) !== undefined) return;
      const { entries } = await storage.range({ prefix: "/registry/storageclasses/" });
      const [newest] = entries
        .map((entry) => parsed.get(entry))
        .filter(isDefaultStorageClass)
        .toSorted(byAge);
      if (newest !== undefined) spec["storageClassName"] = newest.metadata.name;
    },
  };
}

/** The newest first, then by name. */
function byAge({ metadata: left }: KubeObject, { metadata: right }: KubeObject): number {
  const [before = "", after = ""] = [left.creationTimestamp, right.creationTimestamp];
  if (before !== after) return before > after ? -1 : 1;
  return left.name < right.name ? -1 : 1;
}

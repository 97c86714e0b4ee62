// The last touch on a manifest before it is stored in a Work: pruned, and with a record of what Karmada manages in it.
// The binding controller and the Work admission must agree on it to the byte, or every sync would be a write.
// Upstream: karmada pkg/util/workload.go (SetLabelsAndAnnotationsForWorkload), pkg/webhook/work/mutating.go.
import type { KubeObject } from "#machinery/object.ts";
import { karmadaAnnotations, karmadaLabels } from "../karmada-constants.ts";
import { pruneManifest } from "./prune.ts";

/** `manifest` pruned, labelled with its Work's id (if there is one yet), and naming its own label and annotation keys. */
export function sealManifest(manifest: KubeObject, workId: string | undefined): KubeObject {
  const pruned = pruneManifest(manifest);
  const ownLabels = pruned.metadata.labels ?? {};
  const labels = workId === undefined || workId === "" ? ownLabels : { ...ownLabels, [karmadaLabels.workId]: workId };
  const annotations = pruned.metadata.annotations ?? {};
  const annotationKeys = new Set([
    ...Object.keys(annotations),
    karmadaAnnotations.managedAnnotations,
    karmadaAnnotations.managedLabels,
  ]);
  return {
    ...pruned,
    metadata: {
      ...pruned.metadata,
      ...(Object.keys(labels).length === 0 ? {} : { labels }),
      annotations: {
        ...annotations,
        [karmadaAnnotations.managedAnnotations]: sortedList(annotationKeys),
        [karmadaAnnotations.managedLabels]: sortedList(Object.keys(labels)),
      },
    },
  };
}

/** By code unit, as Go sorts: these keys are ASCII. */
function sortedList(keys: Iterable<string>): string {
  return [...keys].sort((left, right) => (left < right ? -1 : 1)).join(",");
}

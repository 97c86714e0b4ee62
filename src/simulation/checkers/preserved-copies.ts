// Invariant: what is to be preserved is. An object whose Work says preserveResourcesOnDeletion is not deleted in its member
// when the Work goes, and one whose eviction says purgeMode Never, or suppressDeletion, stays for as long as its template
// and its cluster are there.
import { karmadaAnnotations } from "#api/karmada-constants.ts";
import { Cluster } from "#api/cluster/cluster.ts";
import { Work } from "#api/work/work.ts";
import { bindingIn, isLive, isManaged, templateIn } from "../expected.ts";
import { changeOf, keyOf, type ObservedChange } from "../mirror.ts";
import type { Checker, Observed } from "./checker.ts";
import { templateOfKey } from "./template-of-key.ts";

export function preservedCopies({ controlPlane, mirror, isByHand }: Observed): Checker {
  /** As each Work was last, also after it has gone. */
  const works = new Map<string, Work>();
  const removed = ({ server, key, before }: ObservedChange): string | undefined => {
    const name = templateOfKey(key);
    const copy = before?.object;
    if (name === undefined || copy === undefined || !isManaged(copy) || isByHand(server, key)) return undefined;
    const { [karmadaAnnotations.workName]: workName = "", [karmadaAnnotations.workNamespace]: namespace = "" } =
      copy.metadata.annotations ?? {};
    const work = works.get(keyOf(Work, { namespace, name: workName }));
    if (work?.spec.preserveResourcesOnDeletion === true && work.metadata.deletionTimestamp !== undefined)
      return `${key} in ${server} is deleted with its Work, which says that it is to be preserved`;
    const task = bindingIn(mirror, name)?.spec.gracefulEvictionTasks?.find(({ fromCluster }) => fromCluster === server);
    const isLeaving = !isLive(mirror.find(controlPlane, Cluster, { name: server }));
    const isKept = !isLeaving && (task?.purgeMode === "Never" || task?.suppressDeletion === true);
    if (
      isKept &&
      templateIn(mirror, name)?.metadata.uid === copy.metadata.annotations?.[karmadaAnnotations.templateUid]
    )
      return `${key} in ${server} is deleted, and its eviction says that it is to stay`;
    return undefined;
  };
  return {
    committed(change) {
      const { after: work } = changeOf(controlPlane, Work, change);
      if (work !== undefined) works.set(change.key, work);
      return change.server !== controlPlane && change.after === undefined ? removed(change) : undefined;
    },
  };
}

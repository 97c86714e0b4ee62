// Bindings whose objects go along with others: who is attached to a binding, and where what it is attached to still is.
import { karmadaLabels } from "#api/karmada-constants.ts";
import { bindingReferenceKey } from "#api/karmada-names.ts";
import { type Binding, ResourceBinding } from "#api/work/binding.ts";
import type { InformerFactory } from "#client/informer.ts";
import type { ObjectRef } from "#machinery/object.ts";
import { clusterOfWork } from "./binding/decide.ts";
import { worksOfBinding } from "./work-index.ts";

const referrerIndex = "depended-by";

/** The label on attached bindings that names one referrer; its value is the referrer's permanent id. */
export function dependedByLabel(referrer: ObjectRef): string {
  return karmadaLabels.dependedByPrefix + bindingReferenceKey(referrer);
}

/** The bindings that say they are attached to this one. */
export function attachedTo(referrer: ObjectRef, informers: InformerFactory): readonly Binding[] {
  const informer = informers.for(ResourceBinding);
  informer.addIndex(referrerIndex, ({ metadata }) =>
    Object.keys(metadata.labels ?? {}).filter((key) => key.startsWith(karmadaLabels.dependedByPrefix)),
  );
  return informer
    .byIndex(referrerIndex, dependedByLabel(referrer))
    .filter(({ metadata }) => metadata.namespace === referrer.namespace);
}

/**
 * Clusters in which a referrer of this binding still is, scheduled there or on its way out: what it refers to stays as
 * long as it does. (Upstream takes it away at once, under the feet of a copy that is kept until another is healthy.)
 */
export function clustersOfReferrers({ spec }: Binding, informers: InformerFactory): ReadonlySet<string> {
  const clusters = new Set<string>();
  for (const ref of spec.requiredBy ?? []) {
    const referrer = informers.for(ResourceBinding).get(ref);
    const works = referrer === undefined ? [] : worksOfBinding(referrer, informers);
    for (const work of works) if (work.metadata.deletionTimestamp === undefined) clusters.add(clusterOfWork(work));
  }
  return clusters;
}

// Which bindings are scheduled at all. Upstream: karmada pkg/scheduler/event_handler.go (resourceBindingEventFilter).
import type { KubeObject } from "#machinery/object.ts";
import { karmadaLabels } from "../karmada-constants.ts";

/** Whether a scheduler looks after the binding. One whose policy has gone stays as it was scheduled last. */
export function isLookedAfter({ metadata: { labels = {} } }: Pick<KubeObject, "metadata">): boolean {
  const { propagationPolicyId, clusterPropagationPolicyId, bindingManagedBy } = karmadaLabels;
  return [propagationPolicyId, clusterPropagationPolicyId, bindingManagedBy].some((key) => (labels[key] ?? "") !== "");
}

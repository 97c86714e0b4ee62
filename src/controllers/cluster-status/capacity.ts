// What a member's nodes have, and what its pods have been given or wait for. Pure.
// Upstream: karmada pkg/controllers/status/cluster_status_controller.go (getResourceSummary), pkg/util/resource.go.
import type { ResourceSummary } from "#api/cluster/cluster.ts";
import type { Node, Pod } from "#api/kinds.ts";
import {
  addQuantities,
  formatQuantity,
  parseQuantity,
  type Quantity,
  quantityOf,
  zeroQuantity,
} from "#machinery/quantity.ts";

/** What one pod asks for, by resource name. */
export type PodRequests = (pod: Pod) => Readonly<Record<string, number | string>>;

/** `requests` comes from the interpreter, which knows what containers, init containers and overhead add up to. */
export function summarizeCapacity(
  nodes: readonly Node[],
  pods: readonly Pod[],
  requests: PodRequests,
): Pick<ResourceSummary, "allocatable" | "allocating" | "allocated"> {
  const allocatable = new Sum();
  for (const node of nodes) allocatable.add(node.status?.allocatable ?? {});
  const allocating = new Sum();
  const allocated = new Sum();
  const counts = { allocating: 0, allocated: 0 };
  for (const pod of pods) {
    if ((pod.spec.nodeName ?? "") === "") {
      allocating.add(requests(pod));
      counts.allocating++;
    } else if (pod.status?.phase !== "Succeeded" && pod.status?.phase !== "Failed") {
      allocated.add(requests(pod));
      counts.allocated++;
    }
  }
  return {
    allocatable: allocatable.total(),
    allocating: { ...allocating.total(), pods: formatQuantity(quantityOf(counts.allocating)) },
    allocated: { ...allocated.total(), pods: formatQuantity(quantityOf(counts.allocated)) },
  };
}

class Sum {
  readonly #quantities = new Map<string, Quantity>();

  add(amounts: Readonly<Record<string, number | string>>): void {
    for (const [name, amount] of Object.entries(amounts)) {
      this.#quantities.set(name, addQuantities(this.#quantities.get(name) ?? zeroQuantity, parseQuantity(amount)));
    }
  }

  total(): Record<string, string> {
    return Object.fromEntries([...this.#quantities].map(([name, quantity]) => [name, formatQuantity(quantity)]));
  }
}

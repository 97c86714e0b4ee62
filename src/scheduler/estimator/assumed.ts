// Workloads that were sent to clusters and whose pods do not count there yet: without them, two that are scheduled one right
// after the other would both get the same room. Upstream: karmada pkg/scheduler/cache (the assumption cache, v1.18).
import type { Binding, Component, TargetCluster } from "#api/work/binding.ts";
import { isRecord } from "#machinery/guards.ts";
import { type ObjectRef, refKey } from "#machinery/object.ts";
import { milli } from "#machinery/milli.ts";
import { type Amounts, requestsOfSet } from "../estimate/free.ts";
import type { AssumedWorkload } from "./messages.ts";

/** Whoever is not healthy by then is not assumed any longer. */
export const assumedMilliseconds = 5 * 60_000;

interface Entry {
  readonly ref: ObjectRef;
  readonly workload: AssumedWorkload;
  readonly until: number;
}

export class Assumed {
  /** By cluster, then by binding. */
  readonly #clusters = new Map<string, Map<string, Entry>>();

  /** What a new schedule adds to each cluster. `now` is monotonic. */
  remember(binding: Binding, targets: readonly TargetCluster[], now: number): void {
    const before = new Map((binding.spec.clusters ?? []).map(({ name, replicas }) => [name, replicas ?? 0]));
    const { namespace = "" } = binding.spec.resource;
    for (const { name, replicas } of targets) {
      const components = addedTo(binding, (replicas ?? 0) - (before.get(name) ?? 0), before.has(name));
      if (components.length === 0) continue;
      const entries = this.#clusters.get(name) ?? new Map<string, Entry>();
      this.#clusters.set(name, entries);
      const workload = { namespace, components };
      entries.set(refKey(binding.metadata), { ref: binding.metadata, workload, until: now + assumedMilliseconds });
    }
  }

  /** Is anything on its way anywhere? */
  get isEmpty(): boolean {
    return this.#clusters.size === 0;
  }

  /** What is still on its way to a cluster. */
  in(cluster: string, bindingOf: (ref: ObjectRef) => Binding | undefined, now: number): readonly AssumedWorkload[] {
    const entries = this.#clusters.get(cluster);
    if (entries === undefined) return [];
    for (const [key, { ref, until }] of entries) {
      if (until <= now || hasArrived(bindingOf(ref), cluster)) entries.delete(key);
    }
    if (entries.size === 0) this.#clusters.delete(cluster);
    return [...entries.values()].map(({ workload }) => workload);
  }
}

/** What workloads ask for in all, by resource, with the number of their pods. */
export function amountsOf(workloads: readonly AssumedWorkload[]): Amounts {
  const sums = new Map<string, number>();
  for (const { components } of workloads) {
    for (const [name, amount] of requestsOfSet(components)) sums.set(name, (sums.get(name) ?? 0) + amount);
    const pods = components.reduce((sum, { replicas }) => sum + replicas, 0);
    sums.set("pods", (sums.get("pods") ?? 0) + pods * milli);
  }
  return sums;
}

function addedTo({ spec }: Binding, replicas: number, wasThere: boolean): readonly Component[] {
  const { components = [], replicaRequirements } = spec;
  if (components.length > 0) return wasThere ? [] : components;
  if (replicas <= 0) return [];
  const { nodeClaim, priorityClassName, resourceRequest } = replicaRequirements ?? {};
  return [
    {
      name: spec.resource.name,
      replicas,
      replicaRequirements: {
        ...(nodeClaim === undefined ? {} : { nodeClaim }),
        ...(priorityClassName === undefined ? {} : { priorityClassName }),
        ...(resourceRequest === undefined ? {} : { resourceRequest }),
      },
    },
  ];
}

/** Its pods count in the cluster now, or it is not going there any more. */
function hasArrived(binding: Binding | undefined, cluster: string): boolean {
  const target = binding?.spec.clusters?.find(({ name }) => name === cluster);
  if (binding === undefined || target === undefined) return true;
  const item = binding.status?.aggregatedStatus?.find(({ clusterName }) => clusterName === cluster);
  if (item?.health !== "Healthy") return false;
  // Of a workload that has grown, the health may still be that of before.
  const ready = isRecord(item.status) ? item.status["readyReplicas"] : undefined;
  return typeof ready !== "number" || ready >= (target.replicas ?? 0);
}

// Moves a cluster of a binding from where the resource goes to what it is leaving. Pure.
// Upstream: karmada pkg/apis/work/v1alpha2/binding_types_helper.go (GracefulEvictCluster), evict_options.go.
import type { Binding, GracefulEvictionTask } from "#api/work/binding.ts";
import { defined } from "#std/defined.ts";

/** An eviction task without what the binding itself tells: replicas. */
export type Eviction = Omit<GracefulEvictionTask, "replicas" | "creationTimestamp"> & {
  /** Upstream leaves it to whoever sees the task first, which is a write more. */
  readonly creationTimestamp: string;
};

/** The binding without the cluster among its targets, and with a task; the same binding where the cluster is none. */
export function evict(binding: Binding, eviction: Eviction): Binding {
  const { clusters = [], gracefulEvictionTasks = [], ...rest } = binding.spec;
  const target = clusters.find(({ name }) => name === eviction.fromCluster);
  if (target === undefined) return binding;
  const isKnown = gracefulEvictionTasks.some(({ fromCluster }) => fromCluster === eviction.fromCluster);
  const replicas = (target.replicas ?? 0) > 0 ? target.replicas : undefined;
  const tasks = isKnown ? gracefulEvictionTasks : [...gracefulEvictionTasks, defined({ ...eviction, replicas })];
  const left = clusters.filter((each) => each !== target);
  const spec = { ...rest, gracefulEvictionTasks: tasks };
  return { ...binding, spec: left.length === 0 ? spec : { ...spec, clusters: left } };
}

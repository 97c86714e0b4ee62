// Invariant: what leaves a cluster gracefully is held there, and said to be, until others have taken over. An eviction ends
// only where all replicas have a place elsewhere, unless it is called off; in a calm world each that is still open says why
// by the condition EvictionHeld, and none is open that nothing keeps from its end.
import { ResourceBinding, type Binding, type GracefulEvictionTask } from "#api/work/binding.ts";
import { Cluster } from "#api/cluster/cluster.ts";
import { Deployment } from "#api/kinds.ts";
import { findCondition, isConditionTrue } from "#machinery/conditions.ts";
import { parseTime } from "#std/time.ts";
import { evictedFrom, isAtOnce, isDivided, isLive, isManaged, replicasOf } from "../expected.ts";
import { changeOf, type Mirror } from "../mirror.ts";
import { controlPlane } from "../parts.ts";
import { refOf } from "../workload/objects.ts";
import { isPast } from "./leaders-time.ts";
import type { Checker, Observed } from "./checker.ts";

export function heldEvictions({ mirror }: Observed): Checker {
  return {
    committed(change) {
      const { before, after } = changeOf(controlPlane, ResourceBinding, change);
      return before === undefined || after === undefined ? undefined : endedEarly(before, after);
    },
    unsettled() {
      for (const binding of mirror.list(controlPlane, ResourceBinding)) {
        const tasks = (binding.spec.gracefulEvictionTasks ?? []).filter((task) => isDue(mirror, task));
        if (!isLive(binding) || tasks.length === 0) continue;
        const { name } = binding.metadata;
        if (isTakenOver(mirror, binding)) return `${name}: an eviction is open, and others have taken over`;
        const held = findCondition(binding.status?.conditions, "EvictionHeld");
        if (tasks.some(isGraceful) && (held?.status !== "True" || held.message === ""))
          return `${name}: an eviction is open, and nothing says what it waits for`;
      }
      return undefined;
    },
  };
}

/** The user has not said himself what is to become of the copy. */
function isGraceful(task: GracefulEvictionTask): boolean {
  return !isAtOnce(task) && task.suppressDeletion === undefined;
}

/** It is for the controllers to say when it ends, and it has begun by their clock. */
function isDue(mirror: Mirror, { creationTimestamp, suppressDeletion }: GracefulEvictionTask): boolean {
  const created = parseTime(creationTimestamp);
  return suppressDeletion === undefined && created !== undefined && isPast(mirror, created);
}

function endedEarly(before: Binding, after: Binding): string | undefined {
  if (before.metadata.uid !== after.metadata.uid || after.metadata.deletionTimestamp !== undefined) return undefined;
  const open = evictedFrom(after);
  const targets = new Set((after.spec.clusters ?? []).map(({ name }) => name));
  const ended = (before.spec.gracefulEvictionTasks ?? []).find(
    (task) => isGraceful(task) && !open.has(task.fromCluster) && !targets.has(task.fromCluster),
  );
  if (ended === undefined || isPlaced(after)) return undefined;
  return `${after.metadata.name}: its eviction from ${ended.fromCluster} ends, and not all of it has a place elsewhere`;
}

function isPlaced(binding: Binding): boolean {
  const { spec, status } = binding;
  const { clusters = [], requiredBy = [], replicas = 0, placement } = spec;
  if (findCondition(status?.conditions, "Scheduled")?.status === "False") return false;
  if (clusters.length === 0) return requiredBy.some((entry) => (entry.clusters ?? []).length > 0);
  return !isDivided(placement) || replicasOf(binding) >= replicas;
}

/** Whether all of it is ready elsewhere, in clusters that are there. */
function isTakenOver(mirror: Mirror, binding: ResourceBinding): boolean {
  const { resource, clusters = [] } = binding.spec;
  if (resource.kind !== Deployment.kind || !isPlaced(binding) || clusters.length === 0) return false;
  return clusters.every(({ name, replicas = 0 }) => {
    const cluster = mirror.find(controlPlane, Cluster, { name });
    const copy = mirror.find(name, Deployment, refOf(resource.name));
    const isThere = isLive(cluster) && isLive(copy) && isManaged(copy);
    if (!isThere || !isConditionTrue(cluster.status?.conditions, "Ready")) return false;
    return copy.spec.replicas === replicas && copy.status?.readyReplicas === replicas;
  });
}

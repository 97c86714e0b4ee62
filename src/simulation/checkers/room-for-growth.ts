// Invariant: where replicas are divided by the room that there is, no cluster gets more of them at once than it was lately
// said to have room for. What was said may be a while old: status travels over slow links, and the scheduler may have been
// paused. What a cluster takes back when an eviction is called off had been there all the time.
import { Cluster } from "#api/cluster/cluster.ts";
import { karmadaAnnotations } from "#api/karmada-constants.ts";
import { ResourceBinding } from "#api/work/binding.ts";
import { fieldOf, isObjectOf } from "#machinery/guards.ts";
import { parseJson } from "#machinery/json.ts";
import { prefixOf } from "../mirror.ts";
import { roomSaid } from "../room.ts";
import type { Checker, Observed } from "./checker.ts";

/** For so long what was said may be believed. */
const hearsayMilliseconds = 120_000;

interface Said {
  readonly room: number;
  /** Until when it was what is said. */
  readonly until: number;
}

export function roomForGrowth({ controlPlane, now, mirror }: Observed): Checker {
  const bindings = `${prefixOf(ResourceBinding)}/`;
  const clusters = `${prefixOf(Cluster)}/`;
  /** By cluster: what was said before. */
  const saidBefore = new Map<string, readonly Said[]>();
  const mostLately = (name: string): number => {
    const cluster = mirror.find(controlPlane, Cluster, { name });
    const before = (saidBefore.get(name) ?? []).filter(({ until }) => until + hearsayMilliseconds >= now());
    return Math.max(0, cluster === undefined ? 0 : roomSaid(cluster), ...before.map(({ room }) => room));
  };
  const crowded = (before: ResourceBinding, after: ResourceBinding): string | undefined => {
    if (!isByRoom(after)) return undefined;
    const had = new Map((before.spec.clusters ?? []).map(({ name, replicas = 0 }) => [name, replicas]));
    const leaving = new Set((before.spec.gracefulEvictionTasks ?? []).map(({ fromCluster }) => fromCluster));
    for (const { name, replicas = 0 } of after.spec.clusters ?? []) {
      const growth = replicas - (had.get(name) ?? 0);
      if (growth > 0 && !leaving.has(name) && growth > mostLately(name))
        return `${after.metadata.name}: ${name} gets ${growth} replicas more, and has room for ${mostLately(name)}`;
    }
    return undefined;
  };
  return {
    committed({ server, key, before, after }) {
      if (server !== controlPlane) return undefined;
      if (key.startsWith(clusters) && before !== undefined && isObjectOf(Cluster, before.object)) {
        const { name } = before.object.metadata;
        const lately = (saidBefore.get(name) ?? []).filter(({ until }) => until + hearsayMilliseconds >= now());
        saidBefore.set(name, [...lately, { room: roomSaid(before.object), until: now() }]);
      }
      if (!key.startsWith(bindings) || before === undefined || after === undefined) return undefined;
      const [old, young] = [before.object, after.object];
      return isObjectOf(ResourceBinding, old) && isObjectOf(ResourceBinding, young) ? crowded(old, young) : undefined;
    },
  };
}

/** As the scheduler says that it has divided: the policy may say something else by now. */
function isByRoom({ metadata }: ResourceBinding): boolean {
  const applied = metadata.annotations?.[karmadaAnnotations.appliedPlacement];
  const scheduling = applied === undefined ? undefined : fieldOf(parseJson(applied), "replicaScheduling");
  if (fieldOf(scheduling, "replicaSchedulingType") !== "Divided") return false;
  const isDynamic = fieldOf(scheduling, "weightPreference", "dynamicWeight") !== undefined;
  return isDynamic || fieldOf(scheduling, "replicaDivisionPreference") === "Aggregated";
}

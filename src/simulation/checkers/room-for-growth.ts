// Invariant: where replicas are divided by the room that there is, no cluster gets more of them at once than it was lately
// said to have room for. What was said may be a while old: status travels over slow links, and the scheduler may have been
// paused. What a cluster takes back when an eviction is called off had been there all the time.
import { Cluster } from "#api/cluster/cluster.ts";
import { karmadaAnnotations } from "#api/karmada-constants.ts";
import { ResourceBinding } from "#api/work/binding.ts";
import { parseJson } from "#machinery/json.ts";
import { evictedFrom } from "../expected.ts";
import { changeOf } from "../mirror.ts";
import { isByRoom, roomSaid } from "../room.ts";
import type { Checker, Observed } from "./checker.ts";

/** For so long what was said may be believed. */
const hearsayMilliseconds = 120_000;

interface Said {
  readonly room: number;
  /** Until when it was what is said. */
  readonly until: number;
}

export function roomForGrowth({ controlPlane, now, mirror }: Observed): Checker {
  /** By cluster: what was said before. */
  const saidBefore = new Map<string, readonly Said[]>();
  const lately = (name: string): readonly Said[] =>
    (saidBefore.get(name) ?? []).filter(({ until }) => until + hearsayMilliseconds >= now());
  const mostLately = (name: string): number => {
    const cluster = mirror.find(controlPlane, Cluster, { name });
    return Math.max(0, cluster === undefined ? 0 : roomSaid(cluster), ...lately(name).map(({ room }) => room));
  };
  const crowded = (before: ResourceBinding, after: ResourceBinding): string | undefined => {
    if (!wasByRoom(after)) return undefined;
    const had = new Map((before.spec.clusters ?? []).map(({ name, replicas = 0 }) => [name, replicas]));
    const leaving = evictedFrom(before);
    for (const { name, replicas = 0 } of after.spec.clusters ?? []) {
      const growth = replicas - (had.get(name) ?? 0);
      if (growth > 0 && !leaving.has(name) && growth > mostLately(name))
        return `${after.metadata.name}: ${name} gets ${growth} replicas more, and has room for ${mostLately(name)}`;
    }
    return undefined;
  };
  return {
    committed(change) {
      const { before: cluster } = changeOf(controlPlane, Cluster, change);
      if (cluster !== undefined) {
        const { name } = cluster.metadata;
        saidBefore.set(name, [...lately(name), { room: roomSaid(cluster), until: now() }]);
      }
      const { before, after } = changeOf(controlPlane, ResourceBinding, change);
      return before === undefined || after === undefined ? undefined : crowded(before, after);
    },
  };
}

/** As the scheduler says that it has divided: the policy may say something else by now. */
function wasByRoom({ metadata }: ResourceBinding): boolean {
  const applied = metadata.annotations?.[karmadaAnnotations.appliedPlacement];
  return applied !== undefined && isByRoom(parseJson(applied));
}

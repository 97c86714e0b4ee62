// Invariant: in a calm world status equals reality: the binding says of each cluster what the object there says of itself,
// and the template has the sum; a Cluster says what room the member has. It is not calm before all workloads are ready:
// nothing keeps them from it.
import { Cluster } from "#api/cluster/cluster.ts";
import { Deployment } from "#api/kinds.ts";
import { fieldOf } from "#machinery/guards.ts";
import { isLive, isManaged, type Propagated, propagated } from "../expected.ts";
import type { Mirror } from "../mirror.ts";
import { controlPlane } from "../parts.ts";
import { roomIn, roomSaid } from "../room.ts";
import { isRunning, Job } from "../workload/jobs.ts";
import { isWorkload, refOf } from "../workload/objects.ts";
import type { Checker, Observed } from "./checker.ts";

export function trueStatus({ mirror, members }: Observed): Checker {
  return {
    unsettled() {
      for (const member of members) {
        for (const { metadata, spec, status } of mirror.list(member, Deployment)) {
          if (readyIn(status) !== spec.replicas) return `${metadata.name} in ${member}: it is not ready`;
        }
      }
      for (const member of members) {
        for (const job of mirror.list(member, Job)) {
          if (isLive(job) && !isRunning(job)) return `${job.metadata.name} in ${member}: it does not run`;
        }
      }
      for (const cluster of mirror.list(controlPlane, Cluster)) {
        const what = wrongRoom(mirror, cluster);
        if (what !== undefined) return what;
      }
      for (const each of propagated(mirror)) {
        if (typeof each === "string" || !isWorkload(each.name)) continue;
        const what = wrongStatus(mirror, each);
        if (what !== undefined) return `${each.name}: ${what}`;
      }
      return undefined;
    },
  };
}

function wrongRoom(mirror: Mirror, cluster: Cluster): string | undefined {
  const { name } = cluster.metadata;
  const [said, is] = [roomSaid(cluster), roomIn(mirror, name)];
  return said === is ? undefined : `Cluster ${name} says that it has room for ${said} pods, and it has for ${is}`;
}

function wrongStatus(mirror: Mirror, { name, template, binding }: Propagated): string | undefined {
  let sum = 0;
  for (const item of binding.status?.aggregatedStatus ?? []) {
    const copy = mirror.find(item.clusterName, Deployment, refOf(name));
    const said = readyIn(item.status);
    if (copy === undefined || !isManaged(copy)) continue;
    const is = readyIn(copy.status);
    if (said !== is) return `its binding says that ${said} replicas are ready in ${item.clusterName}, and ${is} are`;
    sum += is;
  }
  const isThere = (cluster: string): boolean => isLive(mirror.find(controlPlane, Cluster, { name: cluster }));
  const clusters = new Set((binding.spec.clusters ?? []).map((cluster) => cluster.name).filter(isThere));
  const told = new Set((binding.status?.aggregatedStatus ?? []).map(({ clusterName }) => clusterName));
  const silent = clusters.difference(told);
  if (silent.size > 0) return `its binding says nothing of ${[...silent].join()}`;
  const all = readyIn(fieldOf(template, "status"));
  return all === sum ? undefined : `it says that ${all} replicas are ready, and ${sum} are`;
}

function readyIn(status: unknown): number {
  const ready = fieldOf(status, "readyReplicas");
  return typeof ready === "number" ? ready : 0;
}

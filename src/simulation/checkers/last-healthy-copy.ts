// Invariant: Karmada never removes the last healthy copy of what a user wants to run, except by the user's word. Words are:
// the template is deleted; the cluster leaves; the eviction says Directly; the Work or the binding is deleted by hand. One
// of which it was last said that it could not be applied, or was when its Work was let go, may go, too, and what only goes
// along with others goes with them.
// A copy elsewhere counts if it is healthy now, or was a short while ago: nobody hears of a change at once.
import { Cluster } from "#api/cluster/cluster.ts";
import { conditionTypes, karmadaAnnotations } from "#api/karmada-constants.ts";
import { Work } from "#api/work/work.ts";
import { findCondition } from "#machinery/conditions.ts";
import { fieldOf, isObjectOf } from "#machinery/guards.ts";
import type { KubeObject } from "#machinery/object.ts";
import { isRunning, Job } from "../workload/jobs.ts";
import { bindingIn, isAtOnce, isLive, isManaged, templateIn } from "../expected.ts";
import type { ObservedChange } from "../mirror.ts";
import { workRefOf } from "../workload/objects.ts";
import { isCarriedByHand } from "./by-hand.ts";
import type { Checker, Observed } from "./checker.ts";
import { templateOfKey } from "./template-of-key.ts";

/** For so long what was seen last is believed: status travels over slow links, and retries back off. */
const hearsayMilliseconds = 120_000;
const worksPrefix = "/registry/work.karmada.io/works/";

export function lastHealthyCopy(world: Observed): Checker {
  const { controlPlane, members, now, isByHand } = world;
  /** By member and key: when the copy was last seen to be healthy. */
  const healthyAt = new Map<string, number>();
  /** The Works, by uid, that were let go while it was said that they could not be applied: the last word may come later. */
  const givenUp = new Set<string>();
  const wasHealthyElsewhere = (server: string, key: string): boolean =>
    members.some(
      (member) => member !== server && (healthyAt.get(`${member} ${key}`) ?? -Infinity) + hearsayMilliseconds >= now(),
    );
  return {
    committed(change) {
      const { server, key, before, after } = change;
      if (server === controlPlane && isGivenUp(change)) givenUp.add(before?.object.metadata.uid ?? "");
      const name = templateOfKey(key);
      if (server === controlPlane || name === undefined) return undefined;
      if (before !== undefined && isHealthy(before.object)) healthyAt.set(`${server} ${key}`, now());
      if (after !== undefined) {
        // It stays healthy until something is heard of it: from then on its time runs.
        if (isHealthy(after.object)) healthyAt.set(`${server} ${key}`, Infinity);
        return undefined;
      }
      if (before === undefined || !isManaged(before.object) || !isHealthy(before.object)) return undefined;
      const isWord =
        isByHand(server, key) || isUsersWord(world, change, name) || isOfNoUse(world, server, name, givenUp);
      if (isWord || wasHealthyElsewhere(server, key)) return undefined;
      return `${key} in ${server} is deleted, and it was the last healthy copy`;
    },
    restored(server) {
      for (const [copy, at] of healthyAt)
        if (copy.startsWith(`${server} `) && at === Infinity) healthyAt.set(copy, now());
      return undefined;
    },
  };
}

function isHealthy(object: KubeObject): boolean {
  if (!isLive(object)) return false;
  if (object.kind === Job.kind) return isRunning(object);
  if (object.kind !== "Deployment") return true;
  const [wanted, ready] = [fieldOf(object, "spec", "replicas"), fieldOf(object, "status", "readyReplicas")];
  return ready === wanted && fieldOf(object, "status", "observedGeneration") === object.metadata.generation;
}

function isUsersWord(world: Observed, { server, before }: ObservedChange, name: string): boolean {
  const { mirror, controlPlane } = world;
  const uid = before?.object.metadata.annotations?.[karmadaAnnotations.templateUid];
  if (templateIn(mirror, name)?.metadata.uid !== uid) return true;
  if (!isLive(mirror.find(controlPlane, Cluster, { name: server }))) return true;
  if (isCarriedByHand(world, name, [server])) return true;
  const binding = bindingIn(mirror, name);
  if (binding !== undefined && binding.spec.placement === undefined) return true;
  const tasks = binding?.spec.gracefulEvictionTasks ?? [];
  return tasks.some((task) => task.fromCluster === server && isAtOnce(task));
}

/** Words of a copy that could not even be applied may be old: nobody knows better. */
function isOfNoUse(
  { mirror, controlPlane }: Observed,
  cluster: string,
  name: string,
  givenUp: ReadonlySet<string>,
): boolean {
  const work = mirror.find(controlPlane, Work, workRefOf(name, cluster));
  return work !== undefined && (cannotBeApplied(work) || givenUp.has(work.metadata.uid ?? ""));
}

function isGivenUp({ key, before, after }: ObservedChange): boolean {
  if (!key.startsWith(worksPrefix) || before === undefined || after === undefined) return false;
  const work = before.object;
  return isObjectOf(Work, work) && isLive(work) && !isLive(after.object) && cannotBeApplied(work);
}

function cannotBeApplied({ status }: Work): boolean {
  return findCondition(status?.conditions, conditionTypes.workApplied)?.status === "False";
}

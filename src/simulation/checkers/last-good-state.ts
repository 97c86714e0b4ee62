// Invariant: the last good state of a job survives. What goes along from where it has run is the id of a run that has been
// ready; and from where it was brought with a state and has never been ready, that very state goes on. The history tells of each
// move the state that it has taken along. Not meant is what a user does by hand, and what a backup brings back.
import { karmadaAnnotations } from "#api/karmada-constants.ts";
import { ResourceBinding, type GracefulEvictionTask } from "#api/work/binding.ts";
import type { KubeObject } from "#machinery/object.ts";
import { isManaged } from "../expected.ts";
import { changeOf, keyOf } from "../mirror.ts";
import { bindingRefOf, isJob, kindOf, refOf, stateLabel } from "../workload/objects.ts";
import { isRunning, runIdOf } from "../workload/jobs.ts";
import { jobNames } from "../workload/system-plan.ts";
import { isCarriedByHand } from "./by-hand.ts";
import type { Checker, Observed } from "./checker.ts";
import { templateOfKey } from "./template-of-key.ts";

/** One copy of a job in a member, from when it was put there. */
interface Copy {
  readonly uid: string | undefined;
  readonly template: string | undefined;
  /** The state that it was put there with. */
  readonly brought: string | undefined;
  hasRun: boolean;
}

export function lastGoodState(world: Observed): Checker {
  const { controlPlane, isByHand, mirror } = world;
  /** By member and job. */
  const copies = new Map<string, Copy>();
  const goodRuns = new Set<string>();
  const see = (server: string, name: string, object: KubeObject): void => {
    const { uid, labels, annotations } = object.metadata;
    const template = annotations?.[karmadaAnnotations.templateUid];
    const key = `${server} ${name}`;
    const known = copies.get(key);
    const isKnown = known !== undefined && known.uid === uid;
    const copy = isKnown ? known : { uid, template, brought: labels?.[stateLabel], hasRun: false };
    copies.set(key, copy);
    if (!isManaged(object) || !isRunning(object)) return;
    copy.hasRun = true;
    goodRuns.add(runIdOf(object) ?? "");
  };
  const lost = (name: string, template: string, { fromCluster, preservedLabelState }: GracefulEvictionTask) => {
    const copy = copies.get(`${fromCluster} ${name}`);
    const state = preservedLabelState?.[stateLabel];
    const isByUser =
      isCarriedByHand(world, name, world.members) || isByHand(fromCluster, keyOf(kindOf(name), refOf(name)));
    if (state === undefined || copy?.template !== template || isByUser) return undefined;
    if (copy.hasRun && !goodRuns.has(state))
      return `${name} leaves ${fromCluster} with state ${state}, and has run there`;
    if (copy.hasRun || copy.brought === undefined || copy.brought === state) return undefined;
    return `${name} leaves ${fromCluster} with state ${state}, and has never run there; it came with ${copy.brought}`;
  };
  return {
    committed(change) {
      const name = templateOfKey(change.key);
      if (name !== undefined && isJob(name) && change.server !== controlPlane && change.after !== undefined)
        see(change.server, name, change.after.object);
      const { before, after } = changeOf(controlPlane, ResourceBinding, change);
      const job = jobNames.find((each) => bindingRefOf(each).name === after?.metadata.name);
      if (after === undefined || job === undefined) return undefined;
      const known = new Set((before?.spec.gracefulEvictionTasks ?? []).map(idOf));
      const isNew = (task: GracefulEvictionTask): boolean => !known.has(idOf(task));
      const fresh = (after.spec.gracefulEvictionTasks ?? []).filter(isNew);
      const template = mirror.find(controlPlane, kindOf(job), refOf(job))?.metadata.uid ?? "";
      return fresh.map((task) => lost(job, template, task)).find((what) => what !== undefined);
    },
    restored(server) {
      for (const key of copies.keys()) if (key.startsWith(`${server} `)) copies.delete(key);
      return undefined;
    },
  };
}

function idOf({ fromCluster, creationTimestamp }: GracefulEvictionTask): string {
  return `${creationTimestamp ?? ""} ${fromCluster}`;
}

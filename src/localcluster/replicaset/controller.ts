// ReplicaSets: keeps as many pods as they ask for.
// Reads: replicasets, pods.  Writes: pods, replicaset status.  Decides in ./decide.ts.
import { Pod, ReplicaSet } from "#api/kinds.ts";
import {
  type Controller,
  type ControllerContext,
  defineController,
  done,
  requeueAfter,
  watches,
} from "#runtime/index.ts";
import { Expectations } from "../expectations.ts";
import { controllerKey, ownedBy } from "../ownership.ts";
import { createPods, deletePods, type PodFailure } from "../pod-control.ts";
import { podFromTemplate } from "../pods.ts";
import { Pause } from "../pause.ts";
import { writeStatus } from "../write-status.ts";
import { planReplicaSet, type ReplicaSetPlan, replicaSetStatus } from "./decide.ts";

/** When to look again although nothing has happened: a pod that came and went unseen is no longer expected then. */
const unmetRetryMilliseconds = 5_000;
/** Between a set's writes and its next status: pods start together, and one status says it of all. */
const statusPauseMilliseconds = 20;

/** ReplicaSets as a controller. A factory, because it remembers which of its writes the informer has not shown yet. */
export function replicaSets(): Controller {
  const expectations = new Expectations();
  const pause = new Pause(statusPauseMilliseconds);
  return defineController({
    name: "replicaset-controller",
    standing: "follows",
    for: [ReplicaSet],
    watches: [watches(Pod, (pod) => controllerKey(ReplicaSet, pod))],
    options: {},
    async reconcile(key, context) {
      const { informers, clock } = context;
      const set = informers.for(ReplicaSet).get(key);
      if (set === undefined) {
        expectations.forget(key);
        pause.forget(key);
        return done;
      }
      const pods = ownedBy(informers.for(Pod), set);
      if (!expectations.areMet(key, pods, clock.monotonic())) return requeueAfter(unmetRetryMilliseconds);
      const plan = planReplicaSet(set, pods, clock.now());
      const failure = await carryOut(set, plan, expectations, context);
      const wrotePods = plan.create + plan.remove.length > 0;
      if (wrotePods) pause.wrote(key, clock.monotonic());
      if (wrotePods && failure === undefined) return requeueAfter(unmetRetryMilliseconds);
      const status = replicaSetStatus(set, pods, failure, clock.now());
      const left = failure === undefined && status !== set.status ? pause.left(key, clock.monotonic()) : 0;
      if (left > 0) return requeueAfter(left);
      if (status !== set.status) pause.wrote(key, clock.monotonic());
      await writeStatus(ReplicaSet, set, status, context);
      if (failure !== undefined) throw failure.cause;
      return plan.wakeAt === undefined ? done : requeueAfter(Math.max(0, plan.wakeAt - clock.now()));
    },
  });
}

async function carryOut(
  set: ReplicaSet,
  plan: ReplicaSetPlan,
  expectations: Expectations,
  context: ControllerContext,
): Promise<PodFailure | undefined> {
  const drafts = Array.from({ length: plan.create }, () => podFromTemplate(set, set.spec.template));
  const failure = await createPods(set, drafts, expectations, context);
  return failure ?? deletePods(set, plan.remove, expectations, context);
}

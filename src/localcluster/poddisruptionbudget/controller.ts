// PodDisruptionBudgets: keeps their status, which the API server asks before it evicts a pod.
// Reads: poddisruptionbudgets, pods, and the workloads that control them.  Writes: poddisruptionbudget status.
// Decides in ./decide.ts.
import { Deployment, Pod, PodDisruptionBudget, ReplicaSet, StatefulSet } from "#api/kinds.ts";
import { labelSelectorOf } from "#machinery/selectors.ts";
import {
  type Controller,
  type ControllerContext,
  defineController,
  done,
  requeueAfter,
  watches,
} from "#runtime/index.ts";
import { controllerOf } from "../ownership.ts";
import { Pause } from "../pause.ts";
import { writeStatus } from "../write-status.ts";
import { budgetStatus } from "./decide.ts";

const pauseMilliseconds = 100;

/** PodDisruptionBudgets as a controller. */
export function podDisruptionBudgets(): Controller {
  const pause = new Pause(pauseMilliseconds);
  return defineController({
    name: "disruption-controller",
    standing: "follows",
    for: [PodDisruptionBudget],
    watches: [
      watches(Pod, (pod, _old, { informers }) =>
        informers
          .for(PodDisruptionBudget)
          .list(pod.metadata.namespace ?? "")
          .filter((budget) => selects(budget, pod))
          .map(({ metadata: { namespace, name } }) => ({ kind: PodDisruptionBudget, namespace, name })),
      ),
    ],
    options: {},
    async reconcile(key, context) {
      const { informers, clock } = context;
      const budget = informers.for(PodDisruptionBudget).get(key);
      if (budget === undefined) {
        pause.forget(key);
        return done;
      }
      const pods = informers
        .for(Pod)
        .list(key.namespace)
        .filter((pod) => selects(budget, pod));
      const status = budgetStatus({ budget, pods, wanted: wantedOf(pods, context), now: clock.now() });
      if (status === budget.status) return done;
      const left = pause.left(key, clock.monotonic());
      if (left > 0) return requeueAfter(left);
      pause.wrote(key, clock.monotonic());
      await writeStatus(PodDisruptionBudget, budget, status, context);
      return done;
    },
  });
}

function selects({ spec }: PodDisruptionBudget, pod: Pod): boolean {
  return labelSelectorOf(spec.selector)(pod.metadata.labels);
}

/** What the controllers of the pods want together; each counts once, and a pod without one counts as itself. */
function wantedOf(pods: readonly Pod[], { informers }: ControllerContext): number {
  const sizes = new Map<string, number>();
  for (const pod of pods) {
    const owner = controllerOf(pod);
    const ref = { namespace: pod.metadata.namespace, name: owner?.name ?? "" };
    const set = owner?.kind === "ReplicaSet" ? informers.for(ReplicaSet).get(ref) : undefined;
    const above = set === undefined ? undefined : controllerOf(set);
    const deployment =
      above?.kind === "Deployment" ? informers.for(Deployment).get({ ...ref, name: above.name }) : undefined;
    const stateful = owner?.kind === "StatefulSet" ? informers.for(StatefulSet).get(ref) : undefined;
    const found = deployment ?? set ?? stateful;
    if (found === undefined) sizes.set(pod.metadata.uid ?? pod.metadata.name, 1);
    else sizes.set(found.metadata.uid ?? "", found.spec.replicas ?? 1);
  }
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}

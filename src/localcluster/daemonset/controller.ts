// DaemonSets: keeps one pod on each node that suits.
// Reads: daemonsets, pods, nodes, controllerrevisions.  Writes: pods, controllerrevisions, daemonset status.
// Decides in ./decide.ts.
import { ControllerRevision, DaemonSet, Node, Pod } from "#api/kinds.ts";
import { deepEqual } from "#machinery/equality.ts";
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
import { Pause } from "../pause.ts";
import { createPods, deletePods } from "../pod-control.ts";
import { podFromTemplate } from "../pods.ts";
import { hashIn, planRevision, revisionLabel, surplusRevisions } from "../revisions.ts";
import { writeRevisions } from "../revision-control.ts";
import { writeStatus } from "../write-status.ts";
import { type DaemonSetPlan, pinned, planDaemonSet } from "./decide.ts";

const generationLabel = "pod-template-generation";
const unmetRetryMilliseconds = 5_000;
const statusPauseMilliseconds = 20;

/** DaemonSets as a controller. */
export function daemonSets(): Controller {
  const expectations = new Expectations();
  const pause = new Pause(statusPauseMilliseconds);
  return defineController({
    name: "daemonset-controller",
    standing: "follows",
    for: [DaemonSet],
    watches: [
      watches(Pod, (pod) => controllerKey(DaemonSet, pod)),
      watches(ControllerRevision, (revision) => controllerKey(DaemonSet, revision)),
      watches(Node, (node, old, { informers }) =>
        old !== undefined && isSameForDaemons(node, old)
          ? []
          : informers
              .for(DaemonSet)
              .list()
              .map(({ metadata: { namespace, name } }) => ({ kind: DaemonSet, namespace, name })),
      ),
    ],
    options: {},
    async reconcile(key, context) {
      const { informers, clock } = context;
      const set = informers.for(DaemonSet).get(key);
      if (set === undefined) {
        expectations.forget(key);
        pause.forget(key);
        return done;
      }
      const pods = ownedBy(informers.for(Pod), set);
      if (!expectations.areMet(key, pods, clock.monotonic())) return requeueAfter(unmetRetryMilliseconds);
      const revisions = ownedBy(informers.for(ControllerRevision), set);
      const revision = planRevision(set, revisions);
      const hash = hashIn(set, revision.name);
      const plan = planDaemonSet({ set, pods, nodes: informers.for(Node).list(), hash, now: clock.now() });
      if (set.metadata.deletionTimestamp === undefined) {
        const used = pods.map(({ metadata }) => `${set.metadata.name}-${metadata.labels?.[revisionLabel] ?? ""}`);
        await writeRevisions(revision, surplusRevisions(set, revisions, new Set([revision.name, ...used])), context);
      }
      const wrotePods = await carryOut(set, plan, { hash, expectations }, context);
      if (wrotePods) pause.wrote(key, clock.monotonic());
      if (wrotePods) return requeueAfter(unmetRetryMilliseconds);
      const left = plan.status === set.status ? 0 : pause.left(key, clock.monotonic());
      if (left > 0) return requeueAfter(left);
      if (plan.status !== set.status) pause.wrote(key, clock.monotonic());
      await writeStatus(DaemonSet, set, plan.status, context);
      return plan.wakeAt === undefined ? done : requeueAfter(Math.max(0, plan.wakeAt - clock.now()));
    },
  });
}

function isSameForDaemons(node: Node, old: Node): boolean {
  return deepEqual(node.spec, old.spec) && deepEqual(node.metadata.labels, old.metadata.labels);
}

/** Were there pods to write? */
async function carryOut(
  set: DaemonSet,
  plan: DaemonSetPlan,
  { hash, expectations }: { readonly hash: string; readonly expectations: Expectations },
  context: ControllerContext,
): Promise<boolean> {
  const { template } = set.spec;
  const labels = {
    ...template.metadata?.labels,
    [revisionLabel]: hash,
    [generationLabel]: String(set.metadata.generation ?? 1),
  };
  const drafts = plan.create.map((node) => podFromTemplate(set, pinned(template, node), { labels }));
  const failure =
    (await createPods(set, drafts, expectations, context)) ??
    (await deletePods(set, plan.remove, expectations, context));
  if (failure !== undefined) throw failure.cause;
  return plan.create.length + plan.remove.length > 0;
}

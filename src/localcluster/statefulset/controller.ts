// StatefulSets: keeps numbered pods, each with its claims, in order.
// Reads: statefulsets, pods, controllerrevisions.  Writes: pods, claims, controllerrevisions, statefulset status.
// Decides in ./decide.ts.
import { ControllerRevision, PersistentVolumeClaim, Pod, StatefulSet } from "#api/kinds.ts";
import { errorText, isApiError } from "#machinery/api-error.ts";
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
import { revisionLabel, planRevision, surplusRevisions, templateIn } from "../revisions.ts";
import { writeRevisions } from "../revision-control.ts";
import { writeStatus } from "../write-status.ts";
import { buildClaims, buildPod } from "./build-pod.ts";
import { planStatefulSet, type StatefulSetPlan } from "./decide.ts";

const unmetRetryMilliseconds = 5_000;

/** StatefulSets as a controller. */
export function statefulSets(): Controller {
  const expectations = new Expectations();
  return defineController({
    name: "statefulset-controller",
    standing: "follows",
    for: [StatefulSet],
    watches: [
      watches(Pod, (pod) => controllerKey(StatefulSet, pod)),
      watches(ControllerRevision, (revision) => controllerKey(StatefulSet, revision)),
    ],
    options: {},
    async reconcile(key, context) {
      const { informers, clock } = context;
      const set = informers.for(StatefulSet).get(key);
      if (set === undefined) {
        expectations.forget(key);
        return done;
      }
      const pods = ownedBy(informers.for(Pod), set);
      if (!expectations.areMet(key, pods, clock.monotonic())) return requeueAfter(unmetRetryMilliseconds);
      const revisions = ownedBy(informers.for(ControllerRevision), set);
      const revision = planRevision(set, revisions);
      const plan = planStatefulSet({ set, pods, updateRevision: revision.name, now: clock.now() });
      if (set.metadata.deletionTimestamp === undefined) {
        const { currentRevision = "" } = plan.status;
        const used = pods.map(({ metadata }) => metadata.labels?.[revisionLabel] ?? "");
        const live = new Set([revision.name, currentRevision, ...used]);
        await writeRevisions(revision, surplusRevisions(set, revisions, live), context);
      }
      await carryOut(set, plan, { revisions, expectations }, context);
      // A pod that comes or goes brings us back at once; the status can tell of it then.
      const isEarly = plan.create.length > 0 && set.status?.observedGeneration === set.metadata.generation;
      if (!isEarly) await writeStatus(StatefulSet, set, plan.status, context);
      return plan.wakeAt === undefined ? done : requeueAfter(Math.max(0, plan.wakeAt - clock.now()));
    },
  });
}

async function carryOut(
  set: StatefulSet,
  plan: StatefulSetPlan,
  known: { readonly revisions: readonly ControllerRevision[]; readonly expectations: Expectations },
  context: ControllerContext,
): Promise<void> {
  const { client, clock, events, signal } = context;
  const { name } = set.metadata;
  for (const { ordinal, revision } of plan.create) {
    const podName = `${name}-${ordinal}`;
    await createClaims(set, ordinal, context);
    const kept = templateIn(known.revisions.find(({ metadata }) => metadata.name === revision));
    const isPresent = revision === plan.status.updateRevision;
    const template = isPresent ? set.spec.template : (kept ?? set.spec.template);
    try {
      const { metadata } = await client.create(Pod, buildPod(set, template, ordinal, revision), { signal });
      known.expectations.created(set.metadata, metadata.uid ?? "", clock.monotonic());
      events.event(set, "Normal", "SuccessfulCreate", `create Pod ${podName} in StatefulSet ${name} successful`);
    } catch (error) {
      const message = `create Pod ${podName} in StatefulSet ${name} failed error: ${errorText(error)}`;
      events.event(set, "Warning", "FailedCreate", message);
      throw error;
    }
  }
  for (const { metadata } of plan.remove) {
    known.expectations.deleted(set.metadata, metadata.uid ?? "", clock.monotonic());
    try {
      const preconditions = { uid: metadata.uid ?? "" };
      await client.delete(Pod, { name: metadata.name, namespace: metadata.namespace }, { preconditions, signal });
    } catch (error) {
      if (!isApiError(error, "NotFound", "Conflict")) throw error;
    }
    events.event(set, "Normal", "SuccessfulDelete", `delete Pod ${metadata.name} in StatefulSet ${name} successful`);
  }
}

/** Claims outlive pods: those that are there are used again. */
async function createClaims(
  set: StatefulSet,
  ordinal: number,
  { client, events, signal }: ControllerContext,
): Promise<void> {
  for (const claim of buildClaims(set, ordinal)) {
    try {
      await client.create(PersistentVolumeClaim, claim, { signal });
    } catch (error) {
      if (isApiError(error, "AlreadyExists")) continue;
      throw error;
    }
    const { name } = set.metadata;
    const message = `create Claim ${claim.metadata.name} Pod ${name}-${ordinal} in StatefulSet ${name} success`;
    events.event(set, "Normal", "SuccessfulCreate", message);
  }
}

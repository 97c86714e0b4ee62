// ReplicaSets: keeps as many pods as they ask for.
// Reads: replicasets, pods.  Writes: pods, replicaset status.  Decides in ./decide.ts.
import type { PodTemplateSpec } from "#api/generated/types.ts";
import { Pod, ReplicaSet } from "#api/kinds.ts";
import { ApiError, errorText, isApiError } from "#machinery/api-error.ts";
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

interface Failure {
  readonly reason: "FailedCreate" | "FailedDelete";
  readonly message: string;
  readonly cause: unknown;
}

/** Batches of 1, 2, 4, …: what fails for one pod will fail for the others too. */
async function carryOut(
  set: ReplicaSet,
  plan: ReplicaSetPlan,
  expectations: Expectations,
  context: ControllerContext,
): Promise<Failure | undefined> {
  const { events, client, signal, clock } = context;
  const key = { namespace: set.metadata.namespace, name: set.metadata.name };
  try {
    for (let left = plan.create, batch = 1; left > 0; batch *= 2) {
      const count = Math.min(batch, left);
      const made = await Promise.all(Array.from({ length: count }, () => client.create(Pod, podOf(set), { signal })));
      for (const pod of made) {
        expectations.created(key, pod.metadata.uid ?? "", clock.monotonic());
        events.event(set, "Normal", "SuccessfulCreate", `Created pod: ${pod.metadata.name}`);
      }
      left -= count;
    }
  } catch (error) {
    if (isTerminatingNamespace(error)) return undefined;
    events.event(set, "Warning", "FailedCreate", `Error creating: ${errorText(error)}`);
    return { reason: "FailedCreate", message: errorText(error), cause: error };
  }
  try {
    for (const pod of plan.remove) {
      const ref = { namespace: pod.metadata.namespace, name: pod.metadata.name };
      const preconditions = { uid: pod.metadata.uid ?? "" };
      expectations.deleted(key, preconditions.uid, clock.monotonic());
      await deletePod(ref, preconditions, context);
      events.event(set, "Normal", "SuccessfulDelete", `Deleted pod: ${pod.metadata.name}`);
    }
  } catch (error) {
    events.event(set, "Warning", "FailedDelete", `Error deleting: ${errorText(error)}`);
    return { reason: "FailedDelete", message: errorText(error), cause: error };
  }
  return undefined;
}

async function deletePod(
  ref: { readonly namespace: string | undefined; readonly name: string },
  preconditions: { readonly uid: string },
  { client, signal }: ControllerContext,
): Promise<void> {
  try {
    await client.delete(Pod, ref, { preconditions, signal });
  } catch (error) {
    if (!isApiError(error, "NotFound", "Conflict")) throw error;
  }
}

/** A pod from a template, owned by its controller. */
export function podFromTemplate(
  owner: { readonly apiVersion: string; readonly kind: string; readonly metadata: ReplicaSet["metadata"] },
  template: PodTemplateSpec | undefined,
): { metadata: Record<string, unknown> & { name: string }; spec: Pod["spec"] } {
  const { name, namespace, uid } = owner.metadata;
  return {
    metadata: {
      ...template?.metadata,
      name: "",
      generateName: `${name}-`,
      ...(namespace === undefined ? {} : { namespace }),
      ownerReferences: [
        {
          apiVersion: owner.apiVersion,
          kind: owner.kind,
          name,
          uid: uid ?? "",
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    spec: template?.spec ?? { containers: [] },
  };
}

function podOf(set: ReplicaSet): ReturnType<typeof podFromTemplate> {
  return podFromTemplate(set, set.spec.template);
}

function isTerminatingNamespace(error: unknown): boolean {
  return (
    error instanceof ApiError && (error.details?.causes ?? []).some(({ reason }) => reason === "NamespaceTerminating")
  );
}

// Jobs: runs pods until enough of them have succeeded, or too many have failed; deletes finished Jobs after their time.
// Reads: jobs, pods.  Writes: pods and their finalizer, job status, finished jobs.  Decides in ./decide.ts.
import { Job, Pod } from "#api/kinds.ts";
import type { Draft } from "#client/client.ts";
import { isOlderVersion } from "#client/resource-version.ts";
import { isApiError } from "#machinery/api-error.ts";
import { type ObjectRef, refKey } from "#machinery/object.ts";
import {
  type Controller,
  type ControllerContext,
  defineController,
  done,
  requeueAfter,
  watches,
} from "#runtime/index.ts";
import { Expectations } from "../expectations.ts";
import { controllerKey, controllerOf, ownedBy } from "../ownership.ts";
import { Pause } from "../pause.ts";
import { createPods, deletePods, type PodFailure } from "../pod-control.ts";
import { podFromTemplate } from "../pods.ts";
import { type JobPlan, planJob } from "./decide.ts";
import { indexAnnotation } from "./indexes.ts";
import { isTracked, trackingFinalizer } from "./tally.ts";

/** Finds the pods that wait to be let go by a Job of a name, also when the Job has gone. */
const trackedIndex = "tracked-job";
/** spec.managedBy of Jobs that are for this controller. */
const ownName = "kubernetes.io/job-controller";
const unmetRetryMilliseconds = 5_000;
const statusPauseMilliseconds = 20;

/** What one run of the controller knows beside the informers. */
interface Memory {
  readonly expectations: Expectations;
  readonly pause: Pause;
  /** uids of pods that have been let go and are not seen so yet, by key of the Job. */
  readonly released: Map<string, Set<string>>;
  /** The version that the last write made, by key: an older one in the informer is no ground for decisions. */
  readonly written: Map<string, string>;
}

/** Jobs as a controller. */
export function jobs(): Controller {
  const memory: Memory = {
    expectations: new Expectations(),
    pause: new Pause(statusPauseMilliseconds),
    released: new Map(),
    written: new Map(),
  };
  return defineController({
    name: "job-controller",
    standing: "follows",
    for: [Job],
    watches: [watches(Pod, (pod) => controllerKey(Job, pod))],
    options: {},
    async reconcile(key, context) {
      const { informers, clock } = context;
      const job = informers.for(Job).get(key);
      if (job === undefined || job.metadata.deletionTimestamp !== undefined) {
        if (job === undefined) forget(memory, key);
        await letAllGo(key, context);
        return done;
      }
      if ((job.spec.managedBy ?? ownName) !== ownName) return done;
      if (isOlderVersion(job.metadata.resourceVersion ?? "", memory.written.get(refKey(key)) ?? "")) return done;
      const pods = ownedBy(informers.for(Pod), job);
      if (!memory.expectations.areMet(key, pods, clock.monotonic())) return requeueAfter(unmetRetryMilliseconds);
      const plan = planJob({ job, pods, released: stillShown(memory, key, pods), now: clock.now() });
      const left = isStatusOnly(plan) && plan.status !== job.status ? memory.pause.left(key, clock.monotonic()) : 0;
      if (left > 0) return requeueAfter(left);
      const failure = await carryOut(job, plan, memory, context);
      if (failure !== undefined) throw failure.cause;
      return plan.wakeAt === undefined ? done : requeueAfter(Math.max(0, plan.wakeAt - clock.now()));
    },
  });
}

function forget({ expectations, pause, released, written }: Memory, key: ObjectRef): void {
  expectations.forget(key);
  pause.forget(key);
  released.delete(refKey(key));
  written.delete(refKey(key));
}

function isStatusOnly({ create, remove, release, isExpired }: JobPlan): boolean {
  return create.length + remove.length + release.length === 0 && !isExpired;
}

/** The uids that were let go and that the informer still shows with their finalizer. */
function stillShown({ released }: Memory, key: ObjectRef, pods: readonly Pod[]): Set<string> {
  const known = released.get(refKey(key)) ?? new Set();
  const shown = pods.filter((pod) => isTracked(pod) && known.has(pod.metadata.uid ?? ""));
  const left = new Set(shown.map(({ metadata }) => metadata.uid ?? ""));
  released.set(refKey(key), left);
  return left;
}

async function carryOut(
  job: Job,
  plan: JobPlan,
  memory: Memory,
  context: ControllerContext,
): Promise<PodFailure | undefined> {
  const { client, clock, events, signal } = context;
  const key = { namespace: job.metadata.namespace, name: job.metadata.name };
  if (plan.isExpired) {
    const preconditions = { uid: job.metadata.uid ?? "" };
    await client.delete(Job, key, { propagationPolicy: "Background", preconditions, signal });
    return undefined;
  }
  const noted = plan.noted === undefined ? job : await writeLocked(job, plan.noted, memory, context);
  for (const pod of plan.release) {
    await letGo(pod, context);
    memory.released.get(refKey(key))?.add(pod.metadata.uid ?? "");
  }
  const drafts = plan.create.map((index) => podOf(job, index));
  const failure =
    (await createPods(job, drafts, memory.expectations, context)) ??
    (await deletePods(job, plan.remove, memory.expectations, context));
  if (!isStatusOnly(plan)) memory.pause.wrote(key, clock.monotonic());
  // Pods that come and go bring us back at once, and the status can tell of them then.
  const isEarly = failure === undefined && plan.create.length > 0 && plan.news.length === 0 && noted === job;
  if (!isEarly && (plan.status !== job.status || noted !== job)) await writeLocked(noted, plan.status, memory, context);
  for (const { type, reason, message } of plan.news) events.event(job, type, reason, message);
  return failure;
}

/** Writes a status on the version that it was made from: who counts must not count twice. */
async function writeLocked(
  job: Job,
  status: NonNullable<Job["status"]>,
  memory: Memory,
  { client, clock, signal }: ControllerContext,
): Promise<Job> {
  const updated = await client.update(Job, { ...job, status }, { subresource: "status", signal });
  memory.written.set(refKey(job.metadata), updated.metadata.resourceVersion ?? "");
  memory.pause.wrote(job.metadata, clock.monotonic());
  return updated;
}

/** Pods of Jobs that have gone need not wait to be counted. */
async function letAllGo(key: ObjectRef, context: ControllerContext): Promise<void> {
  const informer = context.informers.for(Pod);
  informer.addIndex(trackedIndex, (pod) => {
    const owner = controllerOf(pod);
    return isTracked(pod) && owner?.kind === Job.kind ? [refKey({ ...pod.metadata, name: owner.name })] : [];
  });
  for (const pod of informer.byIndex(trackedIndex, refKey(key))) await letGo(pod, context);
}

async function letGo({ metadata }: Pod, { client, signal }: ControllerContext): Promise<void> {
  const { name, namespace, uid, finalizers = [] } = metadata;
  const left = finalizers.filter((each) => each !== trackingFinalizer);
  const patch = { metadata: { uid, finalizers: left.length === 0 ? null : left } };
  try {
    await client.patch(Pod, { name, namespace }, { type: "merge", patch }, { signal });
  } catch (error) {
    if (!isApiError(error, "NotFound")) throw error;
  }
}

function podOf(job: Job, index: number | undefined): Draft<Pod> {
  const { template } = job.spec;
  const finalizers = [trackingFinalizer];
  if (index === undefined) return podFromTemplate(job, template, { finalizers });
  const { labels, annotations } = template.metadata ?? {};
  const mark = { [indexAnnotation]: String(index) };
  const pod = podFromTemplate(job, template, {
    finalizers,
    generateName: `${job.metadata.name}-${index}-`,
    labels: { ...labels, ...mark },
    annotations: { ...annotations, ...mark },
  });
  const fieldPath = `metadata.labels['${indexAnnotation}']`;
  const env = { name: "JOB_COMPLETION_INDEX", valueFrom: { fieldRef: { fieldPath } } };
  const withIndex = <C extends { readonly env?: readonly { readonly name: string }[] }>(container: C): C => ({
    ...container,
    env: [...(container.env ?? []).filter(({ name }) => name !== env.name), env],
  });
  const { containers, initContainers } = pod.spec;
  return {
    ...pod,
    spec: {
      ...pod.spec,
      hostname: `${job.metadata.name}-${index}`,
      containers: containers.map(withIndex),
      ...(initContainers === undefined ? {} : { initContainers: initContainers.map(withIndex) }),
    },
  };
}

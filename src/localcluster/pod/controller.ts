// Pods without machines: binds each to a node, has it start and end in time, and removes it when it is deleted.
// Reads: pods, nodes.  Writes: pod bindings and statuses, and removes deleted pods: two writes in the life of an ordinary pod.
// Decides in ./placement.ts (where) and ./decide.ts (what next).
import type { PodStatus } from "#api/generated/types.ts";
import { Node, Pod } from "#api/kinds.ts";
import { isApiError } from "#machinery/api-error.ts";
import { findCondition, setCondition } from "#machinery/conditions.ts";
import { deepEqual } from "#machinery/equality.ts";
import { type ObjectRef, refKey } from "#machinery/object.ts";
import {
  type Controller,
  type ControllerContext,
  defineController,
  done,
  type ReconcileKey,
  requeueAfter,
  type Result,
  type SourceArguments,
  watches,
} from "#runtime/index.ts";
import { formatTime } from "#std/time.ts";
import type { LocalClusterSettings } from "../settings.ts";
import { writeStatus } from "../write-status.ts";
import { nextStep } from "./decide.ts";
import { NodeLoads } from "./node-loads.ts";
import { placePod } from "./placement.ts";

/** Pods worked on at once. Most of a pod's time here is waiting for its writes. */
const podWorkers = 16;
/** Pods that wait for room try again so long after some has become free: once for many pods that go together. */
const roomMilliseconds = 100;
const defaultScheduler = "default-scheduler";

/** What one run of the controller knows beside the informers. */
interface Memory {
  readonly loads: NodeLoads;
  /** Pods for which there is no node, by key: they try again when room becomes free. */
  readonly waiting: Map<string, ReconcileKey>;
  /** When a pod with a time to wait for took its last step, by key: its status has whole seconds only. */
  readonly stepped: Map<string, { readonly uid: string | undefined; readonly at: number }>;
}

/** Pods as a controller. */
export function pods(settings: LocalClusterSettings): Controller {
  const memory: Memory = { loads: new NodeLoads(), waiting: new Map(), stepped: new Map() };
  return defineController({
    name: "pod-lifecycle",
    standing: "follows",
    for: [Pod],
    watches: [watches(Node, (node, old) => (isSameForPods(node, old) ? [] : [...memory.waiting.values()]))],
    options: {},
    workers: podWorkers,
    source: (run) => followRoom(memory, run),
    async reconcile(key, context) {
      const pod = context.informers.for(Pod).get(key);
      memory.waiting.delete(refKey(key));
      if (pod === undefined || pod.metadata.deletionTimestamp !== undefined) {
        memory.stepped.delete(refKey(key));
        return pod === undefined ? done : removePod(pod, context);
      }
      return (pod.spec.nodeName ?? "") === ""
        ? bindPod(pod, key, memory, context)
        : advancePod(pod, key, { memory, settings, context });
    },
  });
}

/** Counts what is in use, and lets the pods that wait try again when some of it becomes free. Ends with the signal. */
function followRoom(memory: Memory, run: SourceArguments<object>): Promise<void> {
  const { informers, clock, signal } = run;
  let cancel: (() => void) | undefined;
  const freed = (): void => {
    if (memory.waiting.size === 0) return;
    cancel ??= clock.timer(roomMilliseconds, () => {
      cancel = undefined;
      for (const key of memory.waiting.values()) run.enqueue(key);
    });
  };
  const stop = memory.loads.follow(informers.for(Pod), freed);
  return new Promise((resolve) => {
    const end = (): void => {
      stop();
      cancel?.();
      resolve();
    };
    if (signal.aborted) end();
    else signal.addEventListener("abort", end, { once: true });
  });
}

/** Do pods that wait have no reason to try again? */
function isSameForPods(node: Node, old: Node | undefined): boolean {
  return (
    old !== undefined &&
    deepEqual(node.spec, old.spec) &&
    deepEqual(node.metadata.labels, old.metadata.labels) &&
    deepEqual(node.status?.allocatable, old.status?.allocatable) &&
    deepEqual(node.status?.addresses, old.status?.addresses)
  );
}

async function removePod(pod: Pod, { client, signal }: ControllerContext): Promise<Result> {
  const { name, namespace, uid, deletionGracePeriodSeconds } = pod.metadata;
  // Nothing is left to stop: it only waits for finalizers.
  if (deletionGracePeriodSeconds === 0) return done;
  const preconditions = uid === undefined ? {} : { uid };
  try {
    await client.delete(Pod, { name, namespace }, { gracePeriodSeconds: 0, preconditions, signal });
  } catch (error) {
    if (!isApiError(error, "NotFound", "Conflict")) throw error;
  }
  return done;
}

async function bindPod(pod: Pod, key: ReconcileKey, memory: Memory, context: ControllerContext): Promise<Result> {
  const { schedulerName = defaultScheduler, schedulingGates = [] } = pod.spec;
  if (schedulerName !== defaultScheduler || schedulingGates.length > 0) return done;
  const { client, events, informers, clock, signal } = context;
  const placement = placePod(pod, informers.for(Node).list(), memory.loads.all);
  if (placement.kind === "none") {
    memory.waiting.set(refKey(key), key);
    const status = unschedulable(pod, placement.message, clock.now());
    if (status === pod.status) return done;
    await writeStatus(Pod, pod, status, context);
    events.event(pod, "Warning", "FailedScheduling", placement.message);
    return done;
  }
  const { name, namespace, uid } = pod.metadata;
  // Counted before it is seen there, so that those bound meanwhile find the room taken.
  memory.loads.take(pod, placement.node);
  const body = {
    apiVersion: "v1",
    kind: "Binding",
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), ...(uid === undefined ? {} : { uid }) },
    target: { apiVersion: "v1", kind: "Node", name: placement.node },
  };
  const headers = { "content-type": "application/json" };
  try {
    await client.raw("POST", bindingPath({ name, namespace }), { body, headers, signal });
  } catch (error) {
    memory.loads.release(uid ?? "");
    // It has gone, or somebody else has bound it: its next event tells.
    if (!isApiError(error, "NotFound", "Conflict")) throw error;
  }
  return done;
}

function bindingPath({ name, namespace = "" }: ObjectRef): string {
  return `/api/v1/namespaces/${namespace}/pods/${name}/binding`;
}

function unschedulable(pod: Pod, message: string, now: number): PodStatus {
  const condition = { type: "PodScheduled", status: "False", reason: "Unschedulable", message };
  const known = findCondition(pod.status?.conditions, condition.type);
  if (pod.status !== undefined && known?.status === "False" && known.message === message) return pod.status;
  const stamped = { ...condition, lastTransitionTime: formatTime(now) };
  return { ...pod.status, conditions: setCondition(pod.status?.conditions, stamped, now) };
}

async function advancePod(
  pod: Pod,
  key: ReconcileKey,
  run: { readonly memory: Memory; readonly settings: LocalClusterSettings; readonly context: ControllerContext },
): Promise<Result> {
  const { memory, settings, context } = run;
  const { clock, informers, events } = context;
  const node = informers.for(Node).get({ name: pod.spec.nodeName ?? "" });
  const nodeAddress = node?.status?.addresses?.find(({ type }) => type === "InternalIP")?.address;
  if (nodeAddress === undefined) {
    // Somebody has put it on a node that is not there, or not yet.
    memory.waiting.set(refKey(key), key);
    return done;
  }
  const { uid } = pod.metadata;
  const now = clock.now();
  const stepped = memory.stepped.get(refKey(key));
  const since = stepped?.uid === uid ? stepped?.at : undefined;
  const step = nextStep({ pod, nodeAddress, settings, now, since });
  switch (step.kind) {
    case "nothing":
      memory.stepped.delete(refKey(key));
      return done;
    case "wait":
      return requeueAfter(step.until - now);
    case "status":
      if (step.more) memory.stepped.set(refKey(key), { uid, at: now });
      else memory.stepped.delete(refKey(key));
      await writeStatus(Pod, pod, step.status, context);
      if (step.warning !== undefined) events.event(pod, "Warning", step.warning.reason, step.warning.message);
      return done;
  }
}

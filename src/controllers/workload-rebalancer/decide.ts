// Which workloads a rebalancer still has to see to, what its status says then, and when it may go. Pure.
// Upstream: karmada pkg/controllers/workloadrebalancer/workloadrebalancer_controller.go.
import type { ObservedWorkload, WorkloadRebalancer } from "#api/apps/workload-rebalancer.ts";
import { deepEqual } from "#machinery/equality.ts";
import { formatTime, parseTime } from "#std/time.ts";

type Status = NonNullable<WorkloadRebalancer["status"]>;
type Workload = ObservedWorkload["workload"];

const secondMilliseconds = 1_000;

/** `notFound`: there is no binding; `failed`: try again. */
export type Answer = "triggered" | "notFound" | "failed";

/** Those asked for, and those done before that are not asked for any more; by kind and name. */
export function workloadsToObserve({ spec, status }: WorkloadRebalancer): readonly ObservedWorkload[] {
  const known = new Map((status?.observedWorkloads ?? []).map((item) => [textOf(item.workload), item]));
  const asked = new Map(spec.workloads.map((workload) => [textOf(workload), workload]));
  const kept = [...known].filter(([text, { result }]) => !asked.has(text) && result === "Successful");
  const items = [...asked].map(([text, workload]) => [text, known.get(text) ?? { workload }] as const);
  return [...kept, ...items].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, item]) => item);
}

/** Has it been seen to, well or badly? It is not looked at again. */
export function isSettled({ result }: ObservedWorkload): boolean {
  return result === "Successful" || result === "Failed";
}

/** The status with the answers; the same as before, finish time too, when there is no news. */
export function statusWith(
  { metadata, status }: WorkloadRebalancer,
  items: readonly ObservedWorkload[],
  answers: ReadonlyMap<ObservedWorkload, Answer>,
  now: number,
): Status {
  const observedWorkloads = items.map((item) => answered(item, answers.get(item)));
  const { finishTime, ...before } = status ?? {};
  const after = { observedGeneration: metadata.generation ?? 0, observedWorkloads };
  const isOver = observedWorkloads.every(isSettled);
  const finished = isOver && (finishTime === undefined || !deepEqual(before, after)) ? formatTime(now) : finishTime;
  return finished === undefined ? after : { ...after, finishTime: finished };
}

/** Milliseconds until it is to be deleted; undefined when it stays. */
export function timeLeft({ spec }: WorkloadRebalancer, status: Status, now: number): number | undefined {
  const finished = parseTime(status.finishTime);
  if (spec.ttlSecondsAfterFinished === undefined || finished === undefined) return undefined;
  if (!(status.observedWorkloads ?? []).every(isSettled)) return undefined;
  return Math.max(0, finished + spec.ttlSecondsAfterFinished * secondMilliseconds - now);
}

function answered(item: ObservedWorkload, answer: Answer | undefined): ObservedWorkload {
  const { workload } = item;
  if (answer === "triggered") return { workload, result: "Successful" };
  if (answer === "notFound") return { workload, result: "Failed", reason: "ReferencedBindingNotFound" };
  return item;
}

function textOf({ apiVersion, kind, namespace = "", name }: Workload): string {
  return `${apiVersion} ${kind} ${namespace} ${name}`;
}

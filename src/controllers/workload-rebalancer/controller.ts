// Has workloads scheduled anew: marks their bindings with the rebalancer's time, notes how it went, and goes when its time
// to live is over.
// Reads: WorkloadRebalancers, bindings.  Writes: spec.rescheduleTriggeredAt of bindings, its status, its deletion.
// Decides in ./decide.ts. Upstream: karmada pkg/controllers/workloadrebalancer.
import { type ObservedWorkload, WorkloadRebalancer } from "#api/apps/workload-rebalancer.ts";
import { bindingName } from "#api/karmada-names.ts";
import { isApiError } from "#machinery/api-error.ts";
import { deepEqual } from "#machinery/equality.ts";
import {
  type Controller,
  type ControllerContext,
  defineController,
  done,
  requeueAfter,
  type Result,
} from "#runtime/controller.ts";
import { forEachBounded } from "#std/bounded.ts";
import { parseTime } from "#std/time.ts";
import { bindingScopeOf } from "../binding-scope.ts";
import { type Answer, isSettled, statusWith, timeLeft, workloadsToObserve } from "./decide.ts";

/** Bindings of one rebalancer marked at once. */
const writesAtOnce = 8;

export function workloadRebalancerController(): Controller {
  return defineController({
    name: "workloadRebalancer",
    for: [WorkloadRebalancer],
    changed: ({ metadata }, old) => metadata.generation !== old.metadata.generation,
    options: {},
    reconcile(key, context) {
      const rebalancer = context.informers.for(WorkloadRebalancer).get(key);
      const gone = rebalancer === undefined || rebalancer.metadata.deletionTimestamp !== undefined;
      return gone ? Promise.resolve(done) : rebalance(rebalancer, context);
    },
  });
}

async function rebalance(rebalancer: WorkloadRebalancer, context: ControllerContext): Promise<Result> {
  const { client, clock, signal } = context;
  const items = workloadsToObserve(rebalancer);
  const answers = new Map<ObservedWorkload, Answer>();
  const open = items.filter((item) => !isSettled(item));
  await forEachBounded(open, writesAtOnce, async (item) => {
    answers.set(item, await trigger(item, rebalancer.metadata.creationTimestamp, context));
  });
  const status = statusWith(rebalancer, items, answers, clock.now());
  let { resourceVersion } = rebalancer.metadata;
  if (!deepEqual(status, rebalancer.status)) {
    const patch = { type: "merge", patch: { status } } as const;
    const answer = await client.patch(WorkloadRebalancer, rebalancer.metadata, patch, {
      signal,
      subresource: "status",
    });
    ({ resourceVersion } = answer.metadata);
  }
  const failed = [...answers.values()].filter((answer) => answer === "failed").length;
  if (failed > 0) throw new Error(`${failed} resource reschedule triggered failed and need retry`);
  const left = timeLeft(rebalancer, status, clock.now());
  if (left === undefined) return done;
  if (left > 0) return requeueAfter(left);
  const preconditions = resourceVersion === undefined ? {} : { preconditions: { resourceVersion } };
  await client.delete(WorkloadRebalancer, rebalancer.metadata, { signal, ...preconditions }).catch(unlessGone);
  return done;
}

/** Marks the workload's binding, unless it has been marked since. */
async function trigger(
  { workload }: ObservedWorkload,
  asked: string | undefined,
  { client, log, signal }: ControllerContext,
): Promise<Answer> {
  const { kind } = bindingScopeOf(workload.namespace);
  const namespace = workload.namespace === "" ? undefined : workload.namespace;
  const ref = { namespace, name: bindingName(workload.kind, workload.name) };
  try {
    // From the server: a failure is final, and the informer may be behind.
    const binding = await client.find(kind, ref, { signal });
    if (binding === undefined) return "notFound";
    const before = parseTime(binding.spec.rescheduleTriggeredAt);
    if (before !== undefined && before >= (parseTime(asked) ?? 0)) return "triggered";
    const patch = { spec: { rescheduleTriggeredAt: asked } };
    await client.patch(kind, ref, { type: "merge", patch }, { signal });
    return "triggered";
  } catch (error) {
    if (isApiError(error, "NotFound")) return "notFound";
    log.debug("a binding could not be marked", { kind: kind.kind, ...ref, error: String(error) });
    return "failed";
  }
}

function unlessGone(error: unknown): void {
  if (!isApiError(error, "NotFound")) throw error;
}

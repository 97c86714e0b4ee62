// The descheduler: takes replicas back from clusters whose nodes have not taken them for some time, so that the scheduler
// finds another place for them. Reads: bindings, members' estimators.  Writes: spec.clusters[].replicas.
// Decides in ./decide.ts. Upstream: karmada pkg/descheduler/descheduler.go; there only for Deployments.
import { type Binding, ClusterResourceBinding, ResourceBinding } from "#api/work/binding.ts";
import { errorText } from "#machinery/api-error.ts";
import {
  type Controller,
  type ControllerContext,
  defineController,
  done,
  type ReconcileKey,
  type SourceArguments,
  watches,
} from "#runtime/controller.ts";
import { deadlineSignal } from "#std/abort.ts";
import type { Estimators } from "../estimator/estimator-client.ts";
import { bindingKinds, keyOf } from "../watches.ts";
import { toldOf } from "../writes/events.ts";
import { deschedule, type Descheduling, deschedulingText, type Suspect, suspectsOf } from "./decide.ts";

export interface DeschedulerOptions {
  readonly estimators: Estimators;
  /** `--descheduling-interval` */
  readonly intervalMilliseconds: number;
  /** `--unschedulable-threshold`: for how long a pod must have found no node. */
  readonly thresholdMilliseconds: number;
  /** `--scheduler-estimator-timeout` */
  readonly timeoutMilliseconds: number;
}

export function descheduler(options: DeschedulerOptions): Controller<DeschedulerOptions> {
  return defineController<DeschedulerOptions>({
    name: "descheduler",
    for: [],
    watches: [watches(ResourceBinding, () => []), watches(ClusterResourceBinding, () => [])],
    source: lookAround,
    options,
    reconcile: reconcileBinding,
  });
}

/** Time alone makes a pod stuck: nothing tells of it. */
async function lookAround(args: SourceArguments<DeschedulerOptions>): Promise<void> {
  const { informers, clock, options, signal } = args;
  for (;;) {
    await clock.sleep(options.intervalMilliseconds, signal);
    for (const kind of bindingKinds) {
      for (const binding of informers.for<Binding>(kind).list()) {
        if (suspectsOf(binding).length > 0) args.enqueue(keyOf(kind, binding));
      }
    }
  }
}

async function reconcileBinding(
  key: ReconcileKey,
  context: ControllerContext<DeschedulerOptions>,
): ReturnType<Controller["reconcile"]> {
  const { client, informers, events, signal } = context;
  const kind = bindingKinds.find((each) => each.kind === key.kind.kind);
  const binding = kind === undefined ? undefined : informers.for<Binding>(kind).get(key);
  const suspects = binding === undefined ? [] : suspectsOf(binding);
  if (kind === undefined || binding === undefined || suspects.length === 0) return done;
  const descheduling = deschedule(binding, suspects, await unschedulableIn(binding, suspects, context));
  if (descheduling === undefined) return done;
  // The list is written whole, so only over the one that it was made from.
  const { resourceVersion } = binding.metadata;
  const patch = { metadata: { resourceVersion }, spec: { clusters: descheduling.clusters } };
  try {
    await client.patch(kind, key, { type: "merge", patch }, { signal });
  } catch (error) {
    for (const target of toldOf(binding)) events.event(target, "Warning", "DescheduleBindingFailed", errorText(error));
    throw error;
  }
  tell(binding, descheduling, context);
  return done;
}

/** By cluster; who cannot tell is left as it is. */
async function unschedulableIn(
  binding: Binding,
  suspects: readonly Suspect[],
  { clock, log, options, signal }: ControllerContext<DeschedulerOptions>,
): Promise<ReadonlyMap<string, number>> {
  const { apiVersion, kind, name, namespace = "" } = binding.spec.resource;
  const resource = { apiVersion, kind, name, namespace };
  const { estimators, thresholdMilliseconds, timeoutMilliseconds } = options;
  using limit = deadlineSignal(clock, timeoutMilliseconds, signal);
  const answers = suspects.map(async ({ cluster }): Promise<readonly [string, number]> => {
    try {
      const request = { cluster, resource, thresholdMilliseconds };
      return [cluster, (await estimators.of(cluster)?.unschedulableReplicas(request, limit)) ?? 0];
    } catch (error) {
      signal.throwIfAborted();
      log.warn("a member does not tell which replicas find no node", { cluster, error: errorText(error) });
      return [cluster, 0];
    }
  });
  return new Map(await Promise.all(answers));
}

function tell(binding: Binding, { taken }: Descheduling, { events }: ControllerContext<DeschedulerOptions>): void {
  for (const target of toldOf(binding))
    events.event(target, "Normal", "DescheduleBindingSucceed", deschedulingText(taken));
}

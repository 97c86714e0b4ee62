// policy/v1 PodDisruptionBudget. Upstream: karmada pkg/resourceinterpreter/default/native.
import { PodDisruptionBudget } from "#api/kinds.ts";
import type { AggregatedStatusItem } from "#api/work/binding.ts";
import { isRecord } from "#machinery/guards.ts";
import { defineInterpretation } from "../interpretation.ts";
import { memberStatuses, sums, withStatus } from "./member-status.ts";

const counters = {
  always: ["disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods"],
  unlessZero: [],
} as const;

export const podDisruptionBudget = defineInterpretation({
  kind: PodDisruptionBudget,
  aggregateStatus(object, items) {
    const disruptedPods = allDisruptedPods(items ?? []);
    return withStatus(object, {
      ...(Object.keys(disruptedPods).length === 0 ? {} : { disruptedPods }),
      ...sums(memberStatuses(items), counters),
    });
  },
  reflectStatus({ status }) {
    if (status === undefined) return undefined;
    const { disruptedPods } = status;
    return { ...(disruptedPods === undefined ? {} : { disruptedPods }), ...sums([{ ...status }], counters) };
  },
  /** Servers make budgets with zeros: until its controller has looked nothing is known. (For upstream 0 of 0 is healthy.) */
  interpretHealth({
    status: { observedGeneration = 0, expectedPods = 0, currentHealthy = 0, desiredHealthy = 0 } = {},
  }) {
    return (observedGeneration > 0 || expectedPods > 0) && currentHealthy >= desiredHealthy;
  },
});

/** Pods of different members can have one name. */
function allDisruptedPods(items: readonly AggregatedStatusItem[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    items.flatMap(({ clusterName, status }) => {
      const pods = status?.["disruptedPods"];
      return isRecord(pods) ? Object.entries(pods).map(([name, time]) => [`${clusterName}/${name}`, time]) : [];
    }),
  );
}

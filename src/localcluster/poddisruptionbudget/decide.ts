// What a PodDisruptionBudget says: how many of its pods are healthy, have to be, and may be disturbed.
// Upstream: kubernetes pkg/controller/disruption/disruption.go (trySync, getExpectedPodCount, updatePdbStatus).
import type { PodDisruptionBudgetStatus } from "#api/generated/types.ts";
import type { Pod, PodDisruptionBudget } from "#api/kinds.ts";
import { setCondition } from "#machinery/conditions.ts";
import { deepEqual } from "#machinery/equality.ts";
import { scaledValue } from "#machinery/int-or-string.ts";
import { formatTime } from "#std/time.ts";
import { hasEnded, isReady, isTerminating } from "../pods.ts";

export interface BudgetInput {
  readonly budget: PodDisruptionBudget;
  /** Those that the budget selects. */
  readonly pods: readonly Pod[];
  /** The sum of what their controllers want. */
  readonly wanted: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** The status; an equal one is given back as it is. */
export function budgetStatus({ budget, pods, wanted, now }: BudgetInput): PodDisruptionBudgetStatus {
  const { spec, status, metadata } = budget;
  const { minAvailable, maxUnavailable } = spec;
  const living = pods.filter((pod) => !hasEnded(pod));
  const byController = maxUnavailable !== undefined || typeof minAvailable === "string";
  const expectedPods = byController ? wanted : living.length;
  const desiredHealthy =
    maxUnavailable === undefined
      ? scaledValue(minAvailable ?? 1, expectedPods, "up")
      : Math.max(0, expectedPods - scaledValue(maxUnavailable, expectedPods, "up"));
  const currentHealthy = living.filter((pod) => isReady(pod) && !isTerminating(pod)).length;
  const disruptionsAllowed = expectedPods === 0 ? 0 : Math.max(0, currentHealthy - desiredHealthy);
  const next: PodDisruptionBudgetStatus = {
    ...(metadata.generation === undefined ? {} : { observedGeneration: metadata.generation }),
    disruptionsAllowed,
    currentHealthy,
    desiredHealthy,
    expectedPods,
    conditions: setCondition(status?.conditions, conditionOf(budget, disruptionsAllowed > 0, now), now),
  };
  return status !== undefined && deepEqual(next, status) ? status : next;
}

function conditionOf(
  { metadata }: PodDisruptionBudget,
  isAllowed: boolean,
  now: number,
): NonNullable<PodDisruptionBudgetStatus["conditions"]>[number] {
  return {
    type: "DisruptionAllowed",
    status: isAllowed ? "True" : "False",
    reason: isAllowed ? "SufficientPods" : "InsufficientPods",
    message: "",
    observedGeneration: metadata.generation ?? 0,
    lastTransitionTime: formatTime(now),
  };
}

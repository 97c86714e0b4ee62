// Status conditions: lists with one entry per type, whose lastTransitionTime tells when the status last flipped.
// Upstream: k8s.io/apimachinery/pkg/api/meta/conditions.go.
import { formatTime } from "#std/time.ts";
import { deepEqual } from "./equality.ts";

export interface Condition {
  readonly type: string;
  /** True, False or Unknown. */
  readonly status: string;
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
  readonly lastTransitionTime?: string | undefined;
  readonly observedGeneration?: number | undefined;
}

/** The condition of a type, or undefined. */
export function findCondition<C extends Condition>(conditions: readonly C[] | undefined, type: string): C | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/** Whether the condition of a type is there and True. */
export function isConditionTrue(conditions: readonly Condition[] | undefined, type: string): boolean {
  return findCondition(conditions, type)?.status === "True";
}

/**
 * `conditions` with `condition` in place of the one of its type, or at the end. lastTransitionTime is `now` (milliseconds)
 * where the status flips, else what it was. The same list comes back if nothing changes; `conditions` is not edited.
 */
export function setCondition<C extends Condition>(
  conditions: readonly C[] | undefined,
  condition: C,
  now: number,
): readonly C[] {
  const list = conditions ?? [];
  const index = list.findIndex(({ type }) => type === condition.type);
  const old = list[index];
  const time = old?.status === condition.status ? old.lastTransitionTime : condition.lastTransitionTime;
  const next: C = { ...condition, lastTransitionTime: time ?? formatTime(now) };
  if (old === undefined) return [...list, next];
  const merged: C = { ...old, ...next };
  return deepEqual(old, merged) ? list : list.with(index, merged);
}

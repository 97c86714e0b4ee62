// What a Work says of its dispatch. Pure. Upstream: karmada pkg/controllers/execution/execution_controller.go.
import { conditionMessages, conditionReasons, conditionTypes } from "#api/karmada-constants.ts";
import type { Condition } from "#api/meta-types.ts";
import type { Work } from "#api/work/work.ts";
import { findCondition, setCondition } from "#machinery/conditions.ts";
import { formatTime } from "#std/time.ts";

/** What is to be said of the last try to apply a Work; undefined leaves it as it was. */
export type Outcome =
  | { readonly kind: "applied" }
  /** `applied` of `total` manifests went through. */
  | { readonly kind: "failed"; readonly applied: number; readonly total: number; readonly reason: string };

/** The Work's conditions with both said; the same list where nothing changes. */
export function conditionsAfter(work: Work, outcome: Outcome | undefined, now: number): readonly Condition[] {
  const current = work.status?.conditions ?? [];
  const time = formatTime(now);
  const dispatching = { ...dispatchingOf(work), lastTransitionTime: time };
  // Only a change of the status is told, as upstream.
  const told = isDispatchingTold(work) ? current : setCondition(current, dispatching, now);
  return outcome === undefined ? told : setCondition(told, { ...appliedOf(outcome), lastTransitionTime: time }, now);
}

/** Whether the Work already says whether it is being dispatched. */
export function isDispatchingTold(work: Work): boolean {
  const { workDispatching } = conditionTypes;
  return findCondition(work.status?.conditions, workDispatching)?.status === dispatchingOf(work).status;
}

type Saying = Omit<Condition, "lastTransitionTime">;

export function dispatchingOf({ spec }: Work): Saying {
  const type = conditionTypes.workDispatching;
  return spec.suspendDispatching === true
    ? {
        type,
        status: "False",
        reason: conditionReasons.suspendDispatching,
        message: conditionMessages.suspendDispatching,
      }
    : { type, status: "True", reason: conditionReasons.dispatching, message: conditionMessages.dispatching };
}

function appliedOf(outcome: Outcome): Saying {
  const type = conditionTypes.workApplied;
  if (outcome.kind === "applied") {
    return { type, status: "True", reason: conditionReasons.applied, message: conditionMessages.applied };
  }
  const message = `Failed to apply all manifests (${outcome.applied}/${outcome.total}): ${outcome.reason}`;
  return { type, status: "False", reason: conditionReasons.appliedFailed, message: cut(message) };
}

/** metav1.Condition allows so many characters. */
const messageCharactersMax = 32_768;

function cut(message: string): string {
  return message.length <= messageCharactersMax ? message : message.slice(0, messageCharactersMax);
}

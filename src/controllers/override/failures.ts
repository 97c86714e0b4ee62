// How overrides that could not be applied are told: as a condition that names each. Pure.
import { conditionMessages, conditionReasons, conditionTypes } from "#api/karmada-constants.ts";
import { type Condition, findCondition, setCondition } from "#machinery/conditions.ts";
import { formatTime } from "#std/time.ts";
import type { OverrideFailed } from "./explain-overrides.ts";

/** A condition names so many failures and counts the others. */
const failuresNamedMax = 10;
/** Of each failure: the messages of parsers can quote what they read. */
const failureCharactersMax = 1024;

interface FullCondition {
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: string;
}

/**
 * Conditions with OverridesApplied: False as long as an override cannot be applied somewhere, with policy, rule, path
 * and cluster of each. Where nothing has ever failed there is none. The same list comes back if nothing changes.
 */
export function withOverrideFailures<C extends Condition>(
  conditions: readonly C[] | undefined,
  failures: readonly OverrideFailed[],
  now: number,
): readonly (C | FullCondition)[] | undefined {
  const type = conditionTypes.overridesApplied;
  if (failures.length === 0 && findCondition(conditions, type)?.status !== "False") return conditions;
  const condition: FullCondition = {
    type,
    ...(failures.length === 0
      ? { status: "True", reason: conditionReasons.overridesApplied, message: conditionMessages.overridesApplied }
      : { status: "False", reason: conditionReasons.overrideFailed, message: failuresText(failures) }),
    lastTransitionTime: formatTime(now),
  };
  return setCondition<C | FullCondition>(conditions, condition, now);
}

/** By cluster, so that the text does not depend on which Work was rendered first. */
function failuresText(failures: readonly OverrideFailed[]): string {
  const sorted = failures.toSorted((left, right) => (left.cluster < right.cluster ? -1 : 1));
  const named = sorted.slice(0, failuresNamedMax).map(({ message }) => shortened(message));
  const more = sorted.length - named.length;
  return [...named, ...(more > 0 ? [`and ${more} more`] : [])].join("; ");
}

function shortened(text: string): string {
  return text.length > failureCharactersMax ? `${text.slice(0, failureCharactersMax - 1)}…` : text;
}

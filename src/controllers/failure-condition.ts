// A condition that tells what fails of an object: False as long as something does, with each failure in its message. Pure.
import { type Condition, findCondition, setCondition } from "#machinery/conditions.ts";
import { formatTime } from "#std/time.ts";

/** A condition names so many failures and counts the others. */
const failuresNamedMax = 10;
/** Of each failure: the messages of parsers can quote what they read. */
const failureCharactersMax = 1024;

export interface Failure {
  /** Where it failed; empty where it is about no cluster. */
  readonly cluster: string;
  readonly message: string;
}

/** What the condition is called and says. */
export interface FailureWords {
  readonly type: string;
  readonly fine: { readonly reason: string; readonly message: string };
  readonly failed: { readonly reason: string };
}

/** What fails in one way. */
export interface FailureReport {
  readonly words: FailureWords;
  readonly failures: readonly Failure[];
}

interface FullCondition {
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: string;
}

/**
 * Conditions with the one of these words: False as long as something fails. Where nothing has ever failed there is
 * none. The same list comes back if nothing changes.
 */
export function withFailures<C extends Condition>(
  conditions: readonly C[] | undefined,
  { type, fine, failed }: FailureWords,
  failures: readonly Failure[],
  now: number,
): readonly (C | FullCondition)[] | undefined {
  if (failures.length === 0 && findCondition(conditions, type)?.status !== "False") return conditions;
  const condition: FullCondition = {
    type,
    ...(failures.length === 0
      ? { status: "True", ...fine }
      : { status: "False", ...failed, message: failuresText(failures) }),
    lastTransitionTime: formatTime(now),
  };
  return setCondition<C | FullCondition>(conditions, condition, now);
}

/** The same for several at once. */
export function withReports<C extends Condition>(
  conditions: readonly C[] | undefined,
  reports: readonly FailureReport[],
  now: number,
): readonly (C | FullCondition)[] | undefined {
  return reports.reduce<readonly (C | FullCondition)[] | undefined>(
    (list, { words, failures }) => withFailures(list, words, failures, now),
    conditions,
  );
}

/** By cluster, so that the text does not depend on what was looked at first. */
function failuresText(failures: readonly Failure[]): string {
  const sorted = failures.toSorted(
    (left, right) => order(left.cluster, right.cluster) || order(left.message, right.message),
  );
  const named = sorted.slice(0, failuresNamedMax).map(({ message }) => shortened(message));
  const more = sorted.length - named.length;
  return [...named, ...(more > 0 ? [`and ${more} more`] : [])].join("; ");
}

function order(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function shortened(text: string): string {
  return text.length > failureCharactersMax ? `${text.slice(0, failureCharactersMax - 1)}…` : text;
}

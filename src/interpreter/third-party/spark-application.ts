// sparkoperator.k8s.io/v1beta2 SparkApplication.
import { fieldOf, isRecord } from "#machinery/guards.ts";
import { interpretationOf } from "../interpretation.ts";
import { type MemberStatus, memberStatuses, soleStatus, sums, withStatus } from "../native/member-status.ts";
import { latest } from "../native/times.ts";
import { timeOf } from "./job-status.ts";
import { sparkComponents } from "./spark-components.ts";
import { statusHooks } from "./status.ts";
import { textAt } from "./reading.ts";

/** From the worst; states of one line are as bad as each other. */
const ranks: readonly (readonly string[])[] = [
  ["FAILED", "FAILING", "SUBMISSION_FAILED"],
  ["INVALIDATING"],
  ["RUNNING", "RESUMING", "SUCCEEDING"],
  ["SUSPENDED", "SUSPENDING"],
  ["COMPLETED"],
  ["SUBMITTED", "PENDING_RERUN"],
];

export const sparkApplication = interpretationOf("sparkoperator.k8s.io/v1beta2", "SparkApplication", {
  getComponents: sparkComponents,
  reflectStatus: statusHooks({
    reflectedOnly: [
      "applicationState",
      "driverInfo",
      "executorState",
      "sparkApplicationId",
      "lastSubmissionAttemptTime",
      "submissionAttempts",
      "executionAttempts",
      "submissionID",
      "terminationTime",
    ],
  }).reflectStatus,
  aggregateStatus(object, items) {
    const only = soleStatus(items);
    if (only !== undefined) return withStatus(object, only);
    const statuses = memberStatuses(items);
    const executors = statuses.flatMap(({ executorState }) =>
      isRecord(executorState) ? Object.entries(executorState) : [],
    );
    return withStatus(object, {
      ...worstState(statuses),
      ...sums(statuses, { unlessZero: ["submissionAttempts", "executionAttempts"] }),
      ...(executors.length === 0 ? {} : { executorState: Object.fromEntries(executors) }),
      ...timeOf(statuses, "lastSubmissionAttemptTime", latest),
      ...timeOf(statuses, "terminationTime", latest),
    });
  },
  interpretHealth(object) {
    const state = textAt(object, "status", "applicationState", "state");
    return state !== undefined && state !== "FAILED";
  },
});

function worstState(statuses: readonly MemberStatus[]): MemberStatus {
  const states = statuses.flatMap(({ applicationState }) => (isRecord(applicationState) ? [applicationState] : []));
  const rank = (state: unknown): number => {
    const found = ranks.findIndex((names) => names.includes(String(fieldOf(state, "state"))));
    return found === -1 ? ranks.length : found;
  };
  const [applicationState] = states.toSorted((left, right) => rank(left) - rank(right));
  return applicationState === undefined ? {} : { applicationState };
}

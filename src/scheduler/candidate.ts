// What the steps of a decision hand on: clusters that passed the filters, and how a decision can fail.

import type { Answer } from "./estimate/answers.ts";

/** A cluster that may be chosen. */
export interface Candidate {
  readonly name: string;
  /** Empty when it has none; as the provider. */
  readonly region: string;
  readonly provider: string;
  readonly zones: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** Sum of the plugins' scores. */
  readonly score: number;
  /** What each plugin that scores gave. */
  readonly scores: readonly { readonly plugin: string; readonly score: number }[];
  /** 0: of the first choice; then the overflow groups in order. */
  readonly tier: number;
  /** Replicas that it has now. */
  readonly assigned: number;
  /** Further replicas that would fit: the least of what `bySummary` and `answer` say. */
  readonly allocatable: number;
  /** By the cluster's summary and models. */
  readonly bySummary: number;
  /** Of the cluster's own estimator; undefined where none was asked. */
  readonly answer: Answer | undefined;
}

/** Room for the whole workload: what it has and what would fit. */
export function available(candidate: Candidate): number {
  return candidate.allocatable + candidate.assigned;
}

/** Why a binding cannot be scheduled as it is; the texts are the condition's reasons. */
export type FailureReason = "NoClusterFit" | "Unschedulable" | "SchedulerError" | "QuotaExceeded";

/** Thrown within a decision, and caught at its top: the steps stay readable. */
export class ScheduleFailure extends Error {
  override readonly name = "ScheduleFailure";
  readonly reason: FailureReason;

  constructor(reason: FailureReason, message: string) {
    super(message);
    this.reason = reason;
  }
}

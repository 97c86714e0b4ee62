// What members' own estimators answered for one binding: part of the snapshot that a decision stands on.
// Upstream: karmada pkg/scheduler/core/util.go (calAvailableReplicas).

export type Answer =
  /** So many further replicas, or whole sets, fit. */
  | { readonly kind: "answered"; readonly fitting: number }
  /** There is an estimator, but it did not answer in time: nothing more is sent there than there is. */
  | { readonly kind: "late" }
  /** There is none, or it cannot tell: the cluster's summary alone counts. */
  | { readonly kind: "failed"; readonly message: string };

/** By cluster; those that were not asked are not in it. */
export type Answers = ReadonlyMap<string, Answer>;

export const noAnswers: Answers = new Map();

/** What a cluster takes: the least of what its summary and its own estimator say. */
export function leastOf(bySummary: number, answer: Answer | undefined): number {
  switch (answer?.kind) {
    case "answered":
      return Math.max(0, Math.min(bySummary, answer.fitting));
    case "late":
      return 0;
    case "failed":
    case undefined:
      return bySummary;
  }
}

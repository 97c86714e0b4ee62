// autoscaling/v2 HorizontalPodAutoscaler. Upstream: karmada pkg/resourceinterpreter/default/native.
import { HorizontalPodAutoscaler } from "#api/kinds.ts";
import { defineInterpretation } from "../interpretation.ts";
import { memberStatuses, sums, withStatus } from "./member-status.ts";

const counters = { always: ["desiredReplicas"], unlessZero: ["currentReplicas"] } as const;

export const horizontalPodAutoscaler = defineInterpretation({
  kind: HorizontalPodAutoscaler,
  /** The list of metrics may not be absent from this status; it is not added up. */
  aggregateStatus: (object, items) =>
    withStatus(object, { ...sums(memberStatuses(items), counters), currentMetrics: null }),
  reflectStatus: ({ status }) => (status === undefined ? undefined : sums([{ ...status }], counters)),
});

// CronFederatedHPA: scales by the clock. Upstream: karmada pkg/apis/autoscaling/v1alpha1/cronfederatedhpa_types.go.
import type { ObjectOf } from "#machinery/object.ts";
import { defineKind } from "../define-kind.ts";
import { t, type TypeOf } from "../schema-dsl.ts";
import { ScaleTarget } from "./scale-target.ts";

const CronRule = t.object({
  failedHistoryLimit: t.optional(
    t.int32({ default: 3, minimum: 0, maximum: 32, doc: "How many failed executions are remembered." }),
  ),
  name: t.string({ minLength: 1, maxLength: 32, doc: "The rule's name, unique in the object." }),
  schedule: t.string({ doc: "When to scale, as five cron fields." }),
  successfulHistoryLimit: t.optional(
    t.int32({ default: 3, minimum: 1, maximum: 32, doc: "How many successful executions are remembered." }),
  ),
  suspend: t.optional(t.boolean({ default: false, doc: "Leave this rule out for the time being." })),
  targetMaxReplicas: t.optional(t.int32({ doc: "The maxReplicas to set, where a FederatedHPA is scaled." })),
  targetMinReplicas: t.optional(t.int32({ doc: "The minReplicas to set, where a FederatedHPA is scaled." })),
  targetReplicas: t.optional(t.int32({ doc: "The replicas to set, where anything else is scaled." })),
  timeZone: t.optional(t.string({ doc: "The IANA time zone of the schedule, such as Europe/Berlin. Absent: UTC." })),
});

const FailedExecution = t.object({
  executionTime: t.time({ doc: "When it was tried." }),
  message: t.string({ doc: "What went wrong." }),
  scheduleTime: t.time({ doc: "When it was due." }),
});

const SuccessfulExecution = t.object({
  appliedMaxReplicas: t.optional(t.int32({ doc: "The maxReplicas that were set." })),
  appliedMinReplicas: t.optional(t.int32({ doc: "The minReplicas that were set." })),
  appliedReplicas: t.optional(t.int32({ doc: "The replicas that were set." })),
  executionTime: t.time({ doc: "When it was done." }),
  scheduleTime: t.time({ doc: "When it was due." }),
});

const ExecutionHistory = t.object({
  failedExecutions: t.optional(t.array(FailedExecution, { doc: "The last executions that failed." })),
  nextExecutionTime: t.optional(t.time({ doc: "When the rule is due next." })),
  ruleName: t.string({ doc: "The rule's name." }),
  successfulExecutions: t.optional(t.array(SuccessfulExecution, { doc: "The last executions that worked." })),
});
export type ExecutionHistory = TypeOf<typeof ExecutionHistory>;

export const CronFederatedHPA = defineKind({
  group: "autoscaling.karmada.io",
  version: "v1alpha1",
  scope: "Namespaced",
  kind: "CronFederatedHPA",
  plural: "cronfederatedhpas",
  shortNames: ["cronfhpa"],
  categories: ["karmada-io"],
  doc: "Scales a workload, or the bounds of a FederatedHPA, at given times.",
  spec: t.object(
    {
      rules: t.array(CronRule, { doc: "When to scale, and to how much." }),
      scaleTargetRef: ScaleTarget,
    },
    { doc: "What to scale, and when." },
  ),
  status: t.object(
    { executionHistories: t.optional(t.array(ExecutionHistory, { doc: "What each rule has done." })) },
    { doc: "What was done." },
  ),
  printerColumns: [
    { jsonPath: ".spec.scaleTargetRef.kind", name: "REFERENCE-KIND", type: "string" },
    { jsonPath: ".spec.scaleTargetRef.name", name: "REFERENCE-NAME", type: "string" },
    { jsonPath: ".metadata.creationTimestamp", name: "AGE", type: "date" },
  ],
  subresources: { status: true },
});
export type CronFederatedHPA = ObjectOf<typeof CronFederatedHPA>;

// What kyverno.io's ClusterPolicy and Policy have in common. Upstream: karmada pkg/resourceinterpreter/default/thirdparty.
import { fieldOf, isRecord } from "#machinery/guards.ts";
import type { Interpretation } from "../interpretation.ts";
import { memberStatuses, sums, withStatus } from "../native/member-status.ts";
import { statusOf } from "./reading.ts";
import { conditionHolds, statusHooks } from "./status.ts";

const status = statusHooks({ last: ["autogen", "ready"], mergesConditions: true, reflectedOnly: ["rulecount"] });

export const kyvernoHooks: Omit<Interpretation, "kind"> = {
  reflectStatus: status.reflectStatus,
  /** The template's own status does not count: all of it is made anew. */
  aggregateStatus(object, items, now) {
    const rules = memberStatuses(items).flatMap(({ rulecount }) => (isRecord(rulecount) ? [rulecount] : []));
    const { status: _, ...bare } = object;
    return withStatus(object, {
      ...statusOf(status.aggregateStatus(bare, items, now)),
      rulecount: sums(rules, { always: ["validate", "generate", "mutate", "verifyimages"], unlessZero: [] }),
    });
  },
  interpretHealth(object) {
    const ready = fieldOf(object, "status", "ready");
    return typeof ready === "boolean" ? ready : conditionHolds(statusOf(object), "Ready", ["Succeeded"]);
  },
};

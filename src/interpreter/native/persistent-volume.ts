// v1 PersistentVolume. Upstream: karmada pkg/resourceinterpreter/default/native.
import { PersistentVolume } from "#api/kinds.ts";
import { withField } from "../edit.ts";
import { defineInterpretation } from "../interpretation.ts";
import { memberStatuses, text, withStatus } from "./member-status.ts";

const phasesByWeight = ["Failed", "Pending", "Available", "Bound", "Released"] as const;

export const persistentVolume = defineInterpretation({
  kind: PersistentVolume,
  retain(desired, observed) {
    const { claimRef } = observed.spec;
    return claimRef === undefined ? desired : withField(desired, ["spec", "claimRef"], claimRef);
  },
  /** A member whose status is not back yet counts as Pending. */
  aggregateStatus(object, items = []) {
    const statuses = memberStatuses(items);
    const phases = new Set(statuses.map((status) => text(status, "phase")));
    if (statuses.length < items.length) phases.add("Pending");
    const phase = phasesByWeight.find((candidate) => phases.has(candidate));
    return withStatus(object, phase === undefined ? {} : { phase });
  },
});

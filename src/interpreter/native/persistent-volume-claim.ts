// v1 PersistentVolumeClaim. Upstream: karmada pkg/resourceinterpreter/default/native.
import { PersistentVolumeClaim } from "#api/kinds.ts";
import { withField } from "../edit.ts";
import { defineInterpretation } from "../interpretation.ts";
import { memberStatuses, text, withStatus } from "./member-status.ts";

export const persistentVolumeClaim = defineInterpretation({
  kind: PersistentVolumeClaim,
  retain(desired, observed) {
    const { volumeName = "" } = observed.spec;
    return volumeName === "" ? desired : withField(desired, ["spec", "volumeName"], volumeName);
  },
  /** A member whose status is not back yet counts as Pending. (Upstream leaves it out, so that nothing at all is Bound.) */
  aggregateStatus(object, items = []) {
    const statuses = memberStatuses(items);
    const isWaiting = statuses.length < items.length || items.length === 0;
    const phases = [...(isWaiting ? ["Pending"] : []), ...statuses.map((status) => text(status, "phase"))];
    const phase = aggregatedPhase(phases);
    return withStatus(object, phase === "" ? {} : { phase });
  },
  interpretHealth: ({ status }) => status?.phase === "Bound",
});

/** Lost if any is; else the last that is not Bound; else Bound. */
function aggregatedPhase(phases: readonly string[]): string {
  if (phases.includes("Lost")) return "Lost";
  return phases.findLast((phase) => phase !== "Bound") ?? "Bound";
}

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
  aggregateStatus(object, items) {
    const phase = aggregatedPhase(memberStatuses(items).map((status) => text(status, "phase")));
    return withStatus(object, phase === "" ? {} : { phase });
  },
  interpretHealth: ({ status }) => status?.phase === "Bound",
});

/** Lost if any is; else the last that is not Bound; else Bound. */
function aggregatedPhase(phases: readonly string[]): string {
  if (phases.includes("Lost")) return "Lost";
  return phases.findLast((phase) => phase !== "Bound") ?? "Bound";
}

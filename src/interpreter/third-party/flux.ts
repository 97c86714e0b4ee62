// What the kinds of Flux have in common: spec.suspend belongs to the member, and health is the condition Ready.
import type { KubeObject } from "#machinery/object.ts";
import { fieldOf } from "#machinery/guards.ts";
import { withField } from "../edit.ts";
import type { Interpretation } from "../interpretation.ts";
import { statusOf, textAt } from "./reading.ts";
import { conditionHolds } from "./status.ts";

/** The hooks of a kind that is healthy when Ready for one of these reasons. */
export function fluxHooks(
  readyReasons: readonly string[],
): Required<Pick<Interpretation, "retain" | "interpretHealth">> {
  return {
    retain(desired, observed) {
      const suspend = fieldOf(observed, "spec", "suspend");
      return suspend === undefined ? desired : withField(desired, ["spec", "suspend"], suspend);
    },
    interpretHealth: (object) => conditionHolds(statusOf(object), "Ready", readyReasons),
  };
}

/** The name in `spec.<path>.name`. */
export function referredName(object: KubeObject, ...path: readonly string[]): string | undefined {
  return textAt(object["spec"], ...path, "name");
}

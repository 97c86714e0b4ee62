// Where the replicas of scalable built-in kinds are.
import { isApiError } from "#machinery/api-error.ts";
import { isLabelSelectorSpec, type LabelSelectorSpec, labelSelectorOf } from "#machinery/label-selector.ts";
import type { KubeObject } from "#machinery/object.ts";
import type { ScalePaths } from "../resource.ts";
import { childOf, textMapOf } from "./access.ts";
import type { BuiltinKind } from "./builtin-kind.ts";

/** The paths of kinds with a scale subresource, undefined for all others. */
export function scalePathsOf(kind: BuiltinKind): ScalePaths | undefined {
  if (!Object.hasOwn(kind.subresources, "scale")) return undefined;
  return {
    specReplicas: ["spec", "replicas"],
    statusReplicas: ["status", "replicas"],
    selector: kind.kind === "ReplicationController" ? mapSelector : labelSelector,
  };
}

/** A ReplicationController selects by a plain map. */
function mapSelector(object: KubeObject): string {
  return textOf({ matchLabels: textMapOf(childOf(object, "spec"), "selector") });
}

function labelSelector(object: KubeObject): string {
  const selector = childOf(childOf(object, "spec"), "selector");
  return isLabelSelectorSpec(selector) ? textOf(selector) : "";
}

/** What is no selector (validation refuses it) selects nothing. */
function textOf(selector: LabelSelectorSpec): string {
  try {
    return labelSelectorOf(selector).text;
  } catch (error) {
    if (isApiError(error)) return "";
    throw error;
  }
}

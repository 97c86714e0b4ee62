// Where the replicas of scalable built-in kinds are.
import type { KubeObject } from "#machinery/object.ts";
import type { ScalePaths } from "../resource.ts";
import { childOf, textMapOf } from "./access.ts";
import type { BuiltinKind } from "./builtin-kind.ts";
import { formatLabelSelector } from "./label-selector-text.ts";

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
  const labels = textMapOf(childOf(object, "spec"), "selector");
  return formatLabelSelector({ matchLabels: labels });
}

function labelSelector(object: KubeObject): string {
  const selector = childOf(childOf(object, "spec"), "selector");
  return selector === undefined ? "" : formatLabelSelector(selector);
}

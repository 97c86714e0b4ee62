// commandOverrider and argsOverrider: items at the end of, or out of, a container's command or arguments.
// Upstream: karmada pkg/util/overridemanager/commandargsoverride.go.
import type { CommandArgsOverrider } from "#api/policy/override-policy.ts";
import { isStringArray } from "#machinery/guards.ts";
import type { KubeObject } from "#machinery/object.ts";
import { changeContainers } from "./containers.ts";

/** The manifest with `field` of the containers of that name changed. A container without the list gets one. */
export function overrideCommandArgs(
  manifest: KubeObject,
  field: "command" | "args",
  { containerName, operator, value = [] }: CommandArgsOverrider,
): KubeObject {
  return changeContainers(manifest, (container) => {
    if (container["name"] !== containerName) return container;
    const current = isStringArray(container[field]) ? container[field] : [];
    const removed = new Set(value);
    const items = operator === "add" ? [...current, ...value] : current.filter((item) => !removed.has(item));
    return { ...container, [field]: items };
  });
}

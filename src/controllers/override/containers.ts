// Where the containers of workloads are. Overriders know these kinds only, by kind alone, and leave init containers alone.
// Upstream: karmada pkg/util/overridemanager/{imageoverride,commandargsoverride}.go.
import { isArray, isRecord } from "#machinery/guards.ts";
import type { KubeObject } from "#machinery/object.ts";

export type Container = Readonly<Record<string, unknown>>;

const podPath = ["spec", "containers"] as const;
const templatePath = ["spec", "template", "spec", "containers"] as const;

const pathByKind = new Map<string, readonly string[]>([
  ["Pod", podPath],
  ["ReplicaSet", templatePath],
  ["Deployment", templatePath],
  ["DaemonSet", templatePath],
  ["StatefulSet", templatePath],
  ["Job", templatePath],
]);

/** `object` with each container replaced by what `change` makes of it; other kinds stay as they are. */
export function changeContainers(object: KubeObject, change: (container: Container) => Container): KubeObject {
  const path = pathByKind.get(object.kind);
  return path === undefined ? object : { ...object, spec: changeIn(object["spec"], path.slice(1), change) };
}

function changeIn(value: unknown, path: readonly string[], change: (container: Container) => Container): unknown {
  const [head, ...tail] = path;
  if (head === undefined) {
    return isArray(value) ? value.map((container) => (isRecord(container) ? change(container) : container)) : value;
  }
  if (!isRecord(value) || value[head] === undefined) return value;
  return { ...value, [head]: changeIn(value[head], tail, change) };
}

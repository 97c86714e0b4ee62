// What a pod counts for in a ResourceQuota. Pure: the time is an argument.
// Upstream: kubernetes pkg/quota/v1/evaluator/core/pods.go.
import { quantityOf } from "#machinery/quantity.ts";
import { parseTime } from "#std/time.ts";
import { childOf, type Fields, itemsOf, numberOf, textOf } from "../builtin/access.ts";
import { addAmounts, type Amounts, podResources, resourcesOf } from "../builtin/pod-resources.ts";

const countName = "count/pods";
const one = quantityOf(1);

const limitable = ["cpu", "memory", "ephemeral-storage"] as const;
const measured = new Set([
  ...["pods", countName],
  ...limitable.flatMap((name) => [name, `requests.${name}`, `limits.${name}`]),
]);

/** Whether a name in `hard` is about pods. */
export function countsForPods(name: string): boolean {
  if (measured.has(name) || name.startsWith("hugepages-") || name.startsWith("requests.hugepages-")) return true;
  return name.startsWith("requests.") && isExtended(name);
}

/** Resources that are not Kubernetes' own: `example.com/gpu`. */
function isExtended(name: string): boolean {
  return name.includes("/") && !name.includes("kubernetes.io/");
}

/** A pod that runs no more counts as an object only. */
export function podUsage(pod: Readonly<Fields>, now: number): Amounts {
  const counted: Amounts = new Map([[countName, one]]);
  if (isOver(pod, now)) return counted;
  const { requests, limits } = podResources(childOf(pod, "spec"));
  return addAmounts(counted, computeUsage(requests, limits));
}

function isOver(pod: Readonly<Fields>, now: number): boolean {
  const phase = textOf(childOf(pod, "status"), "phase");
  if (phase === "Failed" || phase === "Succeeded") return true;
  const metadata = childOf(pod, "metadata");
  const deletedAt = parseTime(textOf(metadata, "deletionTimestamp"));
  const grace = numberOf(metadata, "deletionGracePeriodSeconds");
  return deletedAt !== undefined && grace !== undefined && now > deletedAt + grace * 1000;
}

function computeUsage(requests: Amounts, limits: Amounts): Amounts {
  const usage = new Map([["pods", one]]);
  for (const name of limitable) {
    const [request, limit] = [requests.get(name), limits.get(name)];
    if (request !== undefined) usage.set(name, request).set(`requests.${name}`, request);
    if (limit !== undefined) usage.set(`limits.${name}`, limit);
  }
  for (const [name, request] of requests) {
    const isHugePages = name.startsWith("hugepages-");
    if (isHugePages) usage.set(name, request);
    if (isHugePages || isExtended(name)) usage.set(`requests.${name}`, request);
  }
  return usage;
}

/** Resources that every container must say something about where a quota limits them. */
const compute = new Set([
  ...["cpu", "memory"],
  ...["requests.cpu", "requests.memory"],
  ...["limits.cpu", "limits.memory"],
]);

/** `must specify cpu for: a,b; memory for: a`; undefined: nothing is missing. */
export function missingOfPod(required: readonly string[], pod: Readonly<Fields>): string | undefined {
  const spec = childOf(pod, "spec");
  const { requests, limits } = resourcesOf(spec);
  if (requests.size + limits.size > 0) return undefined; // It is said for the pod as a whole.
  const containers = [...itemsOf(spec, "containers"), ...itemsOf(spec, "initContainers")].map((container) => {
    const own = resourcesOf(container);
    return { name: textOf(container, "name"), said: computeUsage(own.requests, own.limits) };
  });
  const missing = required
    .filter((name) => compute.has(name))
    .toSorted()
    .flatMap((name) => {
      const silent = containers.filter(({ said }) => !said.has(name)).map((container) => container.name);
      return silent.length === 0 ? [] : [`${name} for: ${silent.toSorted().join(",")}`];
    });
  return missing.length === 0 ? undefined : `must specify ${missing.join("; ")}`;
}

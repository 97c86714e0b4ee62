// What one pod of a workload needs: of nodes, and of resources. Upstream: karmada pkg/util/helper/binding.go
// (GenerateReplicaRequirements), pkg/util/resource.go (AddPodTemplateRequest).
import type { Container, PodSpec } from "#api/generated/types.ts";
import type { ReplicaRequirements } from "#api/work/binding.ts";
import {
  formatQuantity,
  parseQuantity,
  quantityMilliValue,
  quantityOf,
  quantityOfMilli,
  quantityValue,
} from "#machinery/quantity.ts";
import { RecentCache } from "#std/recent-cache.ts";

/** Undefined when it asks for nothing in particular. */
export function podRequirements(spec: PodSpec | undefined): ReplicaRequirements | undefined {
  if (spec === undefined) return undefined;
  const nodeClaim = nodeClaimOf(spec);
  const resourceRequest = resourceRequestOf(spec);
  if (nodeClaim === undefined && resourceRequest === undefined) return undefined;
  return {
    ...(nodeClaim === undefined ? {} : { nodeClaim }),
    ...(resourceRequest === undefined ? {} : { resourceRequest }),
  };
}

function nodeClaimOf({ affinity, nodeSelector, tolerations = [] }: PodSpec): ReplicaRequirements["nodeClaim"] {
  const hardNodeAffinity = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  if (hardNodeAffinity === undefined && nodeSelector === undefined && tolerations.length === 0) return undefined;
  return {
    ...(hardNodeAffinity === undefined ? {} : { hardNodeAffinity }),
    ...(nodeSelector === undefined ? {} : { nodeSelector }),
    ...(tolerations.length === 0 ? {} : { tolerations }),
  };
}

type Amounts = Map<string, number>;

/** All containers together, but no less than the biggest init container, and the pod's overhead on top. */
function resourceRequestOf(spec: PodSpec): ReplicaRequirements["resourceRequest"] {
  const total: Amounts = new Map();
  for (const container of spec.containers) add(total, requestsOf(container));
  for (const container of spec.initContainers ?? []) raise(total, requestsOf(container));
  add(total, amountsOf(spec.overhead ?? {}));
  const asked = [...total].filter(([, amount]) => amount > 0);
  if (asked.length === 0) return undefined;
  return Object.fromEntries(asked.map(([name, amount]) => [name, format(name, amount)] as const));
}

/** What has a limit but no request requests its limit, as the API server of a member fills it in. */
function requestsOf({ resources = {} }: Container): Amounts {
  return amountsOf({ ...resources.limits, ...resources.requests });
}

/** In the unit that each resource is counted in: CPU in thousandths, all else whole. Unknown resources do not count. */
function amountsOf(list: Readonly<Record<string, string | number>>): Amounts {
  const amounts: Amounts = new Map();
  for (const [name, text] of Object.entries(list)) {
    if (isCounted(name)) amounts.set(name, amountOf(text, name === "cpu"));
  }
  return amounts;
}

/** Amounts are of few different texts, and reading one is most of the work here. */
const knownAmountsMax = 512;
const milliValues = new RecentCache<string | number, number>(knownAmountsMax);
const wholeValues = new RecentCache<string | number, number>(knownAmountsMax);

function amountOf(text: string | number, isMilli: boolean): number {
  const cache = isMilli ? milliValues : wholeValues;
  const known = cache.get(text);
  if (known !== undefined) return known;
  const quantity = parseQuantity(text);
  const amount = isMilli ? quantityMilliValue(quantity) : quantityValue(quantity);
  cache.set(text, amount);
  return amount;
}

const ownResources: readonly string[] = ["cpu", "memory", "ephemeral-storage", "pods"];

/** Upstream: karmada pkg/util/lifted/corehelpers.go (IsScalarResourceName). */
function isCounted(name: string): boolean {
  if (ownResources.includes(name) || name.startsWith("hugepages-") || name.startsWith("attachable-volumes-"))
    return true;
  return name.includes("/") && !name.startsWith("requests.");
}

function add(total: Amounts, amounts: Amounts): void {
  for (const [name, amount] of amounts) total.set(name, (total.get(name) ?? 0) + amount);
}

function raise(total: Amounts, amounts: Amounts): void {
  for (const [name, amount] of amounts) total.set(name, Math.max(total.get(name) ?? 0, amount));
}

function format(name: string, amount: number): string {
  if (name === "cpu") return formatQuantity(quantityOfMilli(amount));
  const isBinary = name === "memory" || name === "ephemeral-storage" || name.startsWith("hugepages-");
  return formatQuantity(quantityOf(amount, isBinary ? "BinarySI" : "DecimalSI"));
}

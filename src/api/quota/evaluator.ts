// What objects of a kind count for in ResourceQuotas: pods by what they take, services and claims by their sorts, everything
// by number. Admission and the quota controller go by the same rules. Pure.
// Upstream: kubernetes pkg/quota/v1/evaluator/core, k8s.io/apiserver/pkg/quota/v1/generic/evaluator.go.
import type { KubeObject } from "#machinery/object.ts";
import { quantityOf } from "#machinery/quantity.ts";
import { childOf, descendantOf, type Fields, itemsOf, numberOf, textOf, textsOf } from "../builtin/access.ts";
import { type Amounts, quantityIn } from "../builtin/pod-resources.ts";
import { storageClassOf } from "../builtin/storage-class.ts";
import { countsForPods, missingOfPod, podUsage } from "./pod-usage.ts";
import { claimMatches, podMatches, type QuotaScope } from "./scopes.ts";

/** A resource, as quotas tell them apart. */
export interface QuotaResource {
  readonly group: string;
  readonly plural: string;
}

export interface QuotaEvaluator {
  /** Whether a change of existing objects may count for more; `subresource` is "" for the object itself. */
  readonly countsUpdates: (subresource: string) => boolean;
  /** Whether such objects count for this name in `hard`. */
  readonly countsFor: (name: string) => boolean;
  /** What an object counts for, by name in `hard`. `now` is in milliseconds since 1970. */
  readonly usage: (object: Readonly<Fields>, now: number) => Amounts;
  readonly matches: (scope: QuotaScope, object: Readonly<Fields>) => boolean;
  /** What an object must say where `required` is limited and does not; undefined: it says all. */
  readonly missing?: (required: readonly string[], object: Readonly<Fields>) => string | undefined;
}

/** `count/deployments.apps`. */
function countNameOf({ group, plural }: QuotaResource): string {
  return `count/${plural}${group === "" ? "" : `.${group}`}`;
}

/** The evaluator of a resource; every resource has one. */
export function quotaEvaluator(resource: QuotaResource): QuotaEvaluator {
  const special = resource.group === "" ? evaluators.get(resource.plural) : undefined;
  return special ?? byNumber(resource);
}

/** Names that count objects without `count/`. */
const plainCounts = new Set(["configmaps", "resourcequotas", "replicationcontrollers", "secrets"]);

function byNumber(resource: QuotaResource): QuotaEvaluator {
  const { group, plural } = resource;
  const names = [countNameOf(resource), ...(group === "" && plainCounts.has(plural) ? [plural] : [])];
  const one: Amounts = new Map(names.map((name) => [name, quantityOf(1)]));
  return {
    countsUpdates: () => false,
    countsFor: (name) => names.includes(name),
    usage: () => one,
    matches: () => false,
  };
}

const pods: QuotaEvaluator = {
  countsUpdates: (subresource) => subresource === "resize",
  countsFor: countsForPods,
  usage: podUsage,
  matches: podMatches,
  missing: missingOfPod,
};

const serviceNames: readonly string[] = ["count/services", "services", "services.nodeports", "services.loadbalancers"];

const services: QuotaEvaluator = {
  countsUpdates: (subresource) => subresource === "",
  countsFor: (name) => serviceNames.includes(name),
  usage(service) {
    const spec = childOf(service, "spec");
    const type = textOf(spec, "type");
    const counts = [1, 1, nodePortsOf(spec, type), type === "LoadBalancer" ? 1 : 0];
    return new Map(serviceNames.map((name, index) => [name, quantityOf(counts[index] ?? 0)]));
  },
  matches: () => false,
};

/** Ports that have a node port, or will have one. */
function nodePortsOf(spec: Fields | undefined, type: string): number {
  const ports = itemsOf(spec, "ports");
  if (type === "NodePort") return ports.length;
  if (type !== "LoadBalancer") return 0;
  if (spec?.["allocateLoadBalancerNodePorts"] !== false) return ports.length;
  return ports.filter((port) => (numberOf(port, "nodePort") ?? 0) > 0).length;
}

const claimNames: readonly string[] = ["count/persistentvolumeclaims", "persistentvolumeclaims"];
const classSuffix = ".storageclass.storage.k8s.io/";
const classCounts = `${classSuffix}persistentvolumeclaims`;
const classStorage = `${classSuffix}requests.storage`;

const claims: QuotaEvaluator = {
  countsUpdates: (subresource) => subresource === "",
  countsFor: (name) =>
    claimNames.includes(name) ||
    name === "requests.storage" ||
    name.endsWith(classCounts) ||
    name.endsWith(classStorage),
  usage(claim) {
    const storageClass = storageClassOf(claim) ?? "";
    const storage = quantityIn(descendantOf(claim, "spec", "resources", "requests")?.["storage"]);
    const counted = [...claimNames, ...(storageClass === "" ? [] : [`${storageClass}${classCounts}`])];
    const stored = ["requests.storage", ...(storageClass === "" ? [] : [`${storageClass}${classStorage}`])];
    return new Map([
      ...counted.map((name) => [name, quantityOf(1)] as const),
      ...(storage === undefined ? [] : stored.map((name) => [name, storage] as const)),
    ]);
  },
  matches: claimMatches,
};

const evaluators: ReadonlyMap<string, QuotaEvaluator> = new Map([
  ["pods", pods],
  ["services", services],
  ["persistentvolumeclaims", claims],
]);

/** The resource that a name in `hard` counts, where the name says it. */
export function resourceOfQuotaName(name: string): QuotaResource {
  if (name.startsWith("count/")) {
    const [plural = "", ...group] = name.slice("count/".length).split(".");
    return { plural, group: group.join(".") };
  }
  if (plainCounts.has(name)) return { plural: name, group: "" };
  const special = [...evaluators].find(([, evaluator]) => evaluator.countsFor(name));
  return { plural: special?.[0] ?? "", group: "" };
}

/** All scopes of a quota: those by name, and those with an operator. */
export function scopesOf(quota: KubeObject): readonly QuotaScope[] {
  const spec = childOf(quota, "spec");
  const named = textsOf(spec, "scopes").map((scopeName) => ({ scopeName, operator: "Exists", values: [] }));
  const selected = itemsOf(childOf(spec, "scopeSelector"), "matchExpressions").map((each) => ({
    scopeName: textOf(each, "scopeName"),
    operator: textOf(each, "operator"),
    values: textsOf(each, "values"),
  }));
  return [...named, ...selected];
}

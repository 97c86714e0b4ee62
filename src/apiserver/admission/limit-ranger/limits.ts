// What a LimitRange fills in and refuses. Pure. Its texts are API.
// Upstream: kubernetes plugin/pkg/admission/limitranger/admission.go.
import { childOf, descendantOf, ensureChild, type Fields, itemsOf, textOf } from "#api/builtin/access.ts";
import {
  type Amounts,
  amountsOf,
  type AskedResources,
  podResources,
  quantityIn,
  resourcesOf,
} from "#api/builtin/pod-resources.ts";
import type { MutableObject } from "#machinery/admission.ts";
import type { KubeObject } from "#machinery/object.ts";
import { compareQuantities, formatQuantity, type Quantity, quantityMilliValue } from "#machinery/quantity.ts";

const annotation = "kubernetes.io/limit-ranger";

/** The containers of a pod, as annotations name their sort. */
function containersOf(pod: Readonly<Fields>): readonly (readonly [sort: string, container: Fields])[] {
  const spec = childOf(pod, "spec");
  return [
    ...itemsOf(spec, "containers").map((each) => ["container", each] as const),
    ...itemsOf(spec, "initContainers").map((each) => ["init container", each] as const),
  ];
}

function itemsOfType(range: Readonly<Fields>, type: string): readonly Fields[] {
  return itemsOf(childOf(range, "spec"), "limits").filter((item) => textOf(item, "type") === type);
}

/** Gives containers the requests and limits that they do not set, and writes down which. */
export function fillInLimits(pod: MutableObject, range: KubeObject): void {
  const items = itemsOfType(range, "Container");
  const defaultsOf = (part: string): Fields =>
    Object.fromEntries(items.flatMap((item) => Object.entries(childOf(item, part) ?? {})));
  const [requests, limits] = [defaultsOf("defaultRequest"), defaultsOf("default")];
  const notes = containersOf(pod).flatMap(([sort, container]) => {
    const what = `${sort} ${textOf(container, "name")}`;
    return [
      ...noteOf(fillFrom(container, "requests", requests), `request for ${what}`),
      ...noteOf(fillFrom(container, "limits", limits), `limit for ${what}`),
    ];
  });
  if (notes.length === 0) return;
  ensureChild(pod.metadata, "annotations")[annotation] = `LimitRanger plugin set: ${notes.join("; ")}`;
}

function noteOf(names: readonly string[], what: string): readonly string[] {
  return names.length === 0 ? [] : [`${names.toSorted().join(", ")} ${what}`];
}

/** The names of what was missing. */
function fillFrom(container: Fields, part: "requests" | "limits", defaults: Fields): readonly string[] {
  const given = descendantOf(container, "resources", part) ?? {};
  const missing = Object.keys(defaults).filter((name) => !Object.hasOwn(given, name));
  if (missing.length === 0) return [];
  const target = ensureChild(ensureChild(container, "resources"), part);
  for (const name of missing) target[name] = defaults[name];
  return missing;
}

/** Why a pod does not fit a LimitRange. */
export function podLimitErrors(pod: Readonly<Fields>, range: KubeObject): readonly string[] {
  const whole = podResources(childOf(pod, "spec"));
  return itemsOf(childOf(range, "spec"), "limits").flatMap((item) => {
    switch (textOf(item, "type")) {
      case "Container":
        return containersOf(pod).flatMap(([, container]) => resourceErrors("Container", item, resourcesOf(container)));
      case "Pod":
        return resourceErrors("Pod", item, whole);
      default:
        return [];
    }
  });
}

/** Why a claim does not fit a LimitRange. */
export function claimLimitErrors(claim: Readonly<Fields>, range: KubeObject): readonly string[] {
  const requests = amountsOf(descendantOf(claim, "spec", "resources", "requests"));
  return itemsOfType(range, "PersistentVolumeClaim").flatMap((item) => [
    ...eachOf(item, "min", (name, bound) => requestError("minimum", name, bound, requests)),
    ...eachOf(item, "max", (name, bound) => requestError("maximum", name, bound, requests)),
  ]);
}

type Bound = readonly [text: string, quantity: Quantity];

function eachOf(
  item: Fields,
  part: string,
  check: (name: string, bound: Bound) => string | undefined,
): readonly string[] {
  return Object.entries(childOf(item, part) ?? {})
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .flatMap(([name, text]) => {
      const quantity = quantityIn(text);
      const error = quantity === undefined ? undefined : check(name, [String(text), quantity]);
      return error === undefined ? [] : [error];
    });
}

function requestError(side: "minimum" | "maximum", name: string, bound: Bound, requests: Amounts): string | undefined {
  const head = `${side} ${name} usage per PersistentVolumeClaim is ${bound[0]}`;
  const request = requests.get(name);
  if (request === undefined) return `${head}.  No request is specified`;
  return isBeyond(side, request, bound) ? `${head}, but request is ${formatQuantity(request)}` : undefined;
}

function resourceErrors(type: string, item: Fields, resources: AskedResources): readonly string[] {
  return [
    ...eachOf(item, "min", (name, bound) => minimumError(type, name, bound, resources)),
    ...eachOf(item, "max", (name, bound) => maximumError(type, name, bound, resources)),
    ...eachOf(item, "maxLimitRequestRatio", (name, bound) => ratioError(type, name, bound, resources)),
  ];
}

function minimumError(
  type: string,
  name: string,
  bound: Bound,
  { requests, limits }: AskedResources,
): string | undefined {
  const head = `minimum ${name} usage per ${type} is ${bound[0]}`;
  const [request, limit] = [requests.get(name), limits.get(name)];
  if (request === undefined) return `${head}.  No request is specified`;
  if (isBeyond("minimum", request, bound)) return `${head}, but request is ${formatQuantity(request)}`;
  if (limit !== undefined && isBeyond("minimum", limit, bound)) return `${head}, but limit is ${formatQuantity(limit)}`;
  return undefined;
}

function maximumError(
  type: string,
  name: string,
  bound: Bound,
  { requests, limits }: AskedResources,
): string | undefined {
  const head = `maximum ${name} usage per ${type} is ${bound[0]}`;
  const [request, limit] = [requests.get(name), limits.get(name)];
  if (limit === undefined) return `${head}.  No limit is specified`;
  if (isBeyond("maximum", limit, bound)) return `${head}, but limit is ${formatQuantity(limit)}`;
  if (request !== undefined && isBeyond("maximum", request, bound))
    return `${head}, but request is ${formatQuantity(request)}`;
  return undefined;
}

const ratioDigits = 6;

function ratioError(
  type: string,
  name: string,
  bound: Bound,
  { requests, limits }: AskedResources,
): string | undefined {
  const head = `${name} max limit to request ratio per ${type} is ${bound[0]}`;
  const [request, limit] = [requests.get(name), limits.get(name)];
  if (request === undefined || request.nanos === 0n) return `${head}, but no request is specified or request is 0`;
  if (limit === undefined || limit.nanos === 0n) return `${head}, but no limit is specified or limit is 0`;
  // Milli-units are as fine as upstream looks.
  const ratio = quantityMilliValue(limit) / quantityMilliValue(request);
  const isTooMuch = ratio * 1_000 > quantityMilliValue(bound[1]);
  return isTooMuch ? `${head}, but provided ratio is ${ratio.toFixed(ratioDigits)}` : undefined;
}

function isBeyond(side: "minimum" | "maximum", amount: Quantity, [, bound]: Bound): boolean {
  const order = compareQuantities(amount, bound);
  return side === "minimum" ? order < 0 : order > 0;
}

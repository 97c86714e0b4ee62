// What a pod takes altogether, from what its containers ask for and what the pod itself says. Pure.
// Upstream: kubernetes staging/src/k8s.io/component-helpers/resource/helpers.go (PodRequests, PodLimits).
import { isString } from "#machinery/guards.ts";
import { addQuantities, compareQuantities, formatQuantity, parseQuantity, type Quantity } from "#machinery/quantity.ts";
import { childOf, type Fields, itemsOf, textOf } from "./access.ts";

/** Amounts by the names of their resources. */
export type Amounts = ReadonlyMap<string, Quantity>;

export interface AskedResources {
  readonly requests: Amounts;
  readonly limits: Amounts;
}

const nothing: Amounts = new Map();

/**
 * Containers and sidecars together, or what an init container takes beside the sidecars before it if that is more; what
 * is set for the whole pod goes before both; and the pod's overhead.
 */
export function podResources(spec: Readonly<Fields> | undefined): AskedResources {
  const [containers, inits] = [itemsOf(spec, "containers"), itemsOf(spec, "initContainers")];
  const own = resourcesOf(spec);
  const overhead = amountsOf(childOf(spec, "overhead"));
  const total = (part: "requests" | "limits"): Amounts => {
    let [sidecars, starting] = [nothing, nothing];
    for (const init of inits) {
      const asked = addAmounts(resourcesOf(init)[part], sidecars);
      if (textOf(init, "restartPolicy") === "Always") sidecars = asked;
      starting = larger(starting, asked);
    }
    const running = containers.map((container) => resourcesOf(container)[part]).reduce(addAmounts, sidecars);
    const most = new Map([...larger(running, starting), ...[...own[part]].filter(([name]) => isSetForPods(name))]);
    // A resource without a limit has none with overhead either.
    return addAmounts(most, part === "requests" ? overhead : new Map([...overhead].filter(([name]) => most.has(name))));
  };
  return { requests: total("requests"), limits: total("limits") };
}

/** The resources that can be set for a pod as a whole. */
function isSetForPods(name: string): boolean {
  return name === "cpu" || name === "memory" || name.startsWith("hugepages-");
}

/** The requests and limits of a container, or of a pod's spec. */
export function resourcesOf(holder: Readonly<Fields> | undefined): AskedResources {
  const resources = childOf(holder, "resources");
  return { requests: amountsOf(childOf(resources, "requests")), limits: amountsOf(childOf(resources, "limits")) };
}

/** Reads a list of amounts. Decoding has made sure that they can be read. */
export function amountsOf(amounts: Readonly<Fields> | undefined): Amounts {
  return new Map(
    Object.entries(amounts ?? {}).flatMap(([name, text]) => {
      const quantity = quantityIn(text);
      return quantity === undefined ? [] : [[name, quantity] as const];
    }),
  );
}

/** The amounts as an object has them. */
export function amountTexts(amounts: Amounts): Readonly<Record<string, string>> {
  return Object.fromEntries([...amounts].map(([name, amount]) => [name, formatQuantity(amount)]));
}

/** The quantity that a field holds, if it holds one. */
export function quantityIn(text: unknown): Quantity | undefined {
  return isString(text) || typeof text === "number" ? parseQuantity(text) : undefined;
}

/** The sums, of whatever either has. */
export function addAmounts(left: Amounts, right: Amounts): Amounts {
  const sum = new Map(left);
  for (const [name, amount] of right) {
    const before = sum.get(name);
    sum.set(name, before === undefined ? amount : addQuantities(before, amount));
  }
  return sum;
}

function larger(left: Amounts, right: Amounts): Amounts {
  const most = new Map(left);
  for (const [name, amount] of right) {
    const before = most.get(name);
    if (before === undefined || compareQuantities(amount, before) > 0) most.set(name, amount);
  }
  return most;
}

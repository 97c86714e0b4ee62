// Whether the ResourceQuotas of a namespace have room for a write, and what they say is used afterwards. Pure.
// Upstream: k8s.io/apiserver/pkg/admission/plugin/resourcequota/controller.go (CheckRequest). Its texts are API.
import type { KubeObject } from "#machinery/object.ts";
import {
  compareQuantities,
  formatQuantity,
  type Quantity,
  subtractQuantities,
  zeroQuantity,
} from "#machinery/quantity.ts";
import { descendantOf, type Fields } from "../builtin/access.ts";
import { addAmounts, type Amounts, amountsOf } from "../builtin/pod-resources.ts";
import { type QuotaEvaluator, scopesOf } from "./evaluator.ts";

export interface QuotaWrite {
  readonly evaluator: QuotaEvaluator;
  readonly object: Readonly<Fields>;
  /** Absent: the object is new. */
  readonly old: Readonly<Fields> | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export interface Charged {
  /** What each quota that the write counts for says is used after it, in the order of the quotas. */
  readonly charges: readonly { readonly quota: KubeObject; readonly used: Amounts }[];
}

/** Charges the quotas, or says why the write is refused. */
export function chargeQuotas(quotas: readonly KubeObject[], write: QuotaWrite): Charged | { readonly refusal: string } {
  const { evaluator, object, old, now } = write;
  const concerned = quotas.filter((quota) => isConcerned(quota, evaluator, object));
  for (const quota of concerned) {
    const why = notReady(quota, write);
    if (why !== undefined) return { refusal: why };
  }
  if (concerned.length === 0) return { charges: [] };
  const usage = evaluator.usage(object, now);
  const negative = namesWhere(usage, ({ nanos }) => nanos < 0n);
  if (negative.length > 0) {
    return { refusal: `quota usage is negative for resource(s): ${negative.toSorted().join(",")}` };
  }
  const charges: { quota: KubeObject; used: Amounts }[] = [];
  for (const quota of concerned) {
    const before = old !== undefined && isConcerned(quota, evaluator, old) ? evaluator.usage(old, now) : undefined;
    const hard = amountsIn(quota, "hard");
    const more = [...(before === undefined ? usage : difference(usage, before))];
    // Where less is used than before, the quota controller tells of it.
    const requested = new Map(more.filter(([name, { nanos }]) => nanos > 0n && hard.has(name)));
    if (requested.size === 0) continue;
    const used = addAmounts(amountsIn(quota, "used"), requested);
    const why = exceeded(quota, { hard, used, requested });
    if (why !== undefined) return { refusal: why };
    charges.push({ quota, used });
  }
  return { charges };
}

/** Whether the quota limits something that the object counts for, and all its scopes hold of it. */
function isConcerned(quota: KubeObject, evaluator: QuotaEvaluator, object: Readonly<Fields>): boolean {
  if (![...amountsIn(quota, "hard").keys()].some(evaluator.countsFor)) return false;
  return scopesOf(quota).every((scope) => evaluator.matches(scope, object));
}

/** Why nothing can be charged to the quota yet. */
function notReady(quota: KubeObject, { evaluator, object }: QuotaWrite): string | undefined {
  const { name } = quota.metadata;
  const limited = [...amountsIn(quota, "hard").keys()].filter(evaluator.countsFor);
  const missing = evaluator.missing?.(limited, object);
  if (missing !== undefined) return `failed quota: ${name}: ${missing}`;
  const used = amountsIn(quota, "used");
  if (limited.every((each) => used.has(each))) return undefined;
  return `status unknown for quota: ${name}, resources: ${limited.toSorted().join(",")}`;
}

interface Sums {
  readonly hard: Amounts;
  readonly used: Amounts;
  readonly requested: Amounts;
}

function exceeded(quota: KubeObject, { hard, used, requested }: Sums): string | undefined {
  const beyond = namesWhere(requested, (_, name) => {
    const [limit, sum] = [hard.get(name), used.get(name)];
    return limit !== undefined && sum !== undefined && compareQuantities(sum, limit) > 0;
  });
  if (beyond.length === 0) return undefined;
  const shown = (amounts: Amounts): string => printed(amounts, beyond);
  const before = amountsIn(quota, "used");
  const { name } = quota.metadata;
  return `exceeded quota: ${name}, requested: ${shown(requested)}, used: ${shown(before)}, limited: ${shown(hard)}`;
}

function difference(now: Amounts, before: Amounts): Amounts {
  return new Map(
    [...now].map(([name, amount]) => [name, subtractQuantities(amount, before.get(name) ?? zeroQuantity)]),
  );
}

function amountsIn(quota: KubeObject, part: "hard" | "used"): Amounts {
  return amountsOf(descendantOf(quota, "status", part));
}

function namesWhere(amounts: Amounts, holds: (amount: Quantity, name: string) => boolean): readonly string[] {
  return [...amounts].filter(([name, amount]) => holds(amount, name)).map(([name]) => name);
}

/** `cpu=1,pods=2`. */
function printed(amounts: Amounts, names: readonly string[]): string {
  return [...amounts]
    .filter(([name]) => names.includes(name))
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, amount]) => `${name}=${formatQuantity(amount)}`)
    .join(",");
}

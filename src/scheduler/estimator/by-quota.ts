// How many replicas or sets the ResourceQuotas of a namespace leave room for. Pure.
// Upstream: karmada pkg/estimator/server/framework/plugins/resourcequota/resourcequota.go.
import type { ResourceQuota } from "#api/kinds.ts";
import { milliOf } from "#machinery/milli.ts";
import type { Amounts } from "../estimate/free.ts";

/** What a quota can limit by its plain name, too. */
const plainNames = new Set(["cpu", "memory", "ephemeral-storage"]);

/** How often `asked` fits into every quota that counts pods of the priority class; Infinity where none limits it. */
export function timesInQuotas(quotas: readonly ResourceQuota[], asked: Amounts, priorityClass: string): number {
  const each = quotas.filter((quota) => counts(quota, priorityClass)).map((quota) => timesIn(quota, asked));
  return Math.max(0, Math.min(Infinity, ...each));
}

function timesIn({ spec, status }: ResourceQuota, asked: Amounts): number {
  const hard = status?.hard ?? spec.hard ?? {};
  const used = status?.used ?? {};
  const times = [...asked].flatMap(([name, amount]) =>
    [...(plainNames.has(name) ? [name] : []), `requests.${name}`]
      .filter((limited) => hard[limited] !== undefined)
      .map((limited) => Math.floor((milliOf(hard[limited]) - milliOf(used[limited])) / amount)),
  );
  return Math.min(Infinity, ...times);
}

/** All scopes must hold of such pods: they run without end, ask for something, and have the priority class. */
function counts({ spec }: ResourceQuota, priorityClass: string): boolean {
  const plain = (spec.scopes ?? []).every((scope) => holds({ scopeName: scope, operator: "Exists" }, priorityClass));
  return plain && (spec.scopeSelector?.matchExpressions ?? []).every((scope) => holds(scope, priorityClass));
}

interface Scope {
  readonly scopeName: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

function holds({ scopeName, operator, values = [] }: Scope, priorityClass: string): boolean {
  if (scopeName !== "PriorityClass") return scopeName === "NotTerminating" || scopeName === "NotBestEffort";
  switch (operator) {
    case "In":
      return values.includes(priorityClass);
    case "NotIn":
      return !values.includes(priorityClass);
    case "Exists":
      return priorityClass !== "";
    case "DoesNotExist":
      return priorityClass === "";
    default:
      return false;
  }
}

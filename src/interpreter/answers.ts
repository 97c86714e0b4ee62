// Answers of users' own interpreters, scripts and webhooks, from JSON into what the interpreter promises.
import type { Component, ReplicaRequirements } from "#api/work/binding.ts";
import { isRecord, isString } from "#machinery/guards.ts";
import { canonicalQuantity, isQuantity } from "#machinery/quantity.ts";
import { defined } from "#std/defined.ts";
import type { DependentObject } from "./interpretation.ts";

export function componentsOf(list: readonly unknown[]): readonly Component[] {
  return list.map((item, index) => {
    const { name, replicas, replicaRequirements } = isRecord(item) ? item : {};
    if (!isString(name)) throw new Error(`components[${index}].name is no string`);
    if (typeof replicas !== "number") throw new Error(`components[${index}].replicas is no number`);
    return {
      name,
      replicas: toInt32(replicas),
      ...defined({ replicaRequirements: requirementsOf(replicaRequirements) }),
    };
  });
}

export function dependenciesOf(list: readonly unknown[]): readonly DependentObject[] {
  return list.map((item, index) => {
    if (!isRecord(item)) throw new Error(`dependencies[${index}] is no object`);
    const { apiVersion, kind, namespace, name, labelSelector } = item;
    return {
      apiVersion: isString(apiVersion) ? apiVersion : "",
      kind: isString(kind) ? kind : "",
      ...defined({
        namespace: isString(namespace) ? namespace : undefined,
        name: isString(name) ? name : undefined,
        labelSelector: isRecord(labelSelector) ? labelSelector : undefined,
      }),
    };
  });
}

/** Only what is known; Go's decoder drops the rest as well. */
export function requirementsOf(value: unknown): ReplicaRequirements | undefined {
  if (!isRecord(value)) return undefined;
  const { nodeClaim, resourceRequest, namespace, priorityClassName } = value;
  return defined({
    nodeClaim: isRecord(nodeClaim) ? nodeClaim : undefined,
    resourceRequest: isRecord(resourceRequest) ? quantitiesOf(resourceRequest) : undefined,
    namespace: isString(namespace) ? namespace : undefined,
    priorityClassName: isString(priorityClassName) ? priorityClassName : undefined,
  });
}

/** Amounts may be numbers. `1408.000000Mi` becomes `1408Mi`, as when Go reads and writes it. */
function quantitiesOf(amounts: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(amounts).flatMap(([name, amount]) => {
      if (typeof amount !== "string" && typeof amount !== "number") return [];
      if (!isQuantity(String(amount)))
        throw new Error(`resourceRequest.${name} is no quantity: ${JSON.stringify(amount)}`);
      return [[name, canonicalQuantity(String(amount))] as const];
    }),
  );
}

export function toInt32(value: number): number {
  return Math.trunc(value) | 0;
}

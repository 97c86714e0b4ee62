// What scripts give back, checked. Upstream: karmada pkg/resourceinterpreter/customized/declarative/luavm/lua.go.
import type { Component, ReplicaRequirements } from "#api/work/binding.ts";
import { isArray, isKubeObject, isRecord, isString } from "#machinery/guards.ts";
import type { KubeObject } from "#machinery/object.ts";
import { defined } from "#std/defined.ts";
import type { DependentObject, ReflectedStatus, ReplicaInfo } from "../interpretation.ts";

/** JSON: undefined is nil. */
type Results = readonly unknown[];

export function replicasOf([replicas, requires]: Results): ReplicaInfo {
  if (typeof replicas !== "number") throw new Error(`result type ${luaType(replicas)} is not number`);
  if (requires !== undefined && !isTable(requires)) throw notTable("requires", requires);
  return { replicas: toInt32(replicas), requirements: requirementsOf(requires) };
}

export function componentsOf([result]: Results): readonly Component[] {
  if (result === undefined) return [];
  if (!isTable(result)) {
    throw new Error(`expected result type 'table' or 'nil' from GetComponents, but got '${luaType(result)}'`);
  }
  return listOf(result).map((item, index) => {
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

/** The object, of the identity that it had. */
export function objectOf([result]: Results): KubeObject {
  if (!isTable(result)) throw notTable("requires", result);
  if (!isKubeObject(result)) throw new Error("the returned object has no apiVersion, kind and metadata");
  return result;
}

/** Of an object, the status alone counts: a script may return no more than that. */
export function statusIn([result]: Results): unknown {
  if (!isTable(result)) throw notTable("requires", result);
  return isRecord(result) ? result["status"] : undefined;
}

export function reflectedOf([result]: Results): ReflectedStatus {
  if (!isTable(result)) throw notTable("replica", result);
  return isRecord(result) ? result : {};
}

export function healthOf([result]: Results): boolean {
  if (typeof result !== "boolean") throw new Error(`result type ${luaType(result)} is not bool`);
  return result;
}

export function dependenciesOf([result]: Results): readonly DependentObject[] {
  if (!isTable(result)) throw notTable("requires", result);
  return listOf(result).map((item, index) => {
    if (!isRecord(item)) throw new Error(`dependencies[${index}] is no table`);
    const { apiVersion, kind, namespace, name, labelSelector } = item;
    return {
      apiVersion: textOr(apiVersion),
      kind: textOr(kind),
      ...defined({
        namespace: isString(namespace) ? namespace : undefined,
        name: isString(name) ? name : undefined,
        labelSelector: isRecord(labelSelector) ? labelSelector : undefined,
      }),
    };
  });
}

function textOr(value: unknown): string {
  return isString(value) ? value : "";
}

/** Only what is known; Go's decoder drops the rest as well. */
function requirementsOf(value: unknown): ReplicaRequirements | undefined {
  if (!isRecord(value)) return undefined;
  const { nodeClaim, resourceRequest, namespace, priorityClassName } = value;
  return defined({
    nodeClaim: isRecord(nodeClaim) ? nodeClaim : undefined,
    resourceRequest: isRecord(resourceRequest) ? quantitiesOf(resourceRequest) : undefined,
    namespace: isString(namespace) ? namespace : undefined,
    priorityClassName: isString(priorityClassName) ? priorityClassName : undefined,
  });
}

/** Scripts may count in numbers. */
function quantitiesOf(amounts: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(amounts).flatMap(([name, amount]) => {
      return typeof amount === "string" || typeof amount === "number" ? [[name, String(amount)] as const] : [];
    }),
  );
}

function isTable(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function notTable(what: string, value: unknown): Error {
  return new Error(`expect the returned ${what} type is table but got ${luaType(value)}`);
}

/** A table with other keys than 1 to n is no list. */
function listOf(value: object): readonly unknown[] {
  if (isArray(value)) return value;
  throw new Error("the returned table is no list");
}

function toInt32(value: number): number {
  return Math.trunc(value) | 0;
}

function luaType(value: unknown): string {
  if (value === undefined) return "nil";
  return isTable(value) ? "table" : typeof value;
}

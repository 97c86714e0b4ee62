// What scripts give back, checked. Upstream: karmada pkg/resourceinterpreter/customized/declarative/luavm/lua.go.
import type { Component } from "#api/work/binding.ts";
import { isArray, isKubeObject, isRecord } from "#machinery/guards.ts";
import type { KubeObject } from "#machinery/object.ts";
import { componentsOf, dependenciesOf, requirementsOf, toInt32 } from "../answers.ts";
import type { DependentObject, ReflectedStatus, ReplicaInfo } from "../interpretation.ts";

/** JSON: undefined is nil. */
type Results = readonly unknown[];

export function replicasResult([replicas, requires]: Results): ReplicaInfo {
  if (typeof replicas !== "number") throw new Error(`result type ${luaType(replicas)} is not number`);
  if (requires !== undefined && !isTable(requires)) throw notTable("requires", requires);
  return { replicas: toInt32(replicas), requirements: requirementsOf(requires) };
}

export function componentsResult([result]: Results): readonly Component[] {
  if (result === undefined) return [];
  if (isTable(result)) return componentsOf(listOf(result));
  throw new Error(`expected result type 'table' or 'nil' from GetComponents, but got '${luaType(result)}'`);
}

export function objectResult([result]: Results): KubeObject {
  if (!isTable(result)) throw notTable("requires", result);
  if (!isKubeObject(result)) throw new Error("the returned object has no apiVersion, kind and metadata");
  return result;
}

/** Of an object, the status alone counts: a script may return no more than that. */
export function statusInResult([result]: Results): unknown {
  if (!isTable(result)) throw notTable("requires", result);
  return isRecord(result) ? result["status"] : undefined;
}

export function reflectedResult([result]: Results): ReflectedStatus {
  if (!isTable(result)) throw notTable("replica", result);
  return isRecord(result) ? result : {};
}

export function healthResult([result]: Results): boolean {
  if (typeof result !== "boolean") throw new Error(`result type ${luaType(result)} is not bool`);
  return result;
}

export function dependenciesResult([result]: Results): readonly DependentObject[] {
  if (!isTable(result)) throw notTable("requires", result);
  return dependenciesOf(listOf(result));
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

function luaType(value: unknown): string {
  if (value === undefined) return "nil";
  return isTable(value) ? "table" : typeof value;
}

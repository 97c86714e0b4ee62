// The hooks of a kind that has scripts. Upstream: karmada pkg/resourceinterpreter/customized/declarative/configurable.go.
import { deepEqual } from "#machinery/equality.ts";
import { errorText } from "#machinery/api-error.ts";
import type { KubeObject } from "#machinery/object.ts";
import type { Logger } from "#std/logger.ts";
import type { DependentObject, Hooks, Operation } from "../interpretation.ts";
import type { CustomizationScript, KindScripts } from "./customizations.ts";
import {
  componentsResult,
  dependenciesResult,
  healthResult,
  objectResult,
  reflectedResult,
  replicasResult,
  statusInResult,
} from "./results.ts";
import type { ScriptCall } from "./run-script.ts";
import type { ScriptEngine } from "./script-engine.ts";
import { ScriptError } from "./script-error.ts";
import { scriptOf } from "./scripts.ts";

export interface ScriptedHooksOptions {
  readonly engine: ScriptEngine;
  /** Is given what scripts print. */
  readonly log: Logger;
}

/** The hooks for which the kind has a script. */
export function scriptedHooks(scripts: KindScripts, options: ScriptedHooksOptions): Hooks {
  const run = <T>(
    operation: Operation,
    args: readonly unknown[],
    read: (results: readonly unknown[]) => T,
  ): Promise<T> => {
    const [first] = scripts.get(operation) ?? [];
    if (first === undefined) return Promise.reject(new Error(`there is no script for ${scriptOf(operation).name}`));
    return runOne(first, { operation, args, read }, options);
  };
  const hooks: Required<Hooks> = {
    getReplicas: (object) => run("getReplicas", [object], replicasResult),
    getComponents: (object) => run("getComponents", [object], componentsResult),
    reviseReplica: (object, replicas) => run("reviseReplica", [object, replicas], objectResult),
    retain: (desired, observed) => run("retain", [desired, observed], objectResult),
    aggregateStatus: async (object, items) => {
      const status = await run("aggregateStatus", [object, items], statusInResult);
      return status === undefined || deepEqual(object["status"], status) ? object : { ...object, status };
    },
    getDependencies: (object) => dependenciesOfAll(scripts.get("getDependencies") ?? [], object, options),
    reflectStatus: (object) => run("reflectStatus", [object], reflectedResult),
    interpretHealth: (object) => run("interpretHealth", [object], healthResult),
  };
  return Object.fromEntries([...scripts.keys()].map((operation) => [operation, hooks[operation]]));
}

/** Results that the script did not copy are known by what they were in these arguments. */
const keepsEmpty: ReadonlySet<Operation> = new Set(["reviseReplica", "retain"]);

interface Run<T> {
  readonly operation: Operation;
  readonly args: readonly unknown[];
  readonly read: (results: readonly unknown[]) => T;
}

async function runOne<T>(
  { customization, script }: CustomizationScript,
  { operation, args, read }: Run<T>,
  { engine, log }: ScriptedHooksOptions,
): Promise<T> {
  const { name, functionName } = scriptOf(operation);
  const call: ScriptCall = {
    ...{ customization, operation: name, script, functionName, args, keepsEmpty: keepsEmpty.has(operation) },
    ...(operation === "aggregateStatus" ? { field: "status" } : {}),
  };
  const { results, printed } = await engine(call);
  for (const line of printed) log.info(line, { customization, operation: name });
  try {
    return read(results);
  } catch (error) {
    throw new ScriptError(call, errorText(error));
  }
}

/** Of all scripts together, each once and in order. */
async function dependenciesOfAll(
  scripts: readonly CustomizationScript[],
  object: KubeObject,
  options: ScriptedHooksOptions,
): Promise<readonly DependentObject[]> {
  const run: Run<readonly DependentObject[]> = {
    operation: "getDependencies",
    args: [object],
    read: dependenciesResult,
  };
  const found = await Promise.all(scripts.map((script) => runOne(script, run, options)));
  if (found.length === 1) return found[0] ?? [];
  const byKey = new Map(found.flat().map((dependency) => [keyOf(dependency), dependency]));
  return [...byKey].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, dependency]) => dependency);
}

function keyOf({ apiVersion, kind, namespace = "", name = "", labelSelector }: DependentObject): string {
  return JSON.stringify([apiVersion, kind, namespace, name, labelSelector]);
}

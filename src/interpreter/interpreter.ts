// The facade through which controllers understand resources. For each operation the first of these that has a hook for the
// object's exact group, version and kind is asked, and its error is the answer's: customizations in Lua, webhooks, what
// ships with Karmada. Upstream: karmada pkg/resourceinterpreter/interpreter.go.
import type { AggregatedStatusItem, Component } from "#api/work/binding.ts";
import { fieldErrorText, type FieldError, invalid, required } from "#machinery/field-error.ts";
import { isRecord } from "#machinery/guards.ts";
import { type GroupVersionKind, type KubeObject, parseApiVersion } from "#machinery/object.ts";
import type { Clock } from "#std/time.ts";
import {
  type DependentObject,
  type Hooks,
  type Interpretation,
  kindKey,
  type Operation,
  operations,
  type ReflectedStatus,
  type ReplicaInfo,
} from "./interpretation.ts";
import { nativeInterpretations } from "./native/all.ts";
import { thirdPartyInterpretations } from "./third-party/all.ts";

/** Rejections say what of the object could not be interpreted. */
export interface Interpreter {
  /** The operations that this kind has a hook for. Reflecting a status is always possible. */
  hooks(kind: GroupVersionKind): ReadonlySet<Operation>;
  /** Without a hook: no replicas and no requirements, so not a workload. */
  getReplicas(object: KubeObject): Promise<ReplicaInfo>;
  /** Without a hook: none. */
  getComponents(object: KubeObject): Promise<readonly Component[]>;
  /** Without a hook: the object itself. */
  reviseReplica(object: KubeObject, replicas: number): Promise<KubeObject>;
  /** Without a hook: `desired` itself. */
  retain(desired: KubeObject, observed: KubeObject): Promise<KubeObject>;
  /** The object itself (the same reference) when its status is already that, or there is no hook. */
  aggregateStatus(object: KubeObject, items: readonly AggregatedStatusItem[] | undefined): Promise<KubeObject>;
  /** Without a hook: none. */
  getDependencies(object: KubeObject): Promise<readonly DependentObject[]>;
  /** Without a hook: the whole status. */
  reflectStatus(object: KubeObject): Promise<ReflectedStatus>;
  /** Without a hook: healthy. */
  interpretHealth(object: KubeObject): Promise<boolean>;
}

/** Hooks that users bring: they come and go while the interpreter is used. */
export interface HookSource {
  /** Whether all of them are known. Until then no operation is answered. */
  readonly synced: boolean;
  waitForSync(signal: AbortSignal): Promise<void>;
  /** Those for a kind, as they are now. */
  hooks(kind: GroupVersionKind): Hooks | undefined;
}

export interface InterpreterOptions {
  /** Stamps the conditions of aggregated statuses. */
  readonly clock: Clock;
  /** Asked before what ships with Karmada, in this order. */
  readonly sources?: readonly HookSource[];
  /** Ends waiting for the sources. */
  readonly signal?: AbortSignal;
}

/** An interpreter of what users say about kinds, of the built-in kinds, and of third parties' whose meaning ships with Karmada. */
export function createInterpreter({ clock, sources = [], signal = never }: InterpreterOptions): Interpreter {
  const isSynced = (): boolean => sources.every(({ synced }) => synced);
  const hookOf = <Name extends Operation>(object: KubeObject, name: Name): Hooks[Name] => {
    const ofShipped = byKind.get(`${object.apiVersion}/${object.kind}`)?.hooks;
    if (sources.length === 0) return ofShipped?.[name];
    const kind = { ...parseApiVersion(object.apiVersion), kind: object.kind };
    for (const source of sources) {
      const hook = source.hooks(kind)?.[name];
      if (hook !== undefined) return hook;
    }
    return ofShipped?.[name];
  };
  const ask = async <T>(answer: () => T | Promise<T>): Promise<T> => {
    if (!isSynced()) await Promise.all(sources.map((source) => source.waitForSync(signal)));
    return await answer();
  };
  return {
    hooks(kind) {
      if (!isSynced()) return allHooks; // whoever asks then waits, and is told what counts without a hook
      const ofShipped = byKind.get(kindKey(kind))?.names ?? noHooks;
      const brought = sources.map((source) => source.hooks(kind)).filter((hooks) => hooks !== undefined);
      return brought.length === 0 ? ofShipped : new Set([...ofShipped, ...brought.flatMap((hooks) => namesOf(hooks))]);
    },
    getReplicas: (object) => ask(() => hookOf(object, "getReplicas")?.(object) ?? notWorkload),
    getComponents: (object) => ask(() => hookOf(object, "getComponents")?.(object) ?? []),
    reviseReplica: (object, replicas) => ask(() => hookOf(object, "reviseReplica")?.(object, replicas) ?? object),
    retain: (desired, observed) => ask(() => hookOf(desired, "retain")?.(desired, observed) ?? desired),
    aggregateStatus: (object, items) =>
      ask(() => hookOf(object, "aggregateStatus")?.(object, items, clock.now()) ?? object),
    getDependencies: (object) => ask(async () => verified((await hookOf(object, "getDependencies")?.(object)) ?? [])),
    reflectStatus: (object) =>
      ask(() => {
        const hook = hookOf(object, "reflectStatus");
        return hook === undefined ? wholeStatus(object) : hook(object);
      }),
    interpretHealth: (object) => ask(() => hookOf(object, "interpretHealth")?.(object) ?? true),
  };
}

const never = new AbortController().signal;
const notWorkload: ReplicaInfo = { replicas: 0, requirements: undefined };
const allHooks: ReadonlySet<Operation> = new Set(operations);
const noHooks: ReadonlySet<Operation> = new Set(["reflectStatus"]);

/** No kind is in both lists. */
const byKind = new Map(
  [...nativeInterpretations, ...thirdPartyInterpretations].map((hooks: Interpretation) => {
    return [kindKey(hooks.kind), { hooks, names: new Set(namesOf(hooks)) }];
  }),
);

function namesOf(hooks: Hooks): readonly Operation[] {
  return operations.filter((name) => name === "reflectStatus" || hooks[name] !== undefined);
}

function wholeStatus(object: KubeObject): ReflectedStatus {
  const status = object["status"];
  return isRecord(status) ? status : undefined;
}

/** Upstream: karmada pkg/util/interpreter/validation/validation.go. */
function verified(dependencies: readonly DependentObject[]): readonly DependentObject[] {
  const errors = dependencies.flatMap((dependency, index): FieldError[] => {
    const { apiVersion, kind, name = "", labelSelector } = dependency;
    const path = `dependencies[${index}]`;
    return [
      ...(apiVersion === "" ? [required(`${path}.apiVersion`, "missing required apiVersion")] : []),
      ...(kind === "" ? [required(`${path}.kind`, "missing required kind")] : []),
      ...(name === "" && labelSelector === undefined
        ? [invalid(path, dependency, "dependency can not leave name and labelSelector all empty")]
        : []),
    ];
  });
  if (errors.length > 0) throw new Error(errors.map(fieldErrorText).join(", "));
  return dependencies;
}

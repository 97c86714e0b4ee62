// The facade through which controllers understand resources. It picks the interpretation of an object's exact group,
// version and kind. Upstream: karmada pkg/resourceinterpreter/interpreter.go, default/native/default.go.
import type { AggregatedStatusItem } from "#api/work/binding.ts";
import { fieldErrorText, invalid, type FieldError } from "#machinery/field-error.ts";
import { isRecord } from "#machinery/guards.ts";
import { apiVersionOf, type GroupVersionKind, type KubeObject } from "#machinery/object.ts";
import type { Clock } from "#std/time.ts";
import {
  type DependentObject,
  type Interpretation,
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

export interface InterpreterOptions {
  /** Stamps the conditions of aggregated statuses. */
  readonly clock: Clock;
}

/** An interpreter of the built-in kinds and of third parties' whose meaning ships with Karmada. */
export function createInterpreter({ clock }: InterpreterOptions): Interpreter {
  const byKind = new Map(shipped.map((interpretation) => [kindKey(interpretation.kind), interpretation]));
  const hooksByKind = new Map([...byKind].map(([key, interpretation]) => [key, hooksOf(interpretation)]));
  const of = (object: KubeObject): Interpretation | undefined => byKind.get(`${object.apiVersion}/${object.kind}`);
  return {
    hooks: (kind) => hooksByKind.get(kindKey(kind)) ?? noHooks,
    getReplicas: (object) => Promise.try(() => of(object)?.getReplicas?.(object) ?? notWorkload),
    reviseReplica: (object, replicas) => Promise.try(() => of(object)?.reviseReplica?.(object, replicas) ?? object),
    retain: (desired, observed) => Promise.try(() => of(desired)?.retain?.(desired, observed) ?? desired),
    aggregateStatus: (object, items) =>
      Promise.try(() => of(object)?.aggregateStatus?.(object, items, clock.now()) ?? object),
    getDependencies: (object) => Promise.try(() => verified(of(object)?.getDependencies?.(object) ?? [])),
    reflectStatus: (object) => Promise.try(() => reflect(of(object), object)),
    interpretHealth: (object) => Promise.try(() => of(object)?.interpretHealth?.(object) ?? true),
  };
}

/** No kind is in both lists. */
const shipped = [...nativeInterpretations, ...thirdPartyInterpretations];

const notWorkload: ReplicaInfo = { replicas: 0, requirements: undefined };
const noHooks: ReadonlySet<Operation> = new Set(["reflectStatus"]);

function kindKey(kind: GroupVersionKind): string {
  return `${apiVersionOf(kind)}/${kind.kind}`;
}

function hooksOf(interpretation: Interpretation): ReadonlySet<Operation> {
  return new Set(operations.filter((name) => name === "reflectStatus" || interpretation[name] !== undefined));
}

function reflect(interpretation: Interpretation | undefined, object: KubeObject): ReflectedStatus {
  if (interpretation?.reflectStatus !== undefined) return interpretation.reflectStatus(object);
  const status = object["status"];
  return isRecord(status) ? status : undefined;
}

/** Upstream: karmada pkg/util/interpreter/validation/validation.go. */
function verified(dependencies: readonly DependentObject[]): readonly DependentObject[] {
  const errors = dependencies.flatMap((dependency, index): FieldError[] => {
    const { name = "", labelSelector } = dependency;
    return name === "" && labelSelector === undefined
      ? [invalid(`dependencies[${index}]`, dependency, "dependency can not leave name and labelSelector all empty")]
      : [];
  });
  if (errors.length > 0) throw new Error(errors.map(fieldErrorText).join(", "));
  return dependencies;
}

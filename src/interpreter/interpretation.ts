// What an interpretation of one kind is made of: pure functions, each of which a kind may lack.
// Upstream: karmada pkg/resourceinterpreter/interpreter.go.
import type { LabelSelector } from "#api/meta-types.ts";
import type { AggregatedStatusItem, Component, ReplicaRequirements } from "#api/work/binding.ts";
import { apiVersionOf, type GroupVersionKind, type Kind, type KubeObject, parseApiVersion } from "#machinery/object.ts";

export interface ReplicaInfo {
  readonly replicas: number;
  /** What each replica needs; undefined when it asks for nothing in particular. */
  readonly requirements: ReplicaRequirements | undefined;
}

/** An object, or several by label, that a resource cannot run without. Written as JSON into an annotation, in this order. */
export interface DependentObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly labelSelector?: LabelSelector;
}

/** A status as it travels from a member: some fields of the object's status, or undefined when there is none yet. */
export type ReflectedStatus = Readonly<Record<string, unknown>> | undefined;

/** The hooks of a kind. Objects that come in are never changed; what is not changed is shared with what comes out. */
export interface Interpretation<T extends KubeObject = KubeObject> {
  readonly kind: GroupVersionKind;
  getReplicas?(object: T): ReplicaInfo;
  /** The kinds of pods that it is made of, where these are several. */
  getComponents?(object: T): readonly Component[];
  /** The template with a member's share of the replicas. */
  reviseReplica?(object: T, replicas: number): KubeObject;
  /** `desired` with what the member's own object keeps. */
  retain?(desired: T, observed: T): KubeObject;
  /** The template with the members' statuses as one. The same object when nothing changes. `now` in milliseconds. */
  aggregateStatus?(object: T, items: readonly AggregatedStatusItem[] | undefined, now: number): KubeObject;
  getDependencies?(object: T): readonly DependentObject[];
  reflectStatus?(object: T): ReflectedStatus;
  interpretHealth?(object: T): boolean;
}

type Answer<T> = T | Promise<T>;

/** The hooks of a kind as whoever may have to ask others gives them. An interpretation's are hooks, too. */
export interface Hooks {
  getReplicas?(object: KubeObject): Answer<ReplicaInfo>;
  getComponents?(object: KubeObject): Answer<readonly Component[]>;
  reviseReplica?(object: KubeObject, replicas: number): Answer<KubeObject>;
  retain?(desired: KubeObject, observed: KubeObject): Answer<KubeObject>;
  aggregateStatus?(
    object: KubeObject,
    items: readonly AggregatedStatusItem[] | undefined,
    now: number,
  ): Answer<KubeObject>;
  getDependencies?(object: KubeObject): Answer<readonly DependentObject[]>;
  reflectStatus?(object: KubeObject): Answer<ReflectedStatus>;
  interpretHealth?(object: KubeObject): Answer<boolean>;
}

/** `<apiVersion>/<kind>`: what hooks are found by. */
export function kindKey(kind: GroupVersionKind): string {
  return `${apiVersionOf(kind)}/${kind.kind}`;
}

export const operations = [
  "getReplicas",
  "getComponents",
  "reviseReplica",
  "retain",
  "aggregateStatus",
  "getDependencies",
  "reflectStatus",
  "interpretHealth",
] as const;
export type Operation = (typeof operations)[number];

/** Declares an interpretation; the kind decides what its functions are given. */
export function defineInterpretation<T extends KubeObject>(
  interpretation: Interpretation<T> & { readonly kind: Kind<T> },
): Interpretation {
  return interpretation;
}

/** Declares the interpretation of a kind that members know by a CRD of others: its objects have no type here. */
export function interpretationOf(
  apiVersion: string,
  kind: string,
  hooks: Omit<Interpretation, "kind">,
): Interpretation {
  return { ...hooks, kind: { ...parseApiVersion(apiVersion), kind } };
}

// What a DELETE does to an object: nothing yet, a mark, or its removal. Pure: the time is an argument.
// Upstream: k8s.io/apiserver/pkg/registry/rest/delete.go (BeforeDelete) and
// registry/generic/registry/store.go (updateForGracefulDeletionAndFinalizers).
import type { KubeObject } from "#machinery/object.ts";
import { formatTime, parseTime } from "#std/time.ts";

export const orphanFinalizer = "orphan";
export const foregroundFinalizer = "foregroundDeletion";

export interface DeletionOptions {
  readonly gracePeriodSeconds: number | undefined;
  readonly propagationPolicy: "Orphan" | "Background" | "Foreground" | undefined;
  /** The older way to say Orphan or Background. */
  readonly orphanDependents: boolean | undefined;
}

export interface DeletionSituation {
  readonly options: DeletionOptions;
  /** What the kind makes of the asked-for grace; undefined: a kind without grace. */
  readonly graceSeconds: number | undefined;
  /** Something beside metadata.finalizers holds the object. */
  readonly heldOtherwise: boolean;
  /** Milliseconds. */
  readonly now: number;
}

export type DeletionPlan =
  | { readonly kind: "pending" }
  | { readonly kind: "remove" }
  | {
      readonly kind: "mark";
      readonly deletionTimestamp: string;
      readonly deletionGracePeriodSeconds: number;
      readonly finalizers: readonly string[];
      readonly generation: number | undefined;
    };

/** Decides. `object` is the stored one, after the kind's own preparation. */
export function planDeletion(object: KubeObject, situation: DeletionSituation): DeletionPlan {
  return object.metadata.deletionTimestamp === undefined
    ? planFirst(object, situation)
    : planAgain(object, object.metadata.deletionTimestamp, situation);
}

function planFirst(object: KubeObject, { options, graceSeconds, heldOtherwise, now }: DeletionSituation): DeletionPlan {
  const finalizers = collectorFinalizers(object.metadata.finalizers ?? [], options);
  const grace = graceSeconds === undefined ? 0 : notNegative(graceSeconds);
  if (grace === 0 && finalizers.length === 0 && !heldOtherwise) return { kind: "remove" };
  const { generation = 0 } = object.metadata;
  return {
    kind: "mark",
    deletionTimestamp: formatTime(now + grace * 1000),
    deletionGracePeriodSeconds: grace,
    finalizers,
    generation: generation > 0 ? generation + 1 : undefined,
  };
}

/** A repeated DELETE may only shorten the grace; it cannot change finalizers any more. */
function planAgain(object: KubeObject, since: string, situation: DeletionSituation): DeletionPlan {
  const { deletionGracePeriodSeconds: grace = 0, finalizers = [], generation } = object.metadata;
  const isHeld = finalizers.length > 0 || situation.heldOtherwise;
  if (grace === 0) return isHeld ? { kind: "pending" } : { kind: "remove" };
  const { gracePeriodSeconds } = situation.options;
  const asked = gracePeriodSeconds === undefined ? grace : notNegative(gracePeriodSeconds);
  if (asked >= grace) return { kind: "pending" };
  if (asked === 0 && !isHeld) return { kind: "remove" };
  const asOf = (parseTime(since) ?? situation.now) - (grace - asked) * 1000;
  return {
    kind: "mark",
    deletionTimestamp: formatTime(Math.max(asOf, situation.now)),
    deletionGracePeriodSeconds: asked,
    finalizers,
    generation,
  };
}

/** The finalizers with those of the garbage collector as the options, or else the object itself, want them. */
function collectorFinalizers(present: readonly string[], options: DeletionOptions): readonly string[] {
  const wanted = wantedFinalizer(present, options);
  const others = present.filter((finalizer) => finalizer !== orphanFinalizer && finalizer !== foregroundFinalizer);
  if (wanted === undefined) return others.length === present.length ? present : others;
  return present.includes(wanted) && others.length === present.length - 1 ? present : [...others, wanted];
}

function wantedFinalizer(present: readonly string[], options: DeletionOptions): string | undefined {
  if (options.orphanDependents !== undefined) return options.orphanDependents ? orphanFinalizer : undefined;
  switch (options.propagationPolicy) {
    case "Orphan":
      return orphanFinalizer;
    case "Foreground":
      return foregroundFinalizer;
    case "Background":
      return undefined;
    case undefined:
      return [foregroundFinalizer, orphanFinalizer].find((finalizer) => present.includes(finalizer));
  }
}

/** A negative grace means the shortest there is. */
function notNegative(seconds: number): number {
  return seconds < 0 ? 1 : seconds;
}

// What a controller is: data that says what it watches and one function from a key to a result.
// It is never told which event happened: it reads the world and closes the gap. (Words are controller-runtime's.)
import type { Client } from "#client/client.ts";
import type { InformerFactory } from "#client/informer.ts";
import type { Kind, KubeObject, ObjectRef } from "#machinery/object.ts";
import type { Backoff } from "#std/backoff.ts";
import type { Clock } from "#std/time.ts";
import type { Logger } from "#std/logger.ts";
import type { Random } from "#std/random.ts";
import type { EventRecorder } from "./event-recorder.ts";
import type { Standing } from "./precedence.ts";
import type { AddOptions } from "./work-queue.ts";

/** What a reconcile asks for next. Throwing means: log, count, and try again with back-off. */
export type Result = { readonly kind: "done" } | { readonly kind: "requeue"; readonly afterMilliseconds: number };

export const done: Result = { kind: "done" };

/** Look at this key again after so long, even if nothing happens. */
export function requeueAfter(afterMilliseconds: number): Result {
  return { kind: "requeue", afterMilliseconds };
}

/** Thrown by a reconcile whose error no retry can mend: it is logged and counted, not retried until the next event. */
export class TerminalError extends Error {
  override readonly name = "TerminalError";
}

/** A key in a controller's queue: which object, and of which of its kinds. */
export interface ReconcileKey extends ObjectRef {
  readonly kind: Kind;
}

export interface ControllerContext<Options = unknown> {
  readonly client: Client;
  readonly informers: InformerFactory;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly options: Options;
  readonly signal: AbortSignal;
}

/** Another kind whose changes concern this controller's keys. `map` gets both states of an update; `old` is undefined else. */
export interface Watch<T extends KubeObject = KubeObject> {
  readonly kind: Kind<T>;
  /**
   * Low: its keys go after what else happens, and are asked for bit by bit: there may be very many of them. Absent: as
   * is usual, low for what is found when it begins to listen.
   */
  readonly priority?: "low";
  map(object: T, old: T | undefined, context: ControllerContext): Iterable<ReconcileKey>;
}

/** A watch that need not know more than the names of what changes: the objects, which may be many, are not read for it. */
export interface NameWatch {
  readonly kind: Kind;
  mapName(ref: ObjectRef): Iterable<ReconcileKey>;
}

export interface SourceArguments<Options> extends ControllerContext<Options> {
  /** Adds a key; duplicates while it waits are one. */
  enqueue(key: ReconcileKey, options?: AddOptions): void;
}

/**
 * One controller. A manager runs it; one with state of its own is made by a function, so that each manager has its own.
 */
export interface Controller<Options extends object = object> {
  /** Upstream's name of it, as in `--controllers`. */
  readonly name: string;
  /** Kinds whose objects are its keys. */
  readonly for: readonly Kind[];
  /** Which updates of them matter; absent: all with another resourceVersion. Adds and deletes always do. */
  readonly changed?: (object: KubeObject, old: KubeObject) => boolean;
  readonly watches?: readonly (Watch | NameWatch)[];
  /** Other sources of keys (kinds found by discovery, members, timers). Runs until the signal aborts. */
  source?(args: SourceArguments<Options>): Promise<void>;
  readonly options: Options;
  /** Higher goes first; asked when a key is added. Absent: all keys are equal. */
  rank?(key: ReconcileKey, context: ControllerContext<Options>): number;
  /** How long failures wait; absent: 5 ms, doubling to 1,000 s. */
  readonly backoff?: Backoff;
  /** Whether others wait while it has work, or it for them. Absent: neither. */
  readonly standing?: Standing;
  /** How long its workers together hold a turn of the event loop. Absent: as all others of the manager. */
  readonly turnMilliseconds?: number;
  /** Keys worked on at once; one key never runs twice at a time. Default reconcileWorkersDefault. */
  readonly workers?: number;
  reconcile(key: ReconcileKey, context: ControllerContext<Options>): Promise<Result>;
}

/** Declares a controller. The identity function, for inference. */
export function defineController<Options extends object>(controller: Controller<Options>): Controller<Options> {
  return controller;
}

/** A watch with its object type kept, to be listed in `watches`. */
export function watches<T extends KubeObject>(kind: Kind<T>, map: Watch<T>["map"]): Watch {
  return { kind, map };
}

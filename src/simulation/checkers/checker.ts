// What a checker of the whole system is: one invariant, watched while a seed runs and asked for at the end. A checker only
// looks; it writes nothing, and costs no step.
import type { Mirror, ObservedChange } from "../mirror.ts";
import type { Step } from "../plan.ts";

/** A request as it arrives at a server. */
export interface ObservedRequest {
  /** Who sent it, such as `controller-manager-a`. */
  readonly component: string;
  /** The name of the process: another one after each start. */
  readonly identity: string;
  readonly server: string;
  readonly method: string;
  readonly path: string;
}

/** Something that the user has done, and what came of it. */
export interface ObservedAct {
  readonly step: Step;
  readonly outcome: "done" | "refused" | "unanswered";
}

/** What a watch has told one who only looks. */
export interface ObservedDelivery {
  readonly server: string;
  /** The keys that it is about begin so. */
  readonly prefix: string;
  /** `listed`: it begins, or begins anew, after this revision. `reached`: a bookmark. */
  readonly type: "listed" | "put" | "delete" | "reached";
  readonly revision: number;
  /** Of a put or delete. */
  readonly key: string;
}

/** What checkers look at. */
export interface Observed {
  readonly controlPlane: string;
  readonly members: readonly string[];
  readonly mirror: Mirror;
  /** Milliseconds since the world began. */
  readonly now: () => number;
  /** By component and controller: keys that wait to be worked on. */
  readonly queueDepths: () => ReadonlyMap<string, number>;
  /** Whether the user does something to this object by hand at this moment, or did within the last `milliseconds`. */
  readonly isByHand: (server: string, key: string, milliseconds?: number) => boolean;
}

/** One invariant. Each method gives a sentence for what breaks it, or undefined. */
export interface Checker {
  /** A change has become durable. */
  committed?(change: ObservedChange): string | undefined;
  /** A request has arrived at a server, which has not answered yet. */
  requested?(request: ObservedRequest): string | undefined;
  /** The user has done something. */
  acted?(act: ObservedAct): string | undefined;
  /** A watch has delivered something. */
  delivered?(delivery: ObservedDelivery): string | undefined;
  /** A member is as it was at an earlier time. */
  restored?(server: string): string | undefined;
  /** The world as it is now is looked at: now and then while the seed runs. */
  looked?(): string | undefined;
  /** Faults are over and the user is gone: what is not yet as it must be. Asked until it is, and once more after a rest. */
  unsettled?(): string | undefined;
  /** The world has been right, and has then been left alone for a while: what should not have happened meanwhile. */
  rested?(): string | undefined;
}

export type MakeChecker = (world: Observed) => Checker;

// What the main thread and the thread of the local members say to each other, requests to members apart: those have a
// port for each member (handler-port.ts).
import type { MessagePort } from "node:worker_threads";
import type { MemberFacts } from "./local-member.ts";

export interface StartOrder {
  readonly type: "start";
  /** Of each member, in order. */
  readonly members: readonly { readonly name: string; readonly port: number }[];
  /** The data directory, which the main thread holds the lock of. */
  readonly directory: string;
  readonly podStartMilliseconds: number;
  readonly logLevel: string;
}

export type ToMembers =
  | StartOrder
  /** The controllers of the main thread that go first have work and get on with it, or have none. */
  | { readonly type: "leading"; readonly isLeading: boolean }
  | { readonly type: "stop" };

export type FromMembers =
  | { readonly type: "started"; readonly members: readonly (MemberFacts & { readonly handler: MessagePort })[] }
  | { readonly type: "failed"; readonly error: string };

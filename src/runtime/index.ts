// Declares and runs controllers: queues of keys, workers, retries, leader election, events.
export {
  type Controller,
  type ControllerContext,
  defineController,
  done,
  type ReconcileKey,
  requeueAfter,
  type Result,
  type SourceArguments,
  TerminalError,
  type Watch,
  watches,
} from "./controller.ts";
export { createEventRecorder, type EventRecorderOptions } from "./create-event-recorder.ts";
export type { EventRecorder, EventTarget } from "./event-recorder.ts";
export {
  campaign,
  fencedClient,
  type LeaderElection,
  type Leadership,
  LeadershipLostError,
} from "./leader-election.ts";
export { type Manager, type ManagerOptions, startManager } from "./manager.ts";
export type { ControllerFigures } from "./metrics.ts";
export { WorkQueue } from "./work-queue.ts";

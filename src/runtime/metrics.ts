// What a controller has done, as plain numbers that whoever serves metrics can read at any time.
import type { WorkQueueFigures } from "./work-queue.ts";

export interface ControllerFigures extends WorkQueueFigures {
  readonly name: string;
  /** Reconciles that ended well and asked for nothing more. */
  readonly done: number;
  /** Reconciles that ended well and asked to be called again. */
  readonly requeued: number;
  /** Reconciles that failed and are tried again. */
  readonly failed: number;
  /** Reconciles that failed for good. */
  readonly terminal: number;
  readonly workMillisecondsTotal: number;
  readonly workMillisecondsMax: number;
}

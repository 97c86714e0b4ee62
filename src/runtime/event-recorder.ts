// The port through which controllers tell users what happened: core/v1 Events, as upstream's recorder writes them.
import type { KubeObject } from "#machinery/object.ts";

export interface EventTarget {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Pick<KubeObject["metadata"], "name" | "namespace" | "uid" | "resourceVersion">;
}

/** Never throws and never blocks: events are best effort, aggregated (count, lastTimestamp) and bounded. */
export interface EventRecorder {
  event(target: EventTarget, type: "Normal" | "Warning", reason: string, message: string): void;
}

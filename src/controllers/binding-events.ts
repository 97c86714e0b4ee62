// Events about a binding are for its users, too: they are told of the template as well, where it is known.
import { eventReasons } from "#api/karmada-constants.ts";
import type { Binding } from "#api/work/binding.ts";
import type { KubeObject } from "#machinery/object.ts";
import type { ControllerContext } from "#runtime/controller.ts";
import type { Templates } from "./templates.ts";

export interface BindingEvent {
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
}

interface Teller {
  readonly events: ControllerContext["events"];
  readonly templates: Pick<Templates, "peek">;
}

/** Writes the event on the binding and on its template. */
export function tellOfBinding(binding: Binding, { type, reason, message }: BindingEvent, teller: Teller): void {
  const template = teller.templates.peek(binding.spec.resource);
  const targets: readonly KubeObject[] = template === undefined ? [binding] : [binding, template];
  for (const target of targets) teller.events.event(target, type, reason, message);
}

/** That an eviction could not be written, for each cluster. */
export function tellEvictionFailed(
  binding: Binding,
  clusters: readonly string[],
  error: unknown,
  teller: Teller,
): void {
  const why = error instanceof Error ? `: ${error.message}` : "";
  for (const cluster of clusters) {
    const message = `Evict from cluster ${cluster} failed${why}.`;
    tellOfBinding(binding, { type: "Warning", reason: eventReasons.evictFailed, message }, teller);
  }
}

// Events about a binding are for its users, too: they are told of the template as well, where it is known.
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

// What is told of a schedule on the binding and on its template.
// Upstream: karmada pkg/scheduler/scheduler.go (recordScheduleResultEventForResourceBinding), pkg/events/events.go.
import type { Binding } from "#api/work/binding.ts";
import type { KubeObject } from "#machinery/object.ts";
import { defined } from "#std/defined.ts";
import type { Outcome } from "../decide.ts";
import { resultText } from "./decide.ts";

export interface Told {
  readonly type: "Normal" | "Warning";
  readonly reason: "ScheduleBindingSucceed" | "ScheduleBindingFailed";
  readonly message: string;
}

/** Each affinity group that could not take it, and the result. */
export function eventsOf(binding: Binding, outcome: Outcome): readonly Told[] {
  const failures = outcome.attempts.flatMap(({ failure }) => (failure === undefined ? [] : [failure.message]));
  if (outcome.kind === "failed") failures.unshift(outcome.message);
  const told = [...new Set(failures)].map(failed);
  if (outcome.kind === "failed") return told;
  const colon = binding.kind === "ClusterResourceBinding" ? "" : ":";
  const message = `Binding has been scheduled successfully. Result${colon} ${resultText(outcome.targets)}`;
  return [...told, { type: "Normal", reason: "ScheduleBindingSucceed", message }];
}

/** Who is told: the binding, and its template by the reference to it. */
export function toldOf(binding: Binding): readonly KubeObject[] {
  const { apiVersion, kind, name, namespace, uid } = binding.spec.resource;
  return [binding, { apiVersion, kind, metadata: defined({ name, namespace, uid }) }];
}

function failed(message: string): Told {
  return { type: "Warning", reason: "ScheduleBindingFailed", message };
}

// Which of several members' states stands for all, and what several pods together refer to.
import type { PodSpec } from "#api/generated/types.ts";
import type { DependentObject } from "../interpretation.ts";
import { type MemberStatus, text } from "../native/member-status.ts";
import { podDependencies } from "../native/pod-dependencies.ts";

/** The first, in `order` from the worst, of the texts that `states` have; a text not in `order` comes last. */
export function worst(states: readonly string[], order: readonly string[]): string {
  const rank = (state: string): number => (order.includes(state) ? order.indexOf(state) : order.length);
  return states.reduce((found, state) => (rank(state) < rank(found) ? state : found), states[0] ?? "");
}

/** The status whose field is the worst. */
export function worstStatus(
  statuses: readonly MemberStatus[],
  name: string,
  order: readonly string[],
): MemberStatus | undefined {
  const state = worst(
    statuses.map((status) => text(status, name)),
    order,
  );
  return statuses.find((status) => text(status, name) === state);
}

/** What these pods refer to, each once. */
export function dependenciesOfAll(
  specs: readonly (PodSpec | undefined)[],
  namespace: string | undefined,
): readonly DependentObject[] {
  const found = specs.flatMap((spec) => podDependencies(spec, namespace));
  return [...new Map(found.map((each) => [`${each.kind}/${each.name ?? ""}`, each])).values()];
}

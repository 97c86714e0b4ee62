// Whether the user has lately had a hand in what carries a template to clusters.
import { ResourceBinding } from "#api/work/binding.ts";
import { Work } from "#api/work/work.ts";
import { keyOf } from "../mirror.ts";
import { bindingRefOf, workRefOf } from "../workload/objects.ts";
import type { Observed } from "./checker.ts";

/** How long what was done by hand may still have consequences. */
const handMilliseconds = 600_000;

/** Whether its binding, or a Work of it for one of these clusters, is touched by hand or was a while ago. */
export function isCarriedByHand(
  { controlPlane, isByHand }: Observed,
  name: string,
  clusters: readonly string[],
): boolean {
  const keys = [
    keyOf(ResourceBinding, bindingRefOf(name)),
    ...clusters.map((cluster) => keyOf(Work, workRefOf(name, cluster))),
  ];
  return keys.some((key) => isByHand(controlPlane, key, handMilliseconds));
}

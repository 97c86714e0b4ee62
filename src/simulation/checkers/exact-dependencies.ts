// Invariant: what a template refers to is where the template is, if its policy says propagateDeps. In a calm world the binding
// of each ConfigMap names exactly the bindings that need it, with their clusters; and one that goes along only, without a
// policy of its own, is in exactly those clusters as its template has it, and nowhere else.
import { Cluster } from "#api/cluster/cluster.ts";
import { ConfigMap } from "#api/kinds.ts";
import type { ResourceBinding } from "#api/work/binding.ts";
import { deepEqual } from "#machinery/equality.ts";
import { bindingIn, clustersOfReferrers, isLive, isManaged, isNeededIn, templateIn } from "../expected.ts";
import type { KubeObject } from "#machinery/object.ts";
import type { Mirror } from "../mirror.ts";
import { controlPlane } from "../parts.ts";
import { bindingRefOf, kindOf, mounts, refOf, stampAnnotation } from "../workload/objects.ts";
import { templateNames, workloadNames } from "../workload/system-plan.ts";
import type { Checker, Observed } from "./checker.ts";

export function exactDependencies({ mirror, members }: Observed): Checker {
  return {
    unsettled() {
      for (const name of templateNames) {
        if (kindOf(name) !== ConfigMap || templateIn(mirror, name) === undefined) continue;
        const binding = bindingIn(mirror, name);
        const what = wrongReferrers(mirror, name, binding) ?? wrongPlace(mirror, members, name, binding);
        if (what !== undefined) return what;
      }
      return undefined;
    },
  };
}

function wrongReferrers(mirror: Mirror, config: string, binding: ResourceBinding | undefined): string | undefined {
  const told = new Map((binding?.spec.requiredBy ?? []).map((entry) => [entry.name, entry.clusters ?? []]));
  for (const name of workloadNames) {
    const template = templateIn(mirror, name);
    const referrer = bindingIn(mirror, name);
    const entry = told.get(bindingRefOf(name).name);
    const isOne =
      template !== undefined && mounts(template, config) && isLive(referrer) && referrer.spec.propagateDeps === true;
    if (!isOne && entry !== undefined) return `${config}: ${name} does not need it, and its binding says so`;
    if (!isOne || (entry === undefined && (referrer.spec.clusters ?? []).length === 0)) continue;
    if (!deepEqual(entry, referrer.spec.clusters ?? []))
      return `${config}: ${name} needs it, and its binding does not say so, or not where`;
  }
  return undefined;
}

function wrongPlace(
  mirror: Mirror,
  members: readonly string[],
  config: string,
  binding: ResourceBinding | undefined,
): string | undefined {
  if (binding === undefined || binding.spec.placement !== undefined) return undefined;
  const wanted = clustersOfReferrers(binding);
  for (const member of members) {
    const copy = mirror.find(member, kindOf(config), refOf(config));
    if (copy !== undefined && !isManaged(copy)) continue;
    const isThere = isLive(mirror.find(controlPlane, Cluster, { name: member }));
    if (wanted.has(member) && isThere && stampOf(copy) !== stampOf(templateIn(mirror, config)))
      return `${config} in ${member}: it is needed, and not there as it is now`;
    if (wanted.has(member) || !isLive(copy) || mirror.isAbandoned(copy)) continue;
    if (!isNeededIn(mirror, binding, member)) return `${config} in ${member}: nothing needs it, and it is there`;
  }
  return undefined;
}

/** From which write it is; undefined for what is not there. */
function stampOf(object: KubeObject | undefined): string | undefined {
  return isLive(object) ? object.metadata.annotations?.[stampAnnotation] : undefined;
}

// Invariant: in a calm world every template that a policy selects is in exactly the clusters that the policy names, as the
// template and the override policies have it. A cluster with a taint that is not tolerated keeps what it has and gets
// nothing new; one to which nothing is dispatched may have an older state; a copy that is held for want of a replacement
// may stay; and an object that is not Karmada's keeps its place.
import { Cluster } from "#api/cluster/cluster.ts";
import { karmadaAnnotations } from "#api/karmada-constants.ts";
import { OverridePolicy } from "#api/policy/override-policy.ts";
import { isConditionTrue } from "#machinery/conditions.ts";
import { fieldOf } from "#machinery/guards.ts";
import type { KubeObject } from "#machinery/object.ts";
import {
  clustersFor,
  clustersOfReferrers,
  evictedFrom,
  isDivided,
  isLive,
  isManaged,
  isNeededIn,
  isSuspended,
  type Propagated,
  propagated,
} from "../expected.ts";
import type { Mirror } from "../mirror.ts";
import { controlPlane } from "../parts.ts";
import {
  contentIn,
  isWorkload,
  kindOf,
  overrideAnnotation,
  overrideRefOf,
  refOf,
  stampAnnotation,
} from "../workload/objects.ts";
import type { Checker, Observed } from "./checker.ts";

export function exactClusters({ mirror, members }: Observed): Checker {
  return {
    unsettled() {
      for (const each of propagated(mirror)) {
        const what = typeof each === "string" ? each : (wrongTargets(mirror, each) ?? wrongCopy(mirror, members, each));
        if (what !== undefined) return what;
      }
      return undefined;
    },
  };
}

function wrongTargets(mirror: Mirror, each: Propagated): string | undefined {
  const { must, may } = clustersFor(mirror, each);
  const targets = new Set(targetsOf(each).keys());
  const missing = must.difference(targets);
  const surplus = targets.difference(may);
  if (missing.size > 0) return `${each.name}: it is not bound to ${[...missing].join()}`;
  if (surplus.size > 0) return `${each.name}: it is bound to ${[...surplus].join()}, and may not be`;
  return undefined;
}

function targetsOf({ binding }: Propagated): ReadonlyMap<string, number | undefined> {
  return new Map((binding.spec.clusters ?? []).map(({ name, replicas }) => [name, replicas]));
}

function referrersTargets({ binding }: Propagated): ReadonlyMap<string, undefined> {
  return new Map([...clustersOfReferrers(binding)].map((name) => [name, undefined]));
}

function wrongCopy(mirror: Mirror, members: readonly string[], each: Propagated): string | undefined {
  const { name, binding } = each;
  const targets = new Map([...referrersTargets(each), ...targetsOf(each)]);
  const evicting = evictedFrom(binding);
  // Where nothing has come in its place, or not all that share its replicas, a copy is held, target or not.
  const arrived = [...targets.keys()].filter((target) => {
    const copy = mirror.find(target, kindOf(name), refOf(name));
    return isLive(copy) && isManaged(copy);
  });
  const { placement, replicas = 0 } = binding.spec;
  const isShared = isDivided(placement) && replicas > 0;
  const isReplaced = arrived.length >= (isShared ? Math.max(targets.size, 1) : 1);
  const isHeld = !isReplaced || isConditionTrue(binding.status?.conditions, "EvictionHeld");
  for (const member of members) {
    const copy = mirror.find(member, kindOf(name), refOf(name));
    if (copy !== undefined && !isManaged(copy)) continue;
    if (!targets.has(member)) {
      if (isNeededIn(mirror, binding, member)) continue;
      if (isLive(copy) && !evicting.has(member) && !isHeld && !mirror.isAbandoned(copy))
        return `${name} in ${member}: it is there, and should not be`;
    } else if (!isSuspended(binding, member) && isLive(mirror.find(controlPlane, Cluster, { name: member }))) {
      if (!isLive(copy)) return `${name} in ${member}: it is not there`;
      const what = difference(each, copy, overrideFor(mirror, name, member), targets.get(member));
      if (what !== undefined) return `${name} in ${member}: ${what}`;
    }
  }
  return undefined;
}

/** The stamp that an override policy puts on what goes to a member. */
function overrideFor(mirror: Mirror, name: string, member: string): string | undefined {
  const policy = mirror.find(controlPlane, OverridePolicy, overrideRefOf(name));
  const isFor = policy?.spec.overrideRules?.some(({ targetCluster }) => targetCluster?.clusterNames?.includes(member));
  return isFor === true && isLive(policy) ? policy.metadata.annotations?.[stampAnnotation] : undefined;
}

function difference(
  { name, template }: Propagated,
  copy: KubeObject,
  override: string | undefined,
  replicas: number | undefined,
): string | undefined {
  const stamps = [template, copy].map(({ metadata }) => metadata.annotations?.[stampAnnotation]);
  if (stamps[0] !== stamps[1]) return `it is from write ${stamps[1] ?? "?"} instead of ${stamps[0] ?? "?"}`;
  // What Karmada has let go of and taken over again is the member's own.
  const own = copy.metadata.annotations?.[karmadaAnnotations.managedAnnotations]?.split(",") ?? [];
  const overridden = own.includes(overrideAnnotation) ? copy.metadata.annotations?.[overrideAnnotation] : undefined;
  if (overridden !== override) return `it has override ${overridden ?? "none"} instead of ${override ?? "none"}`;
  if (!isWorkload(name)) {
    const values = [template, copy].map((object) => contentIn(name, object));
    return values[0] === values[1] ? undefined : `it holds ${String(values[1])} instead of ${String(values[0])}`;
  }
  const wanted = replicas ?? fieldOf(template, "spec", "replicas");
  const found = fieldOf(copy, "spec", "replicas");
  return found === wanted ? undefined : `it has ${String(found)} replicas instead of ${String(wanted)}`;
}

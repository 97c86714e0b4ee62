// Invariant: deletion leaves nothing behind. In a calm world each binding has its template, each Work its binding and its
// cluster, each object of Karmada's in a member its template; and nothing is still being deleted, except a cluster
// that a binding is in which says that it finds no other place.
import { Cluster } from "#api/cluster/cluster.ts";
import { karmadaAnnotations } from "#api/karmada-constants.ts";
import { executionNamespace } from "#api/karmada-names.ts";
import { Namespace } from "#api/kinds.ts";
import { OverridePolicy } from "#api/policy/override-policy.ts";
import { PropagationPolicy } from "#api/policy/propagation-policy.ts";
import { ResourceBinding } from "#api/work/binding.ts";
import { Work } from "#api/work/work.ts";
import type { Kind, KubeObject } from "#machinery/object.ts";
import { bindingIn, isManaged, staysWhereItIs, templateIn } from "../expected.ts";
import { kindOf, namespace, refOf } from "../workload/objects.ts";
import { templateNames } from "../workload/system-plan.ts";
import type { Checker, Observed } from "./checker.ts";

const kinds: readonly Kind[] = [ResourceBinding, Work, PropagationPolicy, OverridePolicy, Cluster, Namespace];

export function nothingLeft({ mirror, controlPlane, members }: Observed): Checker {
  const isWaitedFor = ({ kind, metadata: { name } }: KubeObject): boolean =>
    kind === Cluster.kind &&
    mirror
      .list(controlPlane, ResourceBinding)
      .some((binding) => staysWhereItIs(binding) && binding.spec.clusters?.some((target) => target.name === name));
  const leaving = (): string | undefined => {
    for (const kind of kinds) {
      const object = mirror
        .list(controlPlane, kind)
        .find((each) => each.metadata.deletionTimestamp !== undefined && !isWaitedFor(each));
      if (object !== undefined) return `${kind.kind} ${object.metadata.name} is still being deleted`;
    }
    return undefined;
  };
  const orphan = (): string | undefined => {
    const clusters = new Set(mirror.list(controlPlane, Cluster).map(({ metadata }) => metadata.name));
    const spaces = new Set([...clusters].map((name) => executionNamespace(name)));
    for (const { metadata } of mirror.list(controlPlane, Work)) {
      if (!spaces.has(metadata.namespace ?? ""))
        return `Work ${metadata.name} is in ${metadata.namespace}, which has no cluster`;
      const name = metadata.annotations?.[karmadaAnnotations.resourceBindingName];
      if (name !== undefined && mirror.find(controlPlane, ResourceBinding, { namespace, name }) === undefined)
        return `Work ${metadata.namespace}/${metadata.name} has no binding any more`;
    }
    return undefined;
  };
  const remains = (): string | undefined => {
    for (const name of templateNames) {
      if (templateIn(mirror, name) !== undefined) continue;
      if (bindingIn(mirror, name) !== undefined) return `${name}: it is deleted, and its binding is still there`;
      for (const member of members) {
        const copy = mirror.find(member, kindOf(name), refOf(name));
        if (copy !== undefined && isManaged(copy) && !mirror.isAbandoned(copy))
          return `${name} in ${member}: it is deleted, and still there`;
      }
    }
    return undefined;
  };
  return { unsettled: () => leaving() ?? orphan() ?? remains() };
}

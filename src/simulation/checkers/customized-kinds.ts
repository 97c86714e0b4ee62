// Invariant: what users say about a kind counts, from when they say it until they take it back. In a calm world the status of
// each copy of a ConfigMap is what the customization as it is now makes of that copy, or none where there is no such script;
// its health is known if the customization says so; and what a member has added to it stays only where it is to be retained.
import { ResourceInterpreterCustomization } from "#api/config/resource-interpreter-customization.ts";
import { Cluster } from "#api/cluster/cluster.ts";
import { ConfigMap } from "#api/kinds.ts";
import type { AggregatedStatusItem } from "#api/work/binding.ts";
import { fieldOf } from "#machinery/guards.ts";
import type { KubeObject } from "#machinery/object.ts";
import { isLive, isManaged, isSuspended, type Propagated, propagated } from "../expected.ts";
import { customizationRef, ownKey } from "../workload/customizations.ts";
import { contentIn, kindOf, refOf, stampAnnotation } from "../workload/objects.ts";
import type { Checker, Observed } from "./checker.ts";

export function customizedKinds({ mirror, controlPlane }: Observed): Checker {
  const wrong = ({ name, binding }: Propagated, rules: Rules): string | undefined => {
    for (const item of binding.status?.aggregatedStatus ?? []) {
      const { clusterName } = item;
      const copy = mirror.find(clusterName, ConfigMap, refOf(name));
      const isThere = isLive(mirror.find(controlPlane, Cluster, { name: clusterName }));
      const isTarget = binding.spec.clusters?.some((target) => target.name === clusterName) === true;
      if (!isThere || !isTarget || !isLive(copy) || !isManaged(copy)) continue;
      const what = wrongWord(name, item, copy, rules);
      if (what !== undefined) return `${name} in ${clusterName}: ${what}`;
      if (!rules.isRetained && !isSuspended(binding, clusterName) && fieldOf(copy, "data", ownKey) !== undefined)
        return `${name} in ${clusterName}: it has what only its member has, and nothing says that it is to be retained`;
    }
    return undefined;
  };
  return {
    unsettled() {
      const rules = rulesIn(mirror.find(controlPlane, ResourceInterpreterCustomization, customizationRef));
      for (const each of propagated(mirror)) {
        if (typeof each === "string" || kindOf(each.name) !== ConfigMap) continue;
        const what = wrong(each, rules);
        if (what !== undefined) return what;
      }
      return undefined;
    },
  };
}

interface Rules {
  /** The write that statuses are to be from; undefined: there is to be none. */
  readonly by: unknown;
  readonly isHealthKnown: boolean;
  readonly isRetained: boolean;
}

function rulesIn(customization: ResourceInterpreterCustomization | undefined): Rules {
  if (!isLive(customization)) return { by: undefined, isHealthKnown: false, isRetained: false };
  const has = (rule: string): boolean => fieldOf(customization, "spec", "customizations", rule) !== undefined;
  const by = has("statusReflection") ? customization.metadata.annotations?.[stampAnnotation] : undefined;
  return { by, isHealthKnown: has("healthInterpretation"), isRetained: has("retention") };
}

function wrongWord(name: string, item: AggregatedStatusItem, copy: KubeObject, rules: Rules): string | undefined {
  const { status, health } = item;
  const [by, holds] = [fieldOf(status, "by"), fieldOf(status, "holds")];
  if (by !== rules.by) return `its status is from customization ${String(by)} instead of ${String(rules.by)}`;
  const value = contentIn(name, copy);
  if (by !== undefined && holds !== value) return `its status says ${String(holds)}, and it holds ${String(value)}`;
  return rules.isHealthKnown && health !== "Healthy"
    ? `its health is ${health ?? "none"}, and it is healthy`
    : undefined;
}

// Checks of pods, and of what may still change in one. Upstream: k8s.io/kubernetes/pkg/apis/core/validation/validation.go.
import { cloneJson, deepEqual } from "#machinery/equality.ts";
import { type FieldError, forbidden } from "#machinery/field-error.ts";
import type { KubeObject } from "#machinery/object.ts";
import { childOf, type Fields, itemsOf, listOf, numberOf, textMapOf } from "../access.ts";
import type { KindChecks } from "./kind-checks.ts";
import { podSpecErrors } from "./pod-spec.ts";

export const podChecks: KindChecks = {
  validate: (object) => podSpecErrors(childOf(object, "spec") ?? {}, "spec"),
  validateUpdate: podUpdateErrors,
};

const changesText =
  "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`," +
  "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations)," +
  "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

function podUpdateErrors(object: KubeObject, old: KubeObject): FieldError[] {
  const spec = childOf(object, "spec") ?? {};
  const before = childOf(old, "spec") ?? {};
  if (deepEqual(spec, before)) return [];
  const undone = withoutAllowedChanges(spec, before);
  if (deepEqual(undone, before)) return [];
  const changed = [...new Set([...Object.keys(undone), ...Object.keys(before)])]
    .filter((name) => !deepEqual(undone[name], before[name]))
    .sort();
  const lines = changed.map((name) => `  spec.${name}: ${textOfValue(before[name])} -> ${textOfValue(undone[name])}`);
  return [forbidden("spec", `${changesText}\n${lines.join("\n")}\n`)];
}

/** The new spec with everything put back that may change. */
function withoutAllowedChanges(spec: Fields, before: Fields): Fields {
  const undone = cloneJson(spec);
  for (const role of ["containers", "initContainers"]) {
    const old = itemsOf(before, role);
    for (const [index, container] of itemsOf(undone, role).entries()) {
      const image = old[index]?.["image"];
      if (image !== undefined) container["image"] = image;
    }
  }
  // A deadline may be set or brought forward.
  const deadline = numberOf(spec, "activeDeadlineSeconds");
  const oldDeadline = numberOf(before, "activeDeadlineSeconds");
  if (deadline !== undefined && (oldDeadline === undefined || deadline <= oldDeadline)) {
    putBack(undone, before, "activeDeadlineSeconds");
  }
  if (spec["terminationGracePeriodSeconds"] === 1 && (numberOf(before, "terminationGracePeriodSeconds") ?? 0) < 0) {
    putBack(undone, before, "terminationGracePeriodSeconds");
  }
  if (onlyAdds(listOf(spec, "tolerations"), listOf(before, "tolerations"))) putBack(undone, before, "tolerations");
  undoGatedChanges(undone, spec, before);
  return undone;
}

/** A pod that waits behind gates may lose them and become pickier about nodes. */
function undoGatedChanges(undone: Fields, spec: Fields, before: Fields): void {
  const gates = listOf(before, "schedulingGates");
  if (gates.length === 0) return;
  if (onlyAdds(gates, listOf(spec, "schedulingGates"))) putBack(undone, before, "schedulingGates");
  const selector = textMapOf(spec, "nodeSelector");
  const kept = Object.entries(textMapOf(before, "nodeSelector")).every(([key, value]) => selector[key] === value);
  if (kept) putBack(undone, before, "nodeSelector");
}

function onlyAdds(list: readonly unknown[], old: readonly unknown[]): boolean {
  return old.every((item) => list.some((other) => deepEqual(item, other)));
}

function putBack(target: Fields, source: Readonly<Fields>, name: string): void {
  if (source[name] === undefined) delete target[name];
  else target[name] = source[name];
}

function textOfValue(value: unknown): string {
  return value === undefined ? "nil" : JSON.stringify(value);
}

// What may change in a pod through its subresources: debug containers, and the resources of running containers.
// Upstream: k8s.io/kubernetes/pkg/registry/core/pod/strategy.go (podEphemeralContainersStrategy, podResizeStrategy).
import { cloneJson, semanticEqual } from "#machinery/equality.ts";
import { type FieldError, forbidden } from "#machinery/field-error.ts";
import type { KubeObject } from "#machinery/object.ts";
import type { SubresourceRules } from "../resource.ts";
import { childOf, type Fields, itemsOf, textOf } from "./access.ts";
import { restoreAllBut } from "./strategy.ts";
import { podSpecErrors } from "./validation/pod-spec.ts";

export const podSubresources: Readonly<Record<string, SubresourceRules>> = {
  ephemeralcontainers: {
    prepare(object, old) {
      const wanted = childOf(object, "spec")?.["ephemeralContainers"];
      restoreAllBut(object, old, "");
      object["spec"] = { ...childOf(old, "spec"), ephemeralContainers: wanted };
    },
    validate: (object, old) => [...ephemeralErrors(object, old), ...specErrors(object)],
  },
  resize: {
    prepare(object, old) {
      const wanted = childOf(object, "spec");
      restoreAllBut(object, old, "");
      const spec: Fields = cloneJson(childOf(old, "spec") ?? {});
      for (const role of ["containers", "initContainers"]) {
        for (const container of itemsOf(spec, role)) takeResources(container, itemsOf(wanted, role));
      }
      object["spec"] = spec;
    },
    validate: specErrors,
  },
};

function takeResources(container: Fields, wanted: readonly Fields[]): void {
  const same = wanted.find((other) => textOf(other, "name") === textOf(container, "name"));
  if (same === undefined) return;
  for (const name of ["resources", "resizePolicy"]) {
    if (same[name] === undefined) delete container[name];
    else container[name] = same[name];
  }
}

/** Debug containers come, but neither change nor go. */
function ephemeralErrors(object: KubeObject, old: KubeObject): FieldError[] {
  const field = "spec.ephemeralContainers";
  const now = itemsOf(childOf(object, "spec"), "ephemeralContainers");
  return itemsOf(childOf(old, "spec"), "ephemeralContainers").flatMap((container) => {
    const name = textOf(container, "name");
    const same = now.find((other) => textOf(other, "name") === name);
    if (same === undefined) {
      return [forbidden(field, `existing ephemeral containers ${JSON.stringify(name)} may not be removed\n`)];
    }
    if (semanticEqual(same, container)) return [];
    return [forbidden(field, `existing ephemeral containers ${JSON.stringify(name)} may not be changed\n`)];
  });
}

function specErrors(object: KubeObject): FieldError[] {
  return podSpecErrors(childOf(object, "spec") ?? {}, "spec");
}

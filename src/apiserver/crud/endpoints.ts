// What each endpoint of a resource lets a write change: the main one, `/status`, `/finalize`, and those that only move
// one field. Upstream: the strategies of k8s.io/kubernetes/pkg/registry and apiextensions-apiserver registry/customresource.
import { become } from "#machinery/admission.ts";
import { isRecord } from "#machinery/guards.ts";
import type { Resource } from "#api/resource.ts";
import type { UpdateEndpoint } from "./update.ts";

/** PUT and PATCH of the object itself. */
export function mainEndpoint({ strategy }: Resource): UpdateEndpoint {
  return {
    subresource: "",
    prepare: (object, old) => {
      strategy.prepareForUpdate(object, old);
    },
    bumpsGeneration: (object, old) => strategy.bumpsGeneration(object, old),
    validate: (object, old) => strategy.validateUpdate(object, old),
  };
}

/** `/status`, and other subresources through which controllers report: never moves the generation. */
export function statusEndpoint({ strategy }: Resource, subresource = "status"): UpdateEndpoint {
  return {
    subresource,
    prepare: (object, old) => {
      strategy.prepareForStatusUpdate(object, old);
    },
    bumpsGeneration: () => false,
    validate: (object, old) => strategy.validateStatusUpdate(object, old),
  };
}

/** `/finalize` of a Namespace: only spec.finalizers comes from the request. */
export const finalizeEndpoint: UpdateEndpoint = {
  subresource: "finalize",
  prepare: (object, old) => {
    const wanted = isRecord(object["spec"]) ? object["spec"]["finalizers"] : undefined;
    const { apiVersion, kind, metadata } = object;
    const spec = { ...(isRecord(old["spec"]) ? old["spec"] : {}), finalizers: wanted };
    become(object, { ...old, apiVersion, kind, metadata: { ...old.metadata, name: metadata.name }, spec });
  },
  bumpsGeneration: () => false,
  validate: () => [],
};

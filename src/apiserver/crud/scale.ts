// `/scale`: the one number of a workload, as autoscaling/v1 Scale. Writing it changes the workload's replicas alone.
// Upstream: kubernetes pkg/registry/apps/deployment/storage (ScaleREST), apiextensions-apiserver registry/customresource.
import type { Resource, ScalePaths } from "#api/resource.ts";
import type { MutableObject } from "#machinery/admission.ts";
import { ApiError } from "#machinery/api-error.ts";
import { type FieldError, invalid, invalidError } from "#machinery/field-error.ts";
import { fieldOf, isRecord } from "#machinery/guards.ts";
import type { FieldSetTexts } from "#machinery/fields/field-set-texts.ts";
import { type Managers, writeManagers } from "#machinery/fields/managers.ts";
import { parseJson } from "#machinery/json.ts";
import type { Kind, KubeObject } from "#machinery/object.ts";
import { toScaleManagers } from "../apply/scale-fields.ts";
import { mainEndpoint } from "./endpoints.ts";
import type { UpdateEndpoint } from "./update.ts";

const replicasMax = 2_147_483_647;

export const scaleKind: Kind = {
  group: "autoscaling",
  version: "v1",
  kind: "Scale",
  plural: "scales",
  singular: "scale",
  listKind: "ScaleList",
  namespaced: true,
  shortNames: [],
  categories: [],
};

/** Changes of the workload through its scale. */
export function scaleEndpoint(resource: Resource): UpdateEndpoint {
  return { ...mainEndpoint(resource), subresource: "scale" };
}

/** The Scale of a workload. Throws where a custom resource does not say how many replicas it wants. */
export function scaleOf(paths: ScalePaths, object: KubeObject, managers: Managers, sets: FieldSetTexts): MutableObject {
  const replicas = fieldOf(object, ...paths.specReplicas);
  if (typeof replicas !== "number") throw missingReplicas(paths);
  const scale = scaleWith(paths, object, replicas);
  const managed = writeManagers(toScaleManagers(managers, { apiVersion: object.apiVersion, ...paths }), sets);
  if (managed !== undefined) scale.metadata["managedFields"] = parseJson(managed);
  return scale;
}

/** The same for a write, which may set what was missing. */
export function scaleForUpdate(paths: ScalePaths, object: KubeObject): MutableObject {
  const replicas = fieldOf(object, ...paths.specReplicas);
  return scaleWith(paths, object, typeof replicas === "number" ? replicas : undefined);
}

/** Puts what `scale` asks for into the workload. Throws Invalid for impossible numbers. */
export function applyScale(paths: ScalePaths, object: MutableObject, scale: MutableObject): MutableObject {
  const replicas = fieldOf(scale, "spec", "replicas") ?? 0;
  checkScaleName(object, scale);
  const errors = replicasErrors(replicas);
  if (errors.length > 0) throw invalidError(scaleKind, object.metadata.name, errors);
  let target: Record<string, unknown> = object;
  for (const name of paths.specReplicas.slice(0, -1)) {
    const next = target[name];
    if (isRecord(next)) {
      target = next;
    } else {
      const made: Record<string, unknown> = {};
      target[name] = made;
      target = made;
    }
  }
  target[paths.specReplicas.at(-1) ?? "replicas"] = replicas;
  object.metadata["resourceVersion"] = scale.metadata["resourceVersion"];
  object.metadata["uid"] = scale.metadata["uid"] ?? object.metadata["uid"];
  return object;
}

function checkScaleName({ metadata }: MutableObject, scale: MutableObject): void {
  for (const field of ["name", "namespace"] as const) {
    const own = scale.metadata[field];
    if (own === undefined || own === "" || own === metadata[field]) continue;
    const where = field === "name" ? "the name on the URL" : "the namespace sent on the request";
    throw new ApiError("BadRequest", `the ${field} of the provided object does not match ${where}`);
  }
}

function scaleWith(paths: ScalePaths, object: KubeObject, replicas: number | undefined): MutableObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const current = fieldOf(object, ...paths.statusReplicas);
  const selector = paths.selector(object);
  return {
    apiVersion: "autoscaling/v1",
    kind: scaleKind.kind,
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: replicas === undefined ? {} : { replicas },
    status: { replicas: typeof current === "number" ? current : 0, ...(selector === "" ? {} : { selector }) },
  };
}

function replicasErrors(replicas: unknown): readonly FieldError[] {
  const field = "spec.replicas";
  if (typeof replicas !== "number" || replicas < 0) {
    return [invalid(field, replicas, "should be a non-negative integer")];
  }
  const most = `should be less than or equal to ${String(replicasMax)}`;
  return replicas > replicasMax ? [invalid(field, replicas, most)] : [];
}

function missingReplicas({ specReplicas }: ScalePaths): ApiError {
  const why = `the spec replicas field ".${specReplicas.join(".")}" does not exist`;
  return new ApiError("InternalError", `Internal error occurred: ${why}`, { details: { causes: [{ message: why }] } });
}

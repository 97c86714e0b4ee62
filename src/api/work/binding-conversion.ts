// Bindings between work.karmada.io v1alpha1, which came first, and v1alpha2, which is stored. v1alpha1 has fewer fields: what
// it lacks is lost on the way to it. Upstream: karmada pkg/apis/work/v1alpha1/binding_types_conversion.go.
import type { KubeObject } from "#machinery/object.ts";
import { fieldOf, isArray, isRecord } from "#machinery/guards.ts";
import { ResourceBinding } from "./binding.ts";

type Fields = Readonly<Record<string, unknown>>;

const older = `${ResourceBinding.group}/v1alpha1`;
const stored = `${ResourceBinding.group}/${ResourceBinding.version}`;
/** Of a reference, in both versions. */
const referenceFields = ["apiVersion", "kind", "namespace", "name", "resourceVersion"];

/** The versions that bindings can be converted between. */
export const bindingVersions: readonly string[] = [older, stored];

/** The binding in the other version; the same object where it is in that version already. */
export function convertBinding(binding: KubeObject, apiVersion: string): KubeObject {
  if (binding.apiVersion === apiVersion) return binding;
  const { kind, metadata } = binding;
  const spec = fieldOf(binding, "spec");
  const status = fieldOf(binding, "status");
  return {
    apiVersion,
    kind,
    metadata,
    ...(isRecord(spec) ? { spec: apiVersion === stored ? toStoredSpec(spec) : toOlderSpec(spec) } : {}),
    ...(isRecord(status) ? { status: apiVersion === stored ? status : toOlderStatus(status) } : {}),
  };
}

function toStoredSpec(spec: Fields): Fields {
  const resource = isRecord(spec["resource"]) ? spec["resource"] : {};
  const { replicas, resourcePerReplicas } = resource;
  return {
    resource: pick(resource, referenceFields),
    ...(replicas === undefined ? {} : { replicas }),
    ...(resourcePerReplicas === undefined ? {} : { replicaRequirements: { resourceRequest: resourcePerReplicas } }),
    ...pick(spec, ["clusters"]),
  };
}

function toOlderSpec(spec: Fields): Fields {
  const resource = isRecord(spec["resource"]) ? spec["resource"] : {};
  const resourcePerReplicas = fieldOf(spec, "replicaRequirements", "resourceRequest");
  return {
    resource: {
      ...pick(resource, referenceFields),
      ...pick(spec, ["replicas"]),
      ...(resourcePerReplicas === undefined ? {} : { resourcePerReplicas }),
    },
    ...pick(spec, ["clusters"]),
  };
}

function toOlderStatus(status: Fields): Fields {
  const items = status["aggregatedStatus"];
  if (!isArray(items)) return pick(status, ["conditions"]);
  const fields = ["clusterName", "status", "applied", "appliedMessage"];
  return {
    ...pick(status, ["conditions"]),
    aggregatedStatus: items.filter(isRecord).map((item) => pick(item, fields)),
  };
}

function pick(from: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(names.flatMap((name) => (from[name] === undefined ? [] : [[name, from[name]]])));
}

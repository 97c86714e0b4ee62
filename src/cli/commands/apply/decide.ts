// What `apply` sends: the object with a copy of itself in an annotation, and the patch from the last such copy, the new
// object and the live one. Pure. Upstream: k8s.io/kubectl/pkg/util/apply.go, pkg/cmd/apply/patcher.go; karmada
// pkg/karmadactl/apply/apply.go (generatePropagationObject).
import { policyName } from "#api/karmada-names.ts";
import { ClusterPropagationPolicy, PropagationPolicy } from "#api/policy/propagation-policy.ts";
import { deepEqual } from "#machinery/equality.ts";
import { isRecord, isString } from "#machinery/guards.ts";
import { encodeGoJson, parseJson } from "#machinery/json.ts";
import { apiVersionOf, type Kind, type KubeObject } from "#machinery/object.ts";
import { createThreeWayStrategicPatch } from "#machinery/patch/strategic-diff.ts";
import { createThreeWayMergePatch } from "#machinery/patch/three-way.ts";
import type { Schema, SchemaResolver } from "#machinery/schema.ts";

export const lastAppliedAnnotation = "kubectl.kubernetes.io/last-applied-configuration";

/** The object as it is applied: in `namespace`, with the annotation that the next apply compares with. */
export function withLastApplied(object: KubeObject, namespace: string | undefined): KubeObject {
  const annotations: Record<string, string> = { ...object.metadata.annotations };
  Reflect.deleteProperty(annotations, lastAppliedAnnotation);
  const place = namespace === undefined ? {} : { namespace };
  const bare = { ...object, metadata: { ...object.metadata, ...place, annotations } };
  const text = `${encodeGoJson(bare)}\n`;
  return { ...bare, metadata: { ...bare.metadata, annotations: { ...annotations, [lastAppliedAnnotation]: text } } };
}

/** The configuration that was applied last; undefined where the object was never applied. */
export function lastApplied(live: KubeObject): Readonly<Record<string, unknown>> | undefined {
  const text = live.metadata.annotations?.[lastAppliedAnnotation];
  if (text === undefined) return undefined;
  const value = parseJson(text, { protoKeys: "drop" });
  return isRecord(value) ? value : undefined;
}

/** Schemas of kinds that merge lists by key; custom resources have none. */
export interface MergeSchema {
  readonly schema: Schema;
  readonly resolve: SchemaResolver;
}

export interface ApplyPatch {
  readonly type: "merge" | "strategic";
  readonly patch: Readonly<Record<string, unknown>>;
}

/** The patch that makes `live` what `modified` says, or undefined where it is that already. */
export function applyPatch(
  modified: KubeObject,
  live: KubeObject,
  schema: MergeSchema | undefined,
): ApplyPatch | undefined {
  const last = lastApplied(live) ?? {};
  const patch =
    schema === undefined
      ? createThreeWayMergePatch(last, modified, live)
      : createThreeWayStrategicPatch(last, modified, live, schema.schema, schema.resolve);
  if (deepEqual(patch, {})) return undefined;
  return { type: schema === undefined ? "merge" : "strategic", patch };
}

/** The policy that brings an object to the clusters; none named: to all. */
export function policyFor(object: KubeObject, kind: Kind, clusters: readonly string[]): KubeObject {
  const { name } = object.metadata;
  const namespace = kind.namespaced ? (object.metadata.namespace ?? "") : "";
  const policyKind = kind.namespaced ? PropagationPolicy : ClusterPropagationPolicy;
  const place = isString(namespace) && namespace !== "" ? { namespace } : {};
  return {
    apiVersion: apiVersionOf(policyKind),
    kind: policyKind.kind,
    metadata: { name: policyName(namespace, name, kind), ...place },
    spec: {
      resourceSelectors: [{ apiVersion: object.apiVersion, kind: object.kind, name, ...place }],
      placement: { clusterAffinity: clusters.length === 0 ? {} : { clusterNames: [...clusters] } },
    },
  };
}

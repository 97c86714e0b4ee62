// Built-in types inside kinds of ours, as controller-gen writes them into CRDs: with everything that they refer to in its
// place. Upstream: sigs.k8s.io/controller-tools pkg/crd (flattening).
import { invariant } from "#std/invariant.ts";
import type { Schema } from "#machinery/schema.ts";
import type {
  Affinity,
  Container,
  EmptyDirVolumeSource,
  HostPathVolumeSource,
  PersistentVolumeClaimTemplate,
  ResourceRequirements,
  Volume,
  VolumeMount,
} from "../generated/types.ts";
import { builtinResolver, definitionName } from "../builtin/definitions.ts";
import { StringMap } from "../meta-types.ts";
import { type SchemaType, t } from "../schema-dsl.ts";

interface BuiltInTypes {
  readonly Affinity: Affinity;
  readonly Container: Container;
  readonly EmptyDirVolumeSource: EmptyDirVolumeSource;
  readonly HostPathVolumeSource: HostPathVolumeSource;
  readonly PersistentVolumeClaimTemplate: PersistentVolumeClaimTemplate;
  readonly ResourceRequirements: ResourceRequirements;
  readonly Volume: Volume;
  readonly VolumeMount: VolumeMount;
}

/** A type of core/v1. What is in it has no words of its own: they are Kubernetes'. */
export function coreType<Name extends keyof BuiltInTypes>(name: Name, doc: string): SchemaType<BuiltInTypes[Name]> {
  return { schema: { ...flatten({ $ref: definitionName(`core/v1.${name}`) }, new Map()), description: doc } };
}

/** Types of Go that are replaced as a whole, not field by field. */
const atomicTypes = new Set([
  "v1.LabelSelector",
  "v1.NodeSelector",
  "v1.NodeSelectorTerm",
  "v1.LocalObjectReference",
  "v1.TypedLocalObjectReference",
  "v1.ConfigMapKeySelector",
  "v1.SecretKeySelector",
  "v1.ObjectFieldSelector",
  "v1.ResourceFieldSelector",
  "v1.FileKeySelector",
  // They have a LocalObjectReference in line.
  "v1.ConfigMapVolumeSource",
  "v1.ConfigMapProjection",
  "v1.ConfigMapEnvSource",
  "v1.SecretProjection",
  "v1.SecretEnvSource",
]);

const embeddedMetadata = t.object({
  annotations: t.optional(StringMap),
  finalizers: t.optional(t.array(t.string())),
  labels: t.optional(StringMap),
  name: t.optional(t.string()),
  namespace: t.optional(t.string()),
}).schema;

/** Named types that have a schema of their own in CRDs. */
const special: Readonly<Record<string, Schema>> = {
  "v1.ObjectMeta": embeddedMetadata,
  "resource.Quantity": t.quantity().schema,
  "intstr.IntOrString": t.intOrString().schema,
  "v1.Time": t.time().schema,
};

/** Words of built-in schemas that mean nothing in a CRD. */
const dropped = new Set([
  "$ref",
  "x-go-type",
  "x-go-presence",
  "enum",
  "x-kubernetes-patch-strategy",
  "x-kubernetes-patch-merge-key",
]);

function flatten(node: Schema, known: Map<string, Schema>): Schema {
  const { $ref } = node;
  if ($ref === undefined) return whole(node, known);
  const done = known.get($ref) ?? whole(builtinResolver($ref), known);
  known.set($ref, done);
  return { ...done, ...ownWords(node) };
}

function whole(node: Schema, known: Map<string, Schema>): Schema {
  return special[node["x-go-type"] ?? ""] ?? { ...ownWords(node), ...inner(node, known) };
}

function ownWords(node: Schema): Schema {
  const goType = node["x-go-type"] ?? "";
  const kept = Object.entries(node).filter(
    ([word]) => !dropped.has(word) && !structure.has(word) && !(word === "default" && constantDefaults.has(goType)),
  );
  const atomic = atomicTypes.has(goType);
  return { ...Object.fromEntries(kept), ...(atomic ? { "x-kubernetes-map-type": "atomic" } : {}) };
}

/** Their defaults are constants of Go, which do not get into CRDs. */
const constantDefaults = new Set(["v1.AzureDataDiskCachingMode", "v1.AzureDataDiskKind"]);

const structure = new Set(["properties", "items", "additionalProperties"]);

function inner({ properties, items, additionalProperties }: Schema, known: Map<string, Schema>): Schema {
  invariant(typeof additionalProperties !== "boolean", "no built-in type has additional properties of any kind");
  return {
    ...(properties === undefined
      ? {}
      : {
          properties: Object.fromEntries(
            Object.entries(properties).map(([name, property]) => [name, flatten(property, known)]),
          ),
        }),
    ...(items === undefined ? {} : { items: flatten(items, known) }),
    ...(additionalProperties === undefined ? {} : { additionalProperties: flatten(additionalProperties, known) }),
  };
}

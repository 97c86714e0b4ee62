// Which fields of an object are tracked at an endpoint, and how other versions of its kind see them.
// Upstream: GetResetFields of the strategies in k8s.io/kubernetes/pkg/registry, and
// k8s.io/apimachinery/pkg/util/managedfields/internal/{stripmeta,versionconverter}.go.
import type { Resource } from "#api/resource.ts";
import { deepEqual } from "#machinery/equality.ts";
import { childOf, differenceBelow, leaf, makeSet, setOfPath, union } from "#machinery/fields/field-set.ts";
import type { MergeType } from "#machinery/fields/merge-type.ts";
import { fieldElement } from "#machinery/fields/path-element.ts";
import type { FieldRules, Fields, TypedVersion } from "#machinery/fields/updater.ts";
import { isKubeObject } from "#machinery/guards.ts";
import { parseApiVersion } from "#machinery/object.ts";
import type { ResourceForm } from "../crud/resource-form.ts";
import type { ServerCore } from "../request/context.ts";

/** How the fields of a resource's objects are tracked at an endpoint (empty: the main one). */
export function fieldRules(
  core: Pick<ServerCore, "registry" | "forms">,
  form: ResourceForm,
  subresource: string,
): FieldRules {
  const { resource } = form;
  return {
    version: { apiVersion: form.apiVersion, type: form.mergeType, from: same, to: same },
    other: (apiVersion) => otherVersion(core, form, apiVersion),
    ...endpointFields(resource, subresource),
    reconciles: resource.custom,
  };
}

function endpointFields(resource: Resource, subresource: string): EndpointFields {
  const isCustomStatus = subresource === "status" && resource.custom;
  return isCustomStatus ? onlyStatus : fieldsBut(resetFields(resource, subresource));
}

/** How the fields of a Scale are tracked. */
export function scaleRules(apiVersion: string, type: MergeType): FieldRules {
  return {
    version: { apiVersion, type, from: same, to: same },
    other: () => undefined,
    ...fieldsBut(resetBy.objectWithStatus),
    reconciles: false,
  };
}

/** What only the server sets, and what makes the object the one it is. */
const serverMetadata: readonly string[] = [
  "name",
  "namespace",
  "creationTimestamp",
  "selfLink",
  "uid",
  "clusterName",
  "generation",
  "managedFields",
  "resourceVersion",
];
const typeFields: readonly string[] = ["apiVersion", "kind"];

type EndpointFields = Pick<FieldRules, "scope" | "tracked">;

/** Made once for each of the few kinds of endpoints: they are asked for with every write. */
const known = new WeakMap<ResetFields, EndpointFields>();

/** All fields but those of the server and the ones that an endpoint puts back. */
function fieldsBut(reset: ResetFields): EndpointFields {
  const found = known.get(reset);
  if (found !== undefined) return found;
  const made = makeFieldsBut(reset);
  known.set(reset, made);
  return made;
}

function makeFieldsBut({ root, metadata }: ResetFields): EndpointFields {
  const rootNames = new Set([...typeFields, ...root]);
  const metadataNames = new Set([...serverMetadata, ...metadata]);
  const paths = [
    ...[...metadataNames].map((name) => [fieldElement("metadata"), fieldElement(name)]),
    ...[...rootNames].map((name) => [fieldElement(name)]),
  ];
  const untracked = paths.map(setOfPath).reduce(union, leaf);
  return {
    scope: {
      skipsRoot: (name) => rootNames.has(name),
      skipsMetadata: (name) => metadataNames.has(name),
    },
    tracked: (set) => differenceBelow(set, untracked),
  };
}

/** `/status` of a custom resource changes nothing else, whatever else the schema has at its top. */
const onlyStatus: EndpointFields = {
  scope: { skipsRoot: (name) => name !== "status", skipsMetadata: () => true },
  tracked: (set) => {
    const status = childOf(set, fieldElement("status"));
    return status === undefined ? leaf : makeSet(new Map([[fieldElement("status"), status]]));
  },
};

/** Names of fields, at the top and in the metadata. */
interface ResetFields {
  readonly root: readonly string[];
  readonly metadata: readonly string[];
}

const resetBy = {
  object: { root: [], metadata: [] },
  objectWithStatus: { root: ["status"], metadata: [] },
  status: { root: ["spec"], metadata: [] },
  flowStatus: { root: ["spec", "metadata"], metadata: [] },
  deploymentStatus: { root: ["spec"], metadata: ["labels"] },
} as const satisfies Record<string, ResetFields>;

/** What an endpoint puts back: nobody comes to manage it there. */
function resetFields({ kind, subresources }: Resource, subresource: string): ResetFields {
  if (subresource !== "status")
    return Object.hasOwn(subresources, "status") ? resetBy.objectWithStatus : resetBy.object;
  if (kind.group === "flowcontrol.apiserver.k8s.io") return resetBy.flowStatus;
  return kind.group === "apps" && kind.kind === "Deployment" ? resetBy.deploymentStatus : resetBy.status;
}

function same(object: Fields): Fields {
  return object;
}

/** Another version of the same kind, as far as it is served. */
function otherVersion(
  { registry, forms }: Pick<ServerCore, "registry" | "forms">,
  form: ResourceForm,
  apiVersion: string,
): TypedVersion | undefined {
  const { resource } = form;
  const { group, version } = parseApiVersion(apiVersion);
  const found = registry.find(group, version, resource.kind.plural);
  if (found === undefined) return undefined;
  const other = forms.of(found);
  if (found.custom && deepEqual(found.schema, resource.schema)) {
    return { apiVersion, type: other.mergeType, from: same, to: same };
  }
  return {
    apiVersion,
    type: other.mergeType,
    from: (object) => convert(object, form, other),
    to: (object) => convert(object, other, form),
  };
}

/** By way of what is stored. */
function convert(object: Fields, from: ResourceForm, to: ResourceForm): Fields {
  if (!isKubeObject(object)) return object;
  const copy = from.edit(object);
  copy.apiVersion = from.apiVersion;
  from.resource.stored?.close(copy);
  to.resource.stored?.open(copy);
  copy.apiVersion = to.apiVersion;
  return copy;
}

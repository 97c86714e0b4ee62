// The Work that carries a template into one cluster, and how it is laid over one that exists.
// Upstream: karmada pkg/controllers/binding/common.go (ensureWork), pkg/controllers/ctrlutil/work.go.
import { karmadaAnnotations, karmadaFinalizers, karmadaLabels, karmadaValues } from "#api/karmada-constants.ts";
import { executionNamespace, workName } from "#api/karmada-names.ts";
import type { Binding } from "#api/work/binding.ts";
import { sealManifest } from "#api/work/manifest.ts";
import { Work } from "#api/work/work.ts";
import { labelValueErrors } from "#machinery/names.ts";
import { apiVersionOf, type KubeObject, type OwnerReference } from "#machinery/object.ts";
import { defined } from "#std/defined.ts";
import { bindingIdOf, bindingScopeOf } from "../binding-scope.ts";

/** Where a Work comes from, as labels and annotations that it and its manifest carry. */
export interface WorkOrigin {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** The marks of a binding's Works. */
export function originOfBinding(binding: Binding): WorkOrigin {
  const { namespace = "", name } = binding.metadata;
  const scope = bindingScopeOf(namespace);
  return {
    labels: { [scope.idLabel]: bindingIdOf(binding) },
    annotations: {
      ...(scope.namespaceAnnotation === undefined ? {} : { [scope.namespaceAnnotation]: namespace }),
      [scope.nameAnnotation]: name,
    },
  };
}

export interface WorkInput {
  readonly cluster: string;
  /** The template, revised and overridden for the cluster, still with its own metadata. */
  readonly manifest: KubeObject;
  readonly origin: WorkOrigin;
  /** Works of bindings say how conflicts are resolved; those of other producers do not. */
  readonly conflictResolution: string | undefined;
  /** Texts for the annotations that tell which override policies were applied; absent when none was. */
  readonly appliedOverrides: string | undefined;
  readonly appliedClusterOverrides: string | undefined;
  /** State that goes along. A value that no label may have, such as a path, becomes an annotation of the same name. */
  readonly preservedState?: Readonly<Record<string, string>>;
  /** Works of bindings always spell both out; those of other producers leave them out. */
  readonly suspendDispatching: boolean | undefined;
  readonly preserveResourcesOnDeletion: boolean | undefined;
  readonly owner?: OwnerReference;
}

/** What was applied before is no record of what is applied now. (Upstream leaves it.) */
const records: readonly string[] = [karmadaAnnotations.appliedOverrides, karmadaAnnotations.appliedClusterOverrides];

/** The Work as it should be: a new one, or `existing` with new content. Other old keys of labels and annotations stay. */
export function buildWork(input: WorkInput, existing: Work | undefined): Work {
  const { origin, manifest } = input;
  const metadata = {
    name: workName(manifest.kind, manifest.metadata.name, manifest.metadata.namespace),
    namespace: executionNamespace(input.cluster),
  };
  const spec = {
    ...defined({
      suspendDispatching: input.suspendDispatching,
      preserveResourcesOnDeletion: input.preserveResourcesOnDeletion,
    }),
    workload: { manifests: [buildManifest(input, metadata, existing?.metadata.labels?.[karmadaLabels.workId])] },
  };
  const annotations = defined({
    ...origin.annotations,
    [karmadaAnnotations.conflictResolution]: input.conflictResolution,
    [karmadaAnnotations.appliedClusterOverrides]: input.appliedClusterOverrides,
    [karmadaAnnotations.appliedOverrides]: input.appliedOverrides,
  });
  return {
    ...(existing ?? { apiVersion: apiVersionOf(Work), kind: Work.kind }),
    metadata: {
      ...(existing?.metadata ?? metadata),
      labels: { ...existing?.metadata.labels, ...origin.labels },
      annotations: { ...withoutRecords(existing?.metadata.annotations), ...annotations },
      finalizers: [...new Set([...(existing?.metadata.finalizers ?? []), karmadaFinalizers.execution])],
      ...(input.owner === undefined ? {} : { ownerReferences: [input.owner] }),
    },
    spec,
  };
}

function withoutRecords(annotations: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(annotations).filter(([key]) => !records.includes(key)));
}

/** In the order upstream works in: own labels and annotations, then pruning, then the record of managed keys. */
function buildManifest(
  { manifest, origin, conflictResolution, preservedState = {} }: WorkInput,
  work: { readonly name: string; readonly namespace: string },
  workId: string | undefined,
): KubeObject {
  const { generation = 0, uid = "" } = manifest.metadata;
  const state = Object.entries(preservedState);
  const isLabel = ([, value]: readonly [string, string]): boolean => labelValueErrors(value).length === 0;
  const marked: KubeObject = {
    ...manifest,
    metadata: {
      ...manifest.metadata,
      labels: {
        ...manifest.metadata.labels,
        ...origin.labels,
        ...Object.fromEntries(state.filter(isLabel)),
        [karmadaLabels.managed]: karmadaValues.managed,
      },
      annotations: {
        ...manifest.metadata.annotations,
        ...Object.fromEntries(state.filter((pair) => !isLabel(pair))),
        ...(generation > 0 ? { [karmadaAnnotations.templateGeneration]: String(generation) } : {}),
        ...origin.annotations,
        [karmadaAnnotations.templateUid]: uid,
        [karmadaAnnotations.workName]: work.name,
        [karmadaAnnotations.workNamespace]: work.namespace,
        ...(conflictResolution === undefined ? {} : { [karmadaAnnotations.conflictResolution]: conflictResolution }),
      },
    },
  };
  return sealManifest(marked, workId);
}

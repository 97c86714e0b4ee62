// The CustomResourceDefinition of a kind of ours, as controller-gen would write it.
// Upstream: karmada charts/karmada/_crds/bases (generated).
import type { KubeObject } from "#machinery/object.ts";
import type { Schema } from "#machinery/schema.ts";
import type { DefinedKind, KindColumn, KindScale } from "./define-kind.ts";

export interface CrdNames {
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly listKind: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
}

export interface CrdVersion {
  readonly name: string;
  readonly served: boolean;
  readonly storage: boolean;
  readonly schema: { readonly openAPIV3Schema: Schema };
  readonly additionalPrinterColumns?: readonly KindColumn[];
  readonly subresources?: { readonly status?: Readonly<Record<string, never>>; readonly scale?: KindScale };
}

/** An apiextensions.k8s.io/v1 CustomResourceDefinition without what the server fills in. */
export interface CrdManifest extends KubeObject {
  readonly apiVersion: "apiextensions.k8s.io/v1";
  readonly kind: "CustomResourceDefinition";
  readonly spec: {
    readonly group: string;
    readonly names: CrdNames;
    readonly scope: "Namespaced" | "Cluster";
    readonly versions: readonly CrdVersion[];
  };
}

/**
 * What to create in an API server so that it serves `kind`; with its older versions, too, if asked for: of a server that
 * converts between them.
 */
export function crdOf(kind: DefinedKind, { older = false }: { readonly older?: boolean } = {}): CrdManifest {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${kind.plural}.${kind.group}` },
    spec: {
      group: kind.group,
      names: {
        plural: kind.plural,
        singular: kind.singular,
        kind: kind.kind,
        listKind: kind.listKind,
        ...(kind.shortNames.length === 0 ? {} : { shortNames: kind.shortNames }),
        ...(kind.categories.length === 0 ? {} : { categories: kind.categories }),
      },
      scope: kind.namespaced ? "Namespaced" : "Cluster",
      versions: [...(older ? kind.olderVersions.map(olderVersionOf) : []), versionOf(kind)],
    },
  };
}

function olderVersionOf({ name, schema, hasStatus }: DefinedKind["olderVersions"][number]): CrdVersion {
  return {
    name,
    served: true,
    storage: false,
    schema: { openAPIV3Schema: schema },
    ...(hasStatus ? { subresources: { status: {} } } : {}),
  };
}

function versionOf(kind: DefinedKind): CrdVersion {
  const { status = false, scale } = kind.subresources;
  return {
    name: kind.version,
    served: true,
    storage: true,
    schema: { openAPIV3Schema: kind.schema },
    ...(kind.printerColumns.length === 0 ? {} : { additionalPrinterColumns: kind.printerColumns }),
    ...(status || scale !== undefined
      ? { subresources: { ...(status ? { status: {} } : {}), ...(scale === undefined ? {} : { scale }) } }
      : {}),
  };
}

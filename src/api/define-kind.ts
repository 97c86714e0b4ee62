// One declaration per kind of ours: its type, schema, CRD, printer columns and documentation all follow from it.
import type { Kind, KubeObject } from "#machinery/object.ts";
import type { Schema } from "#machinery/schema.ts";
import { type Fields, type SchemaType, type ShapeOf, t } from "./schema-dsl.ts";

/** An object with a typed spec and status. */
export interface ObjectWith<Spec, Status> extends KubeObject {
  readonly spec: Spec;
  readonly status?: Status;
}

/** A column of `kubectl get`, as CRDs declare it. */
export interface KindColumn {
  readonly name: string;
  readonly type: "string" | "integer" | "number" | "boolean" | "date";
  readonly jsonPath: string;
  readonly description?: string;
  /** Absent or 0: always shown; 1: with `-o wide`. */
  readonly priority?: number;
}

export interface KindScale {
  readonly specReplicasPath: string;
  readonly statusReplicasPath: string;
  readonly labelSelectorPath?: string;
}

export interface KindSubresources {
  readonly status?: boolean;
  readonly scale?: KindScale;
}

/** A version that came before the stored one. */
export interface OlderVersion {
  readonly name: string;
  readonly spec: SchemaType<unknown>;
  readonly status: SchemaType<unknown>;
  readonly hasStatusSubresource: boolean;
}

/** What every declaration says. */
export interface KindNames {
  readonly group: string;
  readonly version: string;
  readonly scope: "Namespaced" | "Cluster";
  readonly kind: string;
  readonly plural: string;
  /** Absent: the kind in lower case. */
  readonly singular?: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly doc: string;
  readonly printerColumns?: readonly KindColumn[];
  readonly subresources?: KindSubresources;
  /** Served too, where the server converts between versions. */
  readonly olderVersions?: readonly OlderVersion[];
}

export interface KindDeclaration<Spec, Status> extends KindNames {
  readonly spec: SchemaType<Spec>;
  readonly status?: SchemaType<Status>;
}

/** A kind that carries its schema: what crdOf, documentation and parity tests read. */
export interface DefinedKind<T extends KubeObject = KubeObject> extends Kind<T> {
  readonly schema: Schema;
  readonly printerColumns: readonly KindColumn[];
  readonly subresources: KindSubresources;
  readonly olderVersions: readonly { readonly name: string; readonly schema: Schema; readonly hasStatus: boolean }[];
}

/** Makes a kind of a declaration. The constant and the type of its objects share a name: `type X = ObjectOf<typeof X>`. */
export function defineKind<Spec, Status = never>(
  declaration: KindDeclaration<Spec, Status>,
): DefinedKind<ObjectWith<Spec, Status>> {
  const { spec, status } = declaration;
  return definedKind(declaration, {
    spec: t.doc(spec, spec.schema.description ?? "What is wanted."),
    ...(status === undefined
      ? {}
      : { status: t.optional(status, status.schema.description ?? "What is the case, as last observed.") }),
  });
}

/** The same for a kind whose spec is optional, or whose fields are not `spec` and `status` at all. */
export function defineKindWithFields<const F extends Fields>(
  declaration: KindNames & { readonly fields: F },
): DefinedKind<KubeObject & ShapeOf<F>> {
  return definedKind(declaration, declaration.fields);
}

function definedKind<T extends KubeObject>(declaration: KindNames, fields: Fields): DefinedKind<T> {
  const { group, version, scope, kind, plural, doc } = declaration;
  return {
    group,
    version,
    kind,
    plural,
    singular: declaration.singular ?? kind.toLowerCase(),
    listKind: `${kind}List`,
    namespaced: scope === "Namespaced",
    shortNames: declaration.shortNames ?? [],
    categories: declaration.categories ?? [],
    schema: objectSchema(doc, fields),
    printerColumns: declaration.printerColumns ?? [],
    subresources: declaration.subresources ?? {},
    olderVersions: (declaration.olderVersions ?? []).map(({ name, spec, status, hasStatusSubresource }) => ({
      name,
      schema: objectSchema(doc, { spec, status: t.optional(status) }),
      hasStatus: hasStatusSubresource,
    })),
  };
}

function objectSchema(doc: string, fields: Fields): Schema {
  const all = {
    apiVersion: t.optional(t.string({ doc: "The group and version of this representation of the object." })),
    kind: t.optional(t.string({ doc: "The kind of the object." })),
    metadata: t.optional({ schema: { type: "object" } }),
    ...fields,
  };
  return t.object(all, { doc }).schema;
}

// The definitions of a document: the types of its resources, their lists, and all that these refer to. Pure.
import { isBuiltinDefinition } from "#api/builtin/index.ts";
import type { Resource } from "#api/resource.ts";
import type { GroupVersionKind } from "#machinery/object.ts";
import type { Schema, SchemaResolver } from "#machinery/schema.ts";
import { type OpenApiSchema, type OpenApiVersion, toOpenApi } from "./dialect.ts";
import { describe } from "./descriptions.ts";

const metaPackage = "io.k8s.apimachinery.pkg.apis.meta.v1";
export const statusDefinition = `${metaPackage}.Status`;
export const deleteOptionsDefinition = `${metaPackage}.DeleteOptions`;
export const patchDefinition = `${metaPackage}.Patch`;
const objectMetaDefinition = `${metaPackage}.ObjectMeta`;
const listMetaDefinition = `${metaPackage}.ListMeta`;

/** The name of a resource's list type. */
export function listDefinition({ definitionName, kind }: Resource): string {
  return `${definitionName.slice(0, definitionName.lastIndexOf("."))}.${kind.listKind}`;
}

/** The definition of a kind that a subresource takes, or undefined where it takes no object (exec, proxy). */
export function bodyDefinition(resource: Resource, body: GroupVersionKind): string | undefined {
  const { group, version, kind } = resource.kind;
  if (body.group === group && body.version === version && body.kind === kind) return resource.definitionName;
  if (body.kind.endsWith("Options")) return undefined;
  const folder = body.group === "" ? "core" : (body.group.split(".")[0] ?? "");
  const name = `io.k8s.api.${folder}.${body.version}.${body.kind}`;
  return isBuiltinDefinition(name) ? name : undefined;
}

/** Collects definitions: what is asked for, and what that refers to. */
export class Definitions {
  readonly #version: OpenApiVersion;
  readonly #resolve: SchemaResolver;
  readonly #found = new Map<string, OpenApiSchema>();
  readonly #given = new Map<string, Schema>();
  readonly #kinds = new Map<string, GroupVersionKind[]>();

  constructor(version: OpenApiVersion, resolve: SchemaResolver) {
    this.#version = version;
    this.#resolve = resolve;
    this.#given.set(patchDefinition, { type: "object" });
    this.addKind(statusDefinition, { group: "", version: "v1", kind: "Status" });
  }

  /** Makes the types of a resource known. */
  addResource(resource: Resource): void {
    const { definitionName, kind, subresources } = resource;
    const { group, version } = kind;
    this.addKind(definitionName, { group, version, kind: kind.kind });
    this.addKind(deleteOptionsDefinition, { group, version, kind: "DeleteOptions" });
    if (resource.custom) this.#given.set(definitionName, wholeObject(resource.schema));
    if (resource.verbs.includes("list")) {
      const name = listDefinition(resource);
      this.#given.set(name, listSchema(definitionName));
      this.addKind(name, { group, version, kind: kind.listKind });
    }
    for (const subresource of Object.values(subresources)) {
      const name = bodyDefinition(resource, subresource.kind);
      if (name !== undefined && name !== definitionName) this.addKind(name, subresource.kind);
    }
  }

  addKind(name: string, { group, version, kind }: GroupVersionKind): void {
    const kinds = this.#kinds.get(name) ?? [];
    const isKnown = kinds.some((each) => each.group === group && each.version === version && each.kind === kind);
    if (!isKnown) kinds.push({ group, version, kind });
    this.#kinds.set(name, kinds);
  }

  /** Puts a definition, and what it refers to, into the document. */
  use(name: string): void {
    if (this.#found.has(name)) return;
    // A place first: types refer to themselves.
    this.#found.set(name, {});
    const schema = describe(name, this.#given.get(name) ?? this.#resolve(name));
    const kinds = this.#kinds.get(name);
    const marked: Schema = kinds === undefined ? schema : { ...schema, "x-kubernetes-group-version-kind": kinds };
    this.#found.set(
      name,
      toOpenApi(marked, this.#version, (reference) => {
        this.use(reference);
      }),
    );
  }

  /** All that are used, by name. */
  all(): Readonly<Record<string, OpenApiSchema>> {
    return Object.fromEntries([...this.#found].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}

const typeFields: Readonly<Record<string, Schema>> = {
  apiVersion: { type: "string", description: "The group and version that the object is written in." },
  kind: { type: "string", description: "The kind of the object." },
};

/** A custom object with the fields that every object has. */
function wholeObject(schema: Schema): Schema {
  return {
    ...schema,
    properties: {
      ...schema.properties,
      ...typeFields,
      metadata: { $ref: objectMetaDefinition, description: "Name, labels and what else every object has." },
    },
  };
}

function listSchema(item: string): Schema {
  return {
    type: "object",
    required: ["items"],
    properties: {
      ...typeFields,
      items: { type: "array", items: { $ref: item }, description: "The objects." },
      metadata: { $ref: listMetaDefinition, "x-go-presence": "always" },
    },
  };
}

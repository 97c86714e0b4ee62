// Reads objects of CustomResourceDefinitions by their structural schema: prunes what it does not name, drops nulls it does
// not allow, fills in defaults, and reads every metadata as ObjectMeta. Wrong types are left for validation.
// Upstream: k8s.io/apiextensions-apiserver/pkg/apiserver/schema/{pruning,defaulting,objectmeta}.
import { type DecodeContext, MapKey, newDecodeContext, pathText, reportFault } from "./decode-context.ts";
import { cloneJson } from "./equality.ts";
import { goDecodeStep } from "./go-decode.ts";
import type { DecodeStep } from "./go-scalars.ts";
import { isArray, isRecord } from "./guards.ts";
import { compareBytes } from "./json.ts";
import type { DecodeFinding, Schema, SchemaResolver } from "./schema.ts";

const objectMetaDefinition = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";
const rootFields: ReadonlySet<string> = new Set(["apiVersion", "kind", "metadata"]);

/** The findings of one object: unknown fields and what is wrong with metadata. */
export type StructuralDecoder = (value: Record<string, unknown>) => readonly DecodeFinding[];

/** A decoder of whole objects whose schema is `schema`. */
export function structuralDecoder(schema: Schema, resolve: SchemaResolver): StructuralDecoder {
  const root = new Node({ ...schema, "x-kubernetes-embedded-resource": true }, resolve);
  return (value) => {
    const work: Work = { path: [], unknown: [], metas: [], prunesOnly: false };
    visit(root, value, false, work);
    const metas = work.metas.sort((a, b) => a.path.length - b.path.length);
    return [
      ...metas.flatMap(({ path, holder }) => decodeMeta(holder, path, resolve)),
      ...work.unknown.sort(compareBytes).map(unknownFinding),
    ];
  };
}

/** Paths of what a schema does not name in a value that is not a whole object (a default). The value stays as it is. */
export function findUnknown(schema: Schema, value: unknown, resolve: SchemaResolver): readonly string[] {
  const work: Work = { path: [], unknown: [], metas: [], prunesOnly: true };
  visit(new Node(schema, resolve), cloneJson(value), false, work);
  return work.unknown;
}

/** One pass over one object. */
interface Work {
  readonly path: DecodeContext["path"];
  /** Nulls stay and no defaults come. */
  readonly prunesOnly: boolean;
  readonly unknown: string[];
  /** Objects with a metadata of their own: the root and embedded resources. */
  readonly metas: { readonly path: DecodeContext["path"]; readonly holder: Record<string, unknown> }[];
}

/** A schema node, its children compiled when first met. */
class Node {
  readonly schema: Schema;
  readonly isEmbedded: boolean;
  readonly preserves: boolean;
  readonly resolve: SchemaResolver;
  readonly #children = new Map<string, Node>();
  #items: Node | undefined;
  #additional: Node | undefined;
  /** Properties with a default, the parents first being the order of the schema. */
  readonly defaults: readonly (readonly [string, unknown])[];

  constructor(schema: Schema, resolve: SchemaResolver) {
    this.schema = schema;
    this.resolve = resolve;
    this.isEmbedded = schema["x-kubernetes-embedded-resource"] === true;
    this.preserves = schema["x-kubernetes-preserve-unknown-fields"] === true;
    this.defaults = Object.entries(schema.properties ?? {}).flatMap(([name, property]) =>
      property.default === undefined ? [] : [[name, property.default] as const],
    );
  }

  /** The node of a key: its property, else what additional properties look like. */
  child(key: string): Node | undefined {
    const known = this.#children.get(key);
    if (known !== undefined) return known;
    const { properties, additionalProperties } = this.schema;
    if (properties !== undefined && Object.hasOwn(properties, key)) {
      const node = new Node(properties[key] ?? {}, this.resolve);
      this.#children.set(key, node);
      return node;
    }
    if (additionalProperties === undefined || additionalProperties === false) return undefined;
    this.#additional ??= new Node(additionalProperties === true ? {} : additionalProperties, this.resolve);
    return this.#additional;
  }

  get items(): Node | undefined {
    if (this.schema.items === undefined) return undefined;
    this.#items ??= new Node(this.schema.items, this.resolve);
    return this.#items;
  }
}

/** `preserved`: what the node does not name is kept. */
function visit(node: Node, value: unknown, preserved: boolean, work: Work): void {
  const keeps = preserved || node.preserves;
  if (isArray(value)) visitList(node, value, keeps, work);
  else if (isRecord(value)) visitObject(node, value, keeps, work);
}

function visitList(node: Node, value: unknown[], keeps: boolean, work: Work): void {
  const items = node.items;
  for (let index = 0; index < value.length; index++) {
    if (!work.prunesOnly && items !== undefined && value[index] === null && needsDefault(items.schema)) {
      value[index] = cloneJson(items.schema.default);
    }
    const element = value[index];
    if (typeof element !== "object" || element === null) continue;
    work.path.push(index);
    if (items !== undefined) visit(items, element, keeps, work);
    else if (!keeps) pruneAll(element, work);
    work.path.pop();
  }
}

function visitObject(node: Node, value: Record<string, unknown>, keeps: boolean, work: Work): void {
  for (const [name, given] of work.prunesOnly ? [] : node.defaults) {
    const isAbsent = !Object.hasOwn(value, name) || value[name] === undefined;
    const isNull = value[name] === null && node.child(name)?.schema.nullable !== true;
    if (isAbsent || isNull) value[name] = cloneJson(given);
  }
  if (node.isEmbedded) work.metas.push({ path: [...work.path], holder: value });
  for (const key in value) {
    if (node.isEmbedded && rootFields.has(key)) continue;
    const child = node.child(key);
    if (child === undefined) {
      if (!keeps) prune(value, key, work);
      continue;
    }
    visitField(child, value, key, work);
  }
}

function visitField(child: Node, value: Record<string, unknown>, key: string, work: Work): void {
  if (!work.prunesOnly && value[key] === null && child.schema.nullable !== true) {
    if (child.schema.default === undefined) delete value[key];
    else value[key] = cloneJson(child.schema.default);
  }
  const element = value[key];
  if (typeof element !== "object" || element === null) return;
  work.path.push(new MapKey(key));
  visit(child, element, false, work);
  work.path.pop();
}

/** Under a list without an item schema everything is unknown. */
function pruneAll(value: unknown, work: Work): void {
  if (isArray(value)) {
    for (const [index, element] of value.entries()) {
      work.path.push(index);
      pruneAll(element, work);
      work.path.pop();
    }
  } else if (isRecord(value)) {
    for (const key in value) prune(value, key, work);
  }
}

function prune(value: Record<string, unknown>, key: string, work: Work): void {
  work.path.push(new MapKey(key));
  work.unknown.push(pathText(work.path));
  work.path.pop();
  delete value[key];
}

function needsDefault(schema: Schema): boolean {
  return schema.nullable !== true && schema.default !== undefined;
}

function decodeMeta(
  holder: Record<string, unknown>,
  path: DecodeContext["path"],
  resolve: SchemaResolver,
): readonly DecodeFinding[] {
  const at: DecodeContext = { ...newDecodeContext(), path: [...path] };
  for (const name of ["apiVersion", "kind"]) {
    if (holder[name] !== undefined && typeof holder[name] !== "string") {
      at.path.push(new MapKey(name));
      reportFault(at, `${pathText(at.path)}: Invalid value: ${JSON.stringify(holder[name])}: must be a string`);
      at.path.pop();
    }
  }
  if (holder["metadata"] === null) delete holder["metadata"];
  if (holder["metadata"] !== undefined) {
    at.path.push(new MapKey("metadata"));
    const step: DecodeStep = goDecodeStep({ $ref: objectMetaDefinition }, resolve);
    const result = step(holder["metadata"], at);
    if (result === undefined) delete holder["metadata"];
  }
  return at.findings;
}

function unknownFinding(path: string): DecodeFinding {
  return { kind: "unknown", path, message: `unknown field ${JSON.stringify(path)}` };
}

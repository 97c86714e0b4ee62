// The shape of the data file kubernetes-types/1, and which of its types the API server needs.
import { parseTypeExpression, type TypeExpression } from "#api/builtin/type-expression.ts";

export interface ProtobufField {
  readonly n: number;
  readonly w: number;
  readonly t?: string;
  readonly rep?: boolean;
  readonly map?: readonly [string, string];
  readonly name?: string;
}

export interface DataField {
  readonly json?: string;
  /** `#id` of the struct whose fields appear here. */
  readonly inline?: string;
  readonly type?: string;
  readonly ptr?: boolean;
  readonly omitempty?: boolean;
  readonly omitzero?: boolean;
  readonly required?: boolean;
  readonly pb?: ProtobufField;
  readonly patchStrategy?: readonly string[];
  readonly patchMergeKey?: string;
  readonly listType?: string;
  readonly listMapKeys?: readonly string[];
  readonly mapType?: string;
  readonly structType?: string;
  readonly default?: unknown;
}

export interface DataType {
  readonly kind: string;
  readonly fields?: readonly DataField[];
  readonly of?: string;
  readonly enum?: readonly string[];
  readonly customJSON?: boolean;
  readonly structType?: string;
  readonly pbFields?: readonly ProtobufField[];
}

export interface DataKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly namespaced: boolean;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly verbs: readonly string[];
  readonly subresources?: Readonly<
    Record<string, { readonly gv: string; readonly kind: string; readonly verbs: readonly string[] }>
  >;
  readonly listKind?: string;
  readonly type: string;
  readonly etcdPrefix?: string;
  readonly onByDefault?: boolean;
}

export interface KubernetesTypes {
  readonly meta: { readonly format: string; readonly kubernetes: string };
  readonly envelope: unknown;
  readonly scalars: Readonly<Record<string, { readonly pbFields?: readonly ProtobufField[] }>>;
  readonly kinds: readonly DataKind[];
  readonly otherKinds: readonly { readonly gv: string; readonly kind: string; readonly type: string }[];
  readonly types: Readonly<Record<string, DataType>>;
}

/** Reads the data file's text. */
export function readKubernetesTypes(text: string): KubernetesTypes {
  const data = JSON.parse(text) as KubernetesTypes;
  if (data.meta.format !== "kubernetes-types/1") throw new Error(`unknown format ${data.meta.format}`);
  return data;
}

/** Groups in the order discovery lists them (kube-aggregator's priorities). */
const groupOrder: readonly string[] = [
  "apiregistration.k8s.io",
  "",
  "apps",
  "events.k8s.io",
  "authentication.k8s.io",
  "authorization.k8s.io",
  "autoscaling",
  "batch",
  "certificates.k8s.io",
  "networking.k8s.io",
  "policy",
  "rbac.authorization.k8s.io",
  "storage.k8s.io",
  "admissionregistration.k8s.io",
  "apiextensions.k8s.io",
  "scheduling.k8s.io",
  "coordination.k8s.io",
  "node.k8s.io",
  "discovery.k8s.io",
  "flowcontrol.apiserver.k8s.io",
  "resource.k8s.io",
];

/** The kinds that are served unless asked otherwise, in discovery's order: by group, newest version first, by plural. */
export function servedKinds(data: KubernetesTypes): readonly DataKind[] {
  const rank = (kind: DataKind): number => {
    const index = groupOrder.indexOf(kind.group);
    if (index < 0) throw new Error(`group ${kind.group} has no place in the order`);
    return index;
  };
  return data.kinds
    .filter((kind) => kind.onByDefault === true)
    .sort((a, b) => rank(a) - rank(b) || compare(b.version, a.version) || compare(a.plural, b.plural));
}

/** Ids of all types that the served kinds and the kinds of bodies and answers (Scale, Status, …) consist of, sorted. */
export function reachableTypes(data: KubernetesTypes): readonly string[] {
  const found = new Set<string>();
  const visit = (id: string): void => {
    if (found.has(id)) return;
    const type = data.types[id];
    if (type === undefined) throw new Error(`type ${id} is not in the data`);
    found.add(id);
    for (const field of type.fields ?? []) {
      if (field.inline !== undefined) visit(field.inline.slice(1));
      if (field.type !== undefined) idsOf(parseTypeExpression(field.type)).forEach(visit);
    }
    if (type.of !== undefined) idsOf(parseTypeExpression(type.of)).forEach(visit);
  };
  for (const kind of servedKinds(data)) visit(kind.type);
  for (const kind of data.otherKinds) visit(kind.type);
  return [...found].sort(compare);
}

/** The fields of a struct as they appear in JSON: inline structs dissolved. */
export function jsonFields(data: KubernetesTypes, id: string): readonly DataField[] {
  return (data.types[id]?.fields ?? []).flatMap((field) =>
    field.inline === undefined ? [field] : jsonFields(data, field.inline.slice(1)),
  );
}

/** Orders texts by code unit, the same on every machine. */
export function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function idsOf(type: TypeExpression): readonly string[] {
  switch (type.kind) {
    case "scalar":
      return type.named === undefined ? [] : [type.named];
    case "struct":
      return [type.id];
    case "list":
      return [...(type.named === undefined ? [] : [type.named]), ...idsOf(type.item)];
    case "map":
      return [...(type.named === undefined ? [] : [type.named]), ...idsOf(type.key), ...idsOf(type.value)];
  }
}

// What can be done with a resource over HTTP, as both versions of OpenAPI describe it. Pure.
// Upstream: k8s.io/apiserver/pkg/endpoints/installer.go and k8s.io/kube-openapi/pkg/builder.
import type { Resource } from "#api/resource.ts";
import type { GroupVersionKind } from "#machinery/object.ts";
import {
  bodyDefinition,
  deleteOptionsDefinition,
  listDefinition,
  patchDefinition,
  statusDefinition,
} from "./definitions.ts";

export type Method = "get" | "post" | "put" | "patch" | "delete";

/** Query parameters come in sets. */
export type QuerySet = "list" | "write" | "patch" | "delete" | "none";

export interface Operation {
  readonly path: string;
  readonly method: Method;
  readonly id: string;
  /** `x-kubernetes-action`. */
  readonly action: string;
  readonly kind: GroupVersionKind;
  readonly query: readonly QuerySet[];
  /** Definition of the request body. */
  readonly body: string | undefined;
  /** Definition of the answer; undefined: text. */
  readonly answer: string | undefined;
  readonly codes: readonly number[];
  /** Media types of the body. */
  readonly consumes: readonly string[];
}

const anyType = ["*/*"];
const customPatchTypes = [
  "application/apply-patch+yaml",
  "application/json-patch+json",
  "application/merge-patch+json",
];
const builtinPatchTypes = [...customPatchTypes, "application/strategic-merge-patch+json"];

/** `/api/v1` or `/apis/<group>/<version>`. */
export function basePath({ group, version }: { readonly group: string; readonly version: string }): string {
  return group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
}

/** `apps/v1` → `AppsV1`: how operation ids name a group version. */
export function idPart({ group, version }: { readonly group: string; readonly version: string }): string {
  const words = group === "" ? ["core"] : group.replace(/\.k8s\.io$/, "").split(/[.-]/);
  return [...words, version].map(capital).join("");
}

/** All operations of a resource. */
export function operationsOf(resource: Resource): readonly Operation[] {
  return [...mainOperations(resource), ...subresourceOperations(resource)];
}

/** An operation of the main endpoint, under the verb that must be served for it. */
interface MainOperation extends Omit<Operation, "kind"> {
  readonly verb: string;
}

function mainOperations(resource: Resource): readonly Operation[] {
  const { group, version, kind } = resource.kind;
  return [...reads(resource), ...writes(resource), ...deletions(resource)].flatMap(({ verb, ...operation }) =>
    resource.verbs.includes(verb) ? [{ ...operation, kind: { group, version, kind } }] : [],
  );
}

function reads(resource: Resource): readonly MainOperation[] {
  const { kind, definitionName } = resource;
  const path = collectionPath(resource);
  const name = objectId(resource);
  const common = { method: "get", body: undefined, consumes: [], codes: [200] } as const;
  const list = { ...common, verb: "list", action: "list", query: ["list"], answer: listDefinition(resource) } as const;
  return [
    { ...list, path, id: `list${name}` },
    ...(kind.namespaced
      ? [{ ...list, path: `${basePath(kind)}/${kind.plural}`, id: `list${idPart(kind)}${kind.kind}ForAllNamespaces` }]
      : []),
    {
      ...common,
      verb: "get",
      action: "get",
      query: [],
      answer: definitionName,
      path: `${path}/{name}`,
      id: `read${name}`,
    },
  ];
}

function writes(resource: Resource): readonly MainOperation[] {
  const { definitionName, custom } = resource;
  const path = collectionPath(resource);
  const name = objectId(resource);
  const whole = { query: ["write"], body: definitionName, answer: definitionName, consumes: anyType } as const;
  const item = `${path}/{name}`;
  return [
    { ...whole, verb: "create", path, method: "post", id: `create${name}`, action: "post", codes: [200, 201, 202] },
    { ...whole, verb: "update", path: item, method: "put", id: `replace${name}`, action: "put", codes: [200, 201] },
    {
      ...whole,
      verb: "patch",
      path: item,
      method: "patch",
      id: `patch${name}`,
      action: "patch",
      query: ["write", "patch"],
      body: patchDefinition,
      consumes: custom ? customPatchTypes : builtinPatchTypes,
      codes: [200, 201],
    },
  ];
}

function deletions(resource: Resource): readonly MainOperation[] {
  const { kind, strategy, definitionName } = resource;
  const path = collectionPath(resource);
  const common = { method: "delete", body: deleteOptionsDefinition, consumes: anyType } as const;
  const scope = kind.namespaced ? "Namespaced" : "";
  return [
    {
      ...common,
      verb: "deletecollection",
      path,
      id: `delete${idPart(kind)}Collection${scope}${kind.kind}`,
      action: "deletecollection",
      query: ["list", "delete"],
      answer: statusDefinition,
      codes: [200],
    },
    {
      ...common,
      verb: "delete",
      path: `${path}/{name}`,
      id: `delete${objectId(resource)}`,
      action: "delete",
      query: ["delete"],
      answer: strategy.returnsDeleted ? definitionName : statusDefinition,
      codes: [200, 202],
    },
  ];
}

/** `AppsV1NamespacedDeployment`. */
function objectId({ kind }: Resource): string {
  return `${idPart(kind)}${kind.namespaced ? "Namespaced" : ""}${kind.kind}`;
}

const subresourceMethods: Readonly<
  Record<string, { method: Method; prefix: string; action: string; codes: readonly number[] }>
> = {
  get: { method: "get", prefix: "read", action: "get", codes: [200] },
  create: { method: "post", prefix: "create", action: "post", codes: [200, 201, 202] },
  update: { method: "put", prefix: "replace", action: "put", codes: [200, 201] },
  patch: { method: "patch", prefix: "patch", action: "patch", codes: [200, 201] },
  delete: { method: "delete", prefix: "delete", action: "delete", codes: [200] },
};

function subresourceOperations(resource: Resource): readonly Operation[] {
  const { subresources } = resource;
  const name = objectId(resource);
  return Object.entries(subresources).flatMap(([subresource, { kind: body, verbs }]) => {
    const definition = bodyDefinition(resource, body);
    const isText = definition === undefined || subresource === "log";
    return verbs.flatMap((verb): readonly Operation[] => {
      const how = subresourceMethods[verb];
      if (how === undefined) return [];
      const hasBody = !isText && verb !== "get" && verb !== "delete";
      return [
        {
          path: `${collectionPath(resource)}/{name}/${subresource}`,
          method: how.method,
          id: `${isText && subresource !== "log" ? `connect${capital(how.method)}` : how.prefix}${name}${capital(subresource)}`,
          action: isText && subresource !== "log" ? "connect" : how.action,
          kind: { group: body.group, version: body.version, kind: body.kind },
          query: hasBody ? (verb === "patch" ? ["write", "patch"] : ["write"]) : [],
          body: hasBody ? (verb === "patch" ? patchDefinition : definition) : undefined,
          answer: isText ? undefined : definition,
          consumes:
            verb === "patch" ? (resource.custom ? customPatchTypes : builtinPatchTypes) : hasBody ? anyType : [],
          codes: how.codes,
        },
      ];
    });
  });
}

function collectionPath({ kind }: Resource): string {
  const namespace = kind.namespaced ? "/namespaces/{namespace}" : "";
  return `${basePath(kind)}${namespace}/${kind.plural}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

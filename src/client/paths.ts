// Where on an API server things are: URL paths and queries from kinds and references. Pure.
// Upstream: k8s.io/client-go/rest/request.go (URL).
import { ApiError } from "#machinery/api-error.ts";
import type { Kind, ObjectRef } from "#machinery/object.ts";

export type QueryValue = string | number | boolean | undefined;

/** `/api/v1` or `/apis/group/version`. */
function groupVersionPath(kind: { readonly group: string; readonly version: string }): string {
  return kind.group === "" ? `/api/${segment(kind.version)}` : `/apis/${segment(kind.group)}/${segment(kind.version)}`;
}

/** The path of all objects of a kind, in one namespace or (namespace absent) in all. */
export function collectionPath(kind: Kind, namespace: string | undefined): string {
  const base = groupVersionPath(kind);
  const scope = kind.namespaced && namespace !== undefined && namespace !== "";
  return scope ? `${base}/namespaces/${segment(namespace)}/${kind.plural}` : `${base}/${kind.plural}`;
}

/** The path that objects of a kind are created at. A namespaced kind needs its namespace. */
export function creationPath(kind: Kind, namespace: string | undefined): string {
  requireNamespace(kind, namespace);
  return collectionPath(kind, namespace);
}

/** The path of one object, or of a subresource of it. */
export function objectPath(kind: Kind, ref: ObjectRef, subresource?: string): string {
  requireNamespace(kind, ref.namespace);
  if (ref.name === "") throw new ApiError("BadRequest", "resource name may not be empty");
  const path = `${collectionPath(kind, ref.namespace)}/${segment(ref.name)}`;
  return subresource === undefined ? path : `${path}/${subresource}`;
}

/** `path?a=b`; parameters that are undefined, false or empty are left out. */
export function withQuery(path: string, query: Readonly<Record<string, QueryValue>>): string {
  let text = "";
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === false || value === "") continue;
    text += `${text === "" ? "?" : "&"}${name}=${encodeURIComponent(value)}`;
  }
  return path + text;
}

function requireNamespace(kind: Kind, namespace: string | undefined): void {
  if (!kind.namespaced || (namespace !== undefined && namespace !== "")) return;
  throw new ApiError("BadRequest", `an empty namespace may not be set when a ${kind.kind} is named`);
}

/** A path segment: names may hold `:` and other marks that need no escape, never a slash. */
function segment(text: string): string {
  return /^[\w.:-]+$/.test(text) ? text : encodeURIComponent(text);
}

/** Whether a request's answer is a stream that goes on until someone ends it: a watch or a followed log. */
export function isLongRunning(path: string): boolean {
  return /[?&](?:watch|follow)=(?!false|0(?:&|$))/.test(path);
}

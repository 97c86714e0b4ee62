// What a request's method and path say: the URL grammar of the Kubernetes API. Pure.
// Upstream: k8s.io/apiserver/pkg/endpoints/request/requestinfo.go.
import { ApiError } from "#machinery/api-error.ts";
import type { ApiRequest } from "#machinery/http.ts";
import { Query } from "./query.ts";

export interface RequestInfo {
  /** Decoded, without the query. */
  readonly path: string;
  readonly query: Query;
  readonly isResource: boolean;
  /** get, list, watch, create, update, patch, delete, deletecollection; for non-resource paths the lower-case method. */
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  /** For the Namespace resource itself this is the object's own name, as upstream has it. */
  readonly namespace: string;
  readonly resource: string;
  readonly subresource: string;
  readonly name: string;
  /** The name stands in the path (not only in a field selector). */
  readonly named: boolean;
  /** Path segments after the subresource. */
  readonly rest: readonly string[];
}

const verbsByMethod: Readonly<Record<ApiRequest["method"], string>> = {
  GET: "get",
  HEAD: "get",
  POST: "create",
  PUT: "update",
  PATCH: "patch",
  DELETE: "delete",
  OPTIONS: "",
};

/** Third segments of `/api/v1/namespaces/x/…` that belong to the Namespace itself. */
const namespaceSubresources: readonly string[] = ["status", "finalize"];

/** Reads a request line. Throws BadRequest where it cannot be a URL. */
export function parseRequestInfo(method: ApiRequest["method"], target: string): RequestInfo {
  const mark = target.indexOf("?");
  const query = new Query(mark < 0 ? "" : target.slice(mark + 1));
  const path = decodePath(mark < 0 ? target : target.slice(0, mark));
  const parts = path.split("/").filter((part) => part !== "");
  const prefix = parts[0];
  const skip = prefix === "api" ? 1 : prefix === "apis" ? 2 : undefined;
  if (skip === undefined || parts.length < skip + 2) return nonResource(method, path, query);
  const group = prefix === "apis" ? (parts[1] ?? "") : "";
  return resourceInfo({ method, path, query, group, version: parts[skip] ?? "", parts: parts.slice(skip + 1) });
}

interface ResourcePath {
  readonly method: ApiRequest["method"];
  readonly path: string;
  readonly query: Query;
  readonly group: string;
  readonly version: string;
  readonly parts: readonly string[];
}

function resourceInfo({ method, path, query, group, version, parts }: ResourcePath): RequestInfo {
  let rest = parts;
  let verb = verbsByMethod[method];
  const special = rest[0] === "watch" || rest[0] === "proxy" ? rest[0] : undefined;
  if (special !== undefined) {
    if (rest.length < 2) return nonResource(method, path, query);
    verb = special;
    rest = rest.slice(1);
  }
  let namespace = "";
  if (rest[0] === "namespaces" && rest.length > 1) {
    namespace = rest[1] ?? "";
    if (rest.length > 2 && !namespaceSubresources.includes(rest[2] ?? "")) rest = rest.slice(2);
  }
  let name = rest[1] ?? "";
  const named = name !== "";
  if (!named && (verb === "get" || verb === "watch")) {
    verb = verb === "watch" || isWatch(query) ? "watch" : "list";
    name = nameInSelector(query.get("fieldSelector"));
  } else if (!named && verb === "delete") {
    verb = "deletecollection";
  }
  const subresource = special === undefined ? (rest[2] ?? "") : "";
  const resource = rest[0] ?? "";
  return {
    path,
    query,
    isResource: true,
    verb,
    group,
    version,
    namespace,
    resource,
    subresource,
    name,
    named,
    rest: rest.slice(3),
  };
}

function nonResource(method: ApiRequest["method"], path: string, query: Query): RequestInfo {
  return {
    path,
    query,
    isResource: false,
    verb: method.toLowerCase(),
    group: "",
    version: "",
    namespace: "",
    resource: "",
    subresource: "",
    name: "",
    named: false,
    rest: [],
  };
}

/** `watch=false` and `watch=0` mean no; anything unparseable counts as yes. */
function isWatch(query: Query): boolean {
  return query.flag("watch");
}

/** The name in a field selector of exactly `metadata.name=x`: resourceNames of RBAC rules apply to it. */
function nameInSelector(selector: string | undefined): string {
  const match = selector === undefined ? null : /^metadata\.name==?([^,=!\\]+)$/.exec(selector);
  return match?.[1] ?? "";
}

function decodePath(path: string): string {
  if (!path.includes("%")) return path;
  try {
    return decodeURIComponent(path);
  } catch (cause) {
    throw new ApiError("BadRequest", `invalid URL escape in path ${JSON.stringify(path)}`, { cause });
  }
}

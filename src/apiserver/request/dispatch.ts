// Finds the handler of a request for a resource that may be made.
// Upstream: k8s.io/apiserver/pkg/endpoints/installer.go, which registers the same combinations as routes.
import type { Resource } from "#api/resource.ts";
import type { ApiResponse } from "#machinery/http.ts";
import { handleDeleteCollection } from "../crud/delete-collection.ts";
import { methodNotAllowedError } from "../crud/errors.ts";
import { handleCreate, handleDelete, handleGet, handleUpdate } from "../crud/handlers.ts";
import { handlePatch } from "../crud/patch.ts";
import { checkPathName } from "../crud/path-name.ts";
import { handleBinding } from "../crud/pods.ts";
import { dispatchSubresource } from "../crud/subresources.ts";
import { extraKey, handleVirtual } from "../crud/virtual.ts";
import { handleList } from "../list/list.ts";
import { handleWatch } from "../watch/watch.ts";
import type { RequestContext, ResourceContext } from "./context.ts";
import type { RequestInfo } from "./request-info.ts";
import { notFoundPage } from "./respond.ts";

type Handler = (context: ResourceContext) => Promise<ApiResponse> | ApiResponse;

const handlersByVerb: Readonly<Record<string, Handler>> = {
  get: handleGet,
  list: handleList,
  watch: handleWatch,
  create: handleCreate,
  update: (context) => handleUpdate(context),
  patch: (context) => handlePatch(context),
  delete: handleDelete,
  deletecollection: handleDeleteCollection,
};

/** Answers a request for a resource. A path that no resource has is no error of an object: it gets the plain page. */
export async function dispatchResource(context: RequestContext): Promise<ApiResponse> {
  const { info, core } = context;
  const resource = core.registry.find(info.group, info.version, info.resource);
  if (resource === undefined || !isInScope(info, resource)) return notFoundPage();
  const resourceContext = { ...context, resource };
  const { verb } = info;
  const form = core.forms.of(resource);
  if (info.named) checkPathName(info.name);
  if (info.subresource !== "") return dispatchSubresource(resourceContext);
  if (!resource.verbs.includes(verb) || !isOnItemOrCollection(info, resource)) throw methodNotAllowedError(form, verb);
  if (resource.deprecationWarning !== undefined) context.warnings.add(resource.deprecationWarning);
  if (verb === "create" && isVirtual(resource)) return dispatchVirtual(resourceContext);
  const handler = Object.hasOwn(handlersByVerb, verb) ? handlersByVerb[verb] : undefined;
  if (handler === undefined) throw methodNotAllowedError(form, verb);
  return await handler(resourceContext);
}

/** Kinds that can only be created are answered, never stored. */
function isVirtual({ verbs }: Resource): boolean {
  return verbs.length === 1 && verbs[0] === "create";
}

function dispatchVirtual(context: ResourceContext): Promise<ApiResponse> {
  const { core, resource } = context;
  const handler = core.virtual.get(extraKey(resource.kind, ""));
  if (handler !== undefined) return handleVirtual(context, handler);
  if (resource.kind.group === "" && resource.kind.plural === "bindings") return handleBinding(context);
  throw methodNotAllowedError(core.forms.of(resource), "create");
}

/** Objects of namespaced kinds are addressed with their namespace, others without. */
function isInScope(info: RequestInfo, { kind }: Resource): boolean {
  if (kind.namespaced) return info.namespace !== "" || !info.named;
  return info.namespace === "" || (info.named && kind.group === "" && kind.plural === "namespaces");
}

/** Writes of a collection of a namespaced kind need a namespace; creating needs a path without a name. */
function isOnItemOrCollection({ verb, named, namespace }: RequestInfo, { kind }: Resource): boolean {
  switch (verb) {
    case "create":
      return !named && (!kind.namespaced || namespace !== "");
    case "update":
    case "patch":
      return named;
    case "deletecollection":
      return !kind.namespaced || namespace !== "";
    default:
      return true;
  }
}

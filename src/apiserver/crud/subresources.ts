// Which handler answers for which subresource.
import type { ApiResponse } from "#machinery/http.ts";
import type { ConnectHandler } from "../options.ts";
import type { ResourceContext } from "../request/context.ts";
import { notFoundPage } from "../request/respond.ts";
import { finalizeEndpoint, mainEndpoint, statusEndpoint } from "./endpoints.ts";
import { methodNotAllowedError, notFoundError } from "./errors.ts";
import { handleGet, handleUpdate } from "./handlers.ts";
import { handlePatch } from "./patch.ts";
import { handleBinding, handleEviction } from "./pods.ts";
import { handleGetScale, handlePatchScale, handleUpdateScale } from "./scale-handlers.ts";
import type { UpdateEndpoint } from "./update.ts";
import { extraKey, handleVirtual } from "./virtual.ts";

type Handlers = Readonly<Record<string, ((context: ResourceContext) => Promise<ApiResponse>) | undefined>>;

/** Answers a request for a subresource. */
export async function dispatchSubresource(context: ResourceContext): Promise<ApiResponse> {
  const { core, info, resource } = context;
  const { subresource, verb } = info;
  const form = core.forms.of(resource);
  const known = Object.hasOwn(resource.subresources, subresource) ? resource.subresources[subresource] : undefined;
  if (known === undefined) {
    if (resource.custom) throw notFoundError(form, info.name);
    return notFoundPage();
  }
  if (!known.verbs.includes(verb)) throw methodNotAllowedError(form, verb);
  const key = extraKey(resource.kind, subresource);
  const connect = core.connect.get(key);
  if (connect !== undefined) return callConnect(context, connect);
  const virtual = verb === "create" ? core.virtual.get(key) : undefined;
  if (virtual !== undefined) return handleVirtual(context, virtual);
  const handler = handlersOf(context)[verb];
  if (handler === undefined) throw methodNotAllowedError(form, `${verb} of ${subresource}`);
  return handler(context);
}

function handlersOf({ info, resource }: ResourceContext): Handlers {
  const { subresource } = info;
  const { subresourceRules: rules = {} } = resource.strategy;
  const own = Object.hasOwn(rules, subresource) ? rules[subresource] : undefined;
  if (own !== undefined) return endpointHandlers({ ...mainEndpoint(resource), ...own, subresource });
  switch (subresource) {
    case "status":
      return endpointHandlers(statusEndpoint(resource));
    case "finalize":
      return { update: (context) => handleUpdate(context, finalizeEndpoint) };
    case "scale":
      return { get: handleGetScale, update: handleUpdateScale, patch: handlePatchScale };
    case "binding":
      return { create: handleBinding };
    case "eviction":
      return { create: handleEviction };
    default:
      return {};
  }
}

function endpointHandlers(endpoint: UpdateEndpoint): Handlers {
  return {
    get: handleGet,
    update: (context) => handleUpdate(context, endpoint),
    patch: (context) => handlePatch(context, endpoint),
  };
}

async function callConnect(context: ResourceContext, handler: ConnectHandler): Promise<ApiResponse> {
  const { info, request, user, signal, resource } = context;
  return handler({
    method: request.method,
    path: info.path,
    query: info.query,
    headers: request.headers,
    user,
    signal,
    resource,
    subresource: info.subresource,
    namespace: info.namespace,
    name: info.name,
    rest: info.rest,
    body: request.body,
  });
}

// Finds the handler of a request that may be made.
import type { ApiResponse } from "#machinery/http.ts";
import { methodNotAllowedError } from "../crud/errors.ts";
import { handleCreate, handleDelete, handleGet, handleUpdate } from "../crud/handlers.ts";
import { handleList } from "../list/list.ts";
import { handleWatch } from "../watch/watch.ts";
import type { RequestContext, ResourceContext } from "./context.ts";
import { notFoundPage } from "./respond.ts";

type Handler = (context: ResourceContext) => Promise<ApiResponse> | ApiResponse;

const handlersByVerb: Readonly<Record<string, Handler>> = {
  get: handleGet,
  list: handleList,
  create: handleCreate,
  update: (context) => handleUpdate(context),
  delete: handleDelete,
  watch: handleWatch,
};

export async function dispatchResource(context: RequestContext): Promise<ApiResponse> {
  const { info, core } = context;
  const resource = core.registry.find(info.group, info.version, info.resource);
  if (resource === undefined) return notFoundPage();
  const { verb } = info;
  const handler = Object.hasOwn(handlersByVerb, verb) ? handlersByVerb[verb] : undefined;
  if (handler === undefined || !resource.verbs.includes(verb)) {
    throw methodNotAllowedError(core.forms.of(resource), verb);
  }
  return handler({ ...context, resource });
}

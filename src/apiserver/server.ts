// Assembles an API server from its parts.
import type { ApiServer, ApiServerOptions } from "./options.ts";
import { namespaceLifecycle } from "./admission/namespace-lifecycle.ts";
import { Forms } from "./crud/forms.ts";
import { ParsedCache } from "./crud/parsed-cache.ts";
import { ResourceRegistry } from "./registry.ts";
import type { ServerCore } from "./request/context.ts";
import { dispatchResource } from "./request/dispatch.ts";
import { createPipeline } from "./request/pipeline.ts";
import { notFoundPage } from "./request/respond.ts";

/** A Kubernetes API server over a storage. It opens no socket: `listen` does. */
export function createApiServer(options: ApiServerOptions): ApiServer {
  const { storage, authorize, clock, random, log } = options;
  const registry = new ResourceRegistry(options.resources);
  const parsed = new ParsedCache();
  const core: ServerCore = {
    storage,
    registry,
    parsed,
    authorize,
    clock,
    random,
    log,
    forms: new Forms(),
    admission: [namespaceLifecycle(storage, parsed), ...options.admission],
    virtual: new Map(Object.entries(options.extraHandlers?.virtual ?? {})),
  };
  const handle = createPipeline({
    core,
    authenticate: options.authenticate,
    dispatch: (context) => (context.info.isResource ? dispatchResource(context) : notFoundPage()),
  });
  return {
    handle,
    registry,
    addReadyCheck: () => undefined,
    close: () => Promise.resolve(),
  };
}

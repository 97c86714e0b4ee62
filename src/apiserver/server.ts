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
import { FrameCache } from "./watch/frame-cache.ts";

/** A Kubernetes API server over a storage. It opens no socket: `listen` does. */
export function createApiServer(options: ApiServerOptions): ApiServer {
  const { storage, authorize, clock, random, log } = options;
  const registry = new ResourceRegistry(options.resources);
  const parsed = new ParsedCache();
  const closing = new AbortController();
  const core: ServerCore = {
    storage,
    registry,
    parsed,
    authorize,
    clock,
    random,
    log,
    forms: new Forms(),
    frames: new FrameCache(),
    closing: closing.signal,
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
    close: () => {
      closing.abort(new Error("the API server is closing"));
      return Promise.resolve();
    },
  };
}

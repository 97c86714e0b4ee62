// Assembles an API server from its parts.
import { MetricRegistry } from "#std/metrics.ts";
import { TurnBudget } from "#std/turn-budget.ts";
import { limitRanger } from "./admission/limit-ranger/limit-ranger.ts";
import { namespaceLifecycle } from "./admission/namespace-lifecycle.ts";
import { QuotaAdmission } from "./admission/resource-quota/resource-quota.ts";
import { podAdmission } from "./admission/pods/pods.ts";
import { serviceAddresses } from "./admission/service-addresses.ts";
import { startEventExpiry } from "./crud/event-expiry.ts";
import { Forms } from "./crud/forms.ts";
import { ParsedCache } from "./crud/parsed-cache.ts";
import { Discovery } from "./discovery/discovery.ts";
import { Health } from "./health/health.ts";
import { RequestMetrics } from "./health/request-metrics.ts";
import { LabelCache } from "./list/label-cache.ts";
import { openApiHandlers } from "./openapi/handlers.ts";
import type { ApiServer, ApiServerOptions } from "./options.ts";
import { ResourceRegistry } from "./registry.ts";
import type { ServerCore } from "./request/context.ts";
import { dispatchResource } from "./request/dispatch.ts";
import { InFlight } from "./request/in-flight.ts";
import { dispatchPath, type PathParts } from "./request/index-paths.ts";
import { createPipeline } from "./request/pipeline.ts";
import { FrameCache } from "./watch/frame-cache.ts";
import { deliveriesOfTurn } from "./watch/watch.ts";

/** How long a closing server waits for the requests under way. */
const closeMillisecondsMax = 10_000;

/** A Kubernetes API server over a storage. It opens no socket: `listen` does. */
export function createApiServer(options: ApiServerOptions): ApiServer {
  const { clock, log } = options;
  const closing = new AbortController();
  const metrics = options.metrics ?? new MetricRegistry();
  const core = makeCore(options, metrics, closing.signal);
  startEventExpiry(core);
  const health = makeHealth(options, closing.signal);
  const parts: PathParts = {
    discovery: new Discovery(core.registry, options.advertiseAddress ?? ""),
    health,
    metrics,
    version: options.version,
    handlers: new Map(
      Object.entries({
        ...openApiHandlers({ registry: core.registry, version: options.version.gitVersion, clock }),
        ...options.extraHandlers?.paths,
      }),
    ),
  };
  const handle = createPipeline({
    core,
    authenticate: options.authenticate,
    dispatch: (context) => (context.info.isResource ? dispatchResource(context) : dispatchPath(context, parts)),
  });
  return {
    handle,
    registry: core.registry,
    metrics,
    addReadyCheck: (name, check) => {
      health.add(["readyz"], name, check);
    },
    async close() {
      closing.abort(new Error("the API server is closing"));
      const waited = await Promise.race([core.inFlight.idle(), clock.sleep(closeMillisecondsMax).then(() => "late")]);
      if (waited === "late") log.warn("requests were still under way when the API server closed");
    },
  };
}

function makeCore(options: ApiServerOptions, metrics: MetricRegistry, closing: AbortSignal): ServerCore {
  const { storage, authorize, clock, random, log, extraHandlers = {} } = options;
  const parsed = new ParsedCache();
  return {
    storage,
    registry: new ResourceRegistry(options.resources),
    forms: new Forms(),
    parsed,
    labels: new LabelCache(),
    frames: new FrameCache(),
    deliveries: new TurnBudget(clock, deliveriesOfTurn),
    admission: [
      namespaceLifecycle(storage, parsed),
      limitRanger(storage, parsed),
      ...podAdmission({ storage, parsed, clock, random, runsPods: options.runsPods === true }),
      ...options.admission,
      serviceAddresses({ storage, parsed, random }),
    ],
    quota: new QuotaAdmission(),
    policies: options.policies,
    webhooks: options.webhooks,
    authorize,
    virtual: new Map(Object.entries(extraHandlers.virtual ?? {})),
    connect: new Map(Object.entries(extraHandlers.connect ?? {})),
    inFlight: new InFlight(),
    requestMetrics: new RequestMetrics(metrics),
    clock,
    random,
    log,
    closing,
  };
}

function makeHealth({ clock, log, storage }: ApiServerOptions, closing: AbortSignal): Health {
  const health = new Health({ clock, log });
  health.add(["healthz", "livez", "readyz"], "ping", () => undefined);
  health.add(["healthz", "readyz"], "storage", async () => {
    await storage.get("/registry/health");
  });
  health.add(["readyz"], "shutdown", () => {
    if (closing.aborted) throw new Error("the API server is closing");
  });
  return health;
}

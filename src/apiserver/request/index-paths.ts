// Answers what is no resource: discovery, health, version, metrics, handlers that others bring, and the index of all that.
import type { ApiResponse } from "#machinery/http.ts";
import type { MetricRegistry } from "#std/metrics.ts";
import type { Discovery } from "../discovery/discovery.ts";
import type { Health } from "../health/health.ts";
import type { PathHandler, VersionInfo } from "../options.ts";
import type { RequestContext } from "./context.ts";
import { notFoundPage, valueResponse } from "./respond.ts";

export interface PathParts {
  readonly discovery: Discovery;
  readonly health: Health;
  readonly metrics: MetricRegistry;
  readonly version: VersionInfo;
  /** By exact path, or by prefix where the key ends in `/`. */
  readonly handlers: ReadonlyMap<string, PathHandler>;
}

const ownPaths: readonly string[] = ["/healthz", "/livez", "/metrics", "/readyz", "/version"];

export async function dispatchPath(context: RequestContext, parts: PathParts): Promise<ApiResponse> {
  const { info, request, user, signal } = context;
  const { path } = info;
  const handler = findHandler(parts.handlers, path);
  if (handler !== undefined) {
    return handler({ method: request.method, path, query: info.query, headers: request.headers, user, signal });
  }
  if (request.method !== "GET" && request.method !== "HEAD") return notFoundPage();
  switch (path) {
    case "/":
      return valueResponse(200, { paths: indexOf(parts) });
    case "/version":
    case "/version/":
      return valueResponse(200, parts.version, {
        mediaType: "application/json",
        as: undefined,
        metaVersion: "v1",
        pretty: true,
        bare: false,
      });
    case "/metrics":
      return metricsResponse(parts.metrics);
    default:
      return (await parts.health.answer(context)) ?? parts.discovery.answer(context) ?? notFoundPage();
  }
}

function findHandler(handlers: ReadonlyMap<string, PathHandler>, path: string): PathHandler | undefined {
  const exact = handlers.get(path);
  if (exact !== undefined) return exact;
  // There are a few handlers; a hostile path has thousands of slashes.
  let found = "";
  for (const key of handlers.keys()) {
    if (key.endsWith("/") && key.length > found.length && path.startsWith(key)) found = key;
  }
  return handlers.get(found);
}

function indexOf({ discovery, handlers }: PathParts): readonly string[] {
  return [...new Set([...discovery.paths(), ...ownPaths, ...handlers.keys()])].sort();
}

function metricsResponse(metrics: MetricRegistry): ApiResponse {
  return {
    status: 200,
    headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8" },
    body: Buffer.from(metrics.render()),
  };
}

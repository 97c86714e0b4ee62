// What the server counts of its requests, under upstream's names.
// Upstream: k8s.io/apiserver/pkg/endpoints/metrics/metrics.go.
import type { MetricRegistry } from "#std/metrics.ts";
import type { RequestInfo } from "../request/request-info.ts";

const secondsBounds = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.5, 2, 3, 5, 10, 30, 60] as const;

/** A request that has been answered, or whose stream has ended. */
export interface AnsweredRequest {
  readonly info: RequestInfo | undefined;
  readonly code: number;
  readonly seconds: number;
}

/** Counts requests. */
export class RequestMetrics {
  readonly #total;
  readonly #duration;
  readonly #inFlight;
  readonly #longRunning;

  constructor(registry: MetricRegistry) {
    this.#total = registry.counter("apiserver_request_total", "Requests by verb, resource, scope and HTTP code.");
    this.#duration = registry.histogram(
      "apiserver_request_duration_seconds",
      "Time to answer requests, watches left out.",
      secondsBounds,
    );
    this.#inFlight = registry.gauge(
      "apiserver_current_inflight_requests",
      "Requests being answered, watches left out.",
    );
    this.#longRunning = registry.gauge("apiserver_longrunning_requests", "Open watches by resource.");
  }

  started(isMutating: boolean): void {
    this.#inFlight.add({ request_kind: isMutating ? "mutating" : "readOnly" }, 1);
  }

  ended(isMutating: boolean): void {
    this.#inFlight.add({ request_kind: isMutating ? "mutating" : "readOnly" }, -1);
  }

  answered({ info, code, seconds }: AnsweredRequest): void {
    const labels = labelsOf(info);
    this.#total.add({ code: String(code), ...labels });
    if (labels.verb !== "WATCH") this.#duration.observe(labels, seconds);
  }

  watchOpened(info: RequestInfo): void {
    this.#longRunning.add(labelsOf(info), 1);
  }

  watchClosed(info: RequestInfo): void {
    this.#longRunning.add(labelsOf(info), -1);
  }
}

/** Names come from paths, so what is not a resource is not named: a stranger must not make series. */
function labelsOf(info: RequestInfo | undefined) {
  if (info?.isResource !== true) return { verb: "", group: "", version: "", resource: "", subresource: "", scope: "" };
  const { group, version, resource, subresource } = info;
  return { verb: verbLabel(info), group, version, resource, subresource, scope: scopeOf(info) };
}

function verbLabel({ verb }: RequestInfo): string {
  switch (verb) {
    case "create":
      return "POST";
    case "update":
      return "PUT";
    default:
      return verb.toUpperCase();
  }
}

function scopeOf({ named, namespace, verb }: RequestInfo): string {
  if (named || verb === "create") return "resource";
  return namespace === "" ? "cluster" : "namespace";
}

// What the server counts of its requests, under upstream's names.
// Upstream: k8s.io/apiserver/pkg/endpoints/metrics/metrics.go.
import type { Counter, Histogram, MetricRegistry } from "#std/metrics.ts";
import type { RequestInfo } from "../request/request-info.ts";

const secondsBounds = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.5, 2, 3, 5, 10, 30, 60] as const;

/** A request that has been answered, or whose stream has ended. */
export interface AnsweredRequest {
  readonly info: RequestInfo | undefined;
  readonly code: number;
  readonly seconds: number;
}

/** The series that answers of one sort count in. */
interface AnswerSeries {
  readonly total: ReturnType<Counter["series"]>;
  /** Absent for watches. */
  readonly duration: ReturnType<Histogram["series"]> | undefined;
}

/** Counts requests. */
export class RequestMetrics {
  readonly #total;
  readonly #duration;
  readonly #reads;
  readonly #writes;
  readonly #longRunning;
  /** By code and request; as many as there are series. */
  readonly #answers = new Map<string, AnswerSeries>();

  constructor(registry: MetricRegistry) {
    this.#total = registry.counter("apiserver_request_total", "Requests by verb, resource, scope and HTTP code.");
    this.#duration = registry.histogram(
      "apiserver_request_duration_seconds",
      "Time to answer requests, watches left out.",
      secondsBounds,
    );
    const inFlight = registry.gauge(
      "apiserver_current_inflight_requests",
      "Requests being answered, watches left out.",
    );
    this.#reads = inFlight.series({ request_kind: "readOnly" });
    this.#writes = inFlight.series({ request_kind: "mutating" });
    this.#longRunning = registry.gauge("apiserver_longrunning_requests", "Open watches by resource.");
  }

  started(isMutating: boolean): void {
    (isMutating ? this.#writes : this.#reads).add(1);
  }

  ended(isMutating: boolean): void {
    (isMutating ? this.#writes : this.#reads).add(-1);
  }

  answered({ info, code, seconds }: AnsweredRequest): void {
    const key = answerKey(info, code);
    let series = this.#answers.get(key);
    if (series === undefined) {
      const labels = labelsOf(info);
      const duration = labels.verb === "WATCH" ? undefined : this.#duration.series(labels);
      series = { total: this.#total.series({ code: String(code), ...labels }), duration };
      this.#answers.set(key, series);
    }
    series.total.add();
    series.duration?.observe(seconds);
  }

  watchOpened(info: RequestInfo): void {
    this.#longRunning.add(labelsOf(info), 1);
  }

  watchClosed(info: RequestInfo): void {
    this.#longRunning.add(labelsOf(info), -1);
  }
}

function answerKey(info: RequestInfo | undefined, code: number): string {
  if (info?.isResource !== true) return String(code);
  const { group, version, resource, subresource, verb } = info;
  return `${code} ${verb} ${group} ${version} ${resource} ${subresource} ${scopeOf(info)}`;
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

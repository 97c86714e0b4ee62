// How this process is doing, for `/metrics`: memory, processor time, and how late its event loop runs. Always on; the loop
// is looked at by a timer outside JavaScript, a hundred times a second.
// Upstream: the names of prom-client's default metrics, which dashboards of Node.js programs know.
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { MetricRegistry } from "#std/metrics.ts";
import type { Clock } from "#std/time.ts";

/** A stretch of work shows as up to this much less than it was, since it begins between two looks. */
const lookMilliseconds = 10;
const nanosecondsPerSecond = 1e9;

/** Adds the figures of this process to `registry`. Those of the event loop tell of the time since they were last read. */
export function publishProcessMetrics(registry: MetricRegistry, clock: Clock): void {
  const startedAt = (clock.now() - clock.monotonic()) / 1e3;
  const gauge = (name: string, help: string, read: () => number): void => {
    registry.observedGauge(name, help, () => [[{}, read()]]);
  };
  registry.observedCounter("process_cpu_seconds_total", "Processor time of the process, all its threads.", () => {
    const { user, system } = process.cpuUsage();
    return [[{}, (user + system) / 1e6]];
  });
  gauge("process_start_time_seconds", "When the process began, since the Unix epoch.", () => startedAt);
  gauge("process_resident_memory_bytes", "Memory of the process, all its threads.", () => process.memoryUsage.rss());
  gauge("nodejs_heap_size_used_bytes", "Objects in the main thread.", () => process.memoryUsage().heapUsed);
  gauge("nodejs_external_memory_bytes", "Buffers of the main thread.", () => process.memoryUsage().external);
  const lag = monitorEventLoopDelay({ resolution: lookMilliseconds });
  lag.enable();
  for (const [name, percentile] of [
    ["p50", 50],
    ["p90", 90],
    ["p99", 99],
  ] as const) {
    gauge(`nodejs_eventloop_lag_${name}_seconds`, `How late timers ran: percentile ${percentile}.`, () =>
      lateness(lag, lag.percentile(percentile)),
    );
  }
  gauge("nodejs_eventloop_lag_max_seconds", "How late timers ran: the worst. Reading it begins anew.", () => {
    const worst = lateness(lag, lag.max);
    lag.reset();
    return worst;
  });
}

/** The histogram has whole intervals between two looks, the wait that was asked for included. */
function lateness(lag: { readonly count: number }, nanoseconds: number): number {
  if (lag.count === 0) return 0;
  return Math.max(0, nanoseconds / nanosecondsPerSecond - lookMilliseconds / 1e3);
}

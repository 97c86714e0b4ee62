import assert from "node:assert/strict";
import { test } from "node:test";
import { MetricRegistry } from "./metrics.ts";

test("metrics print in Prometheus' text form", () => {
  const registry = new MetricRegistry();
  const total = registry.counter("requests_total", "Requests.");
  total.add({ code: "200" });
  total.add({ code: "200" });
  const notFound = total.series({ code: "404" });
  notFound.add();
  notFound.add(2);
  const open = registry.gauge("open", "Open things.");
  open.add({}, 2);
  open.series({}).add(-1);
  registry.observedGauge("seen", "Seen when asked.", () => [[{ what: 'a"b' }, 7]]);
  registry.observedCounter("spent_total", "Counted elsewhere.", () => [[{}, 1.5]]);
  const took = registry.histogram("took_seconds", "Time.", [0.1, 1]);
  took.observe({ verb: "get" }, 0.05);
  for (const value of [0.1, 0.5, 3]) took.series({ verb: "get" }).observe(value);
  assert.equal(
    registry.render(),
    `# HELP requests_total Requests.
# TYPE requests_total counter
requests_total{code="200"} 2
requests_total{code="404"} 3
# HELP open Open things.
# TYPE open gauge
open 1
# HELP seen Seen when asked.
# TYPE seen gauge
seen{what="a\\"b"} 7
# HELP spent_total Counted elsewhere.
# TYPE spent_total counter
spent_total 1.5
# HELP took_seconds Time.
# TYPE took_seconds histogram
took_seconds_bucket{verb="get",le="0.1"} 2
took_seconds_bucket{verb="get",le="1"} 3
took_seconds_bucket{verb="get",le="+Inf"} 4
took_seconds_sum{verb="get"} 3.65
took_seconds_count{verb="get"} 4
`,
  );
});

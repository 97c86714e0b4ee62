// For how long an application may be unhealthy, and what resets that.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { AggregatedStatusItem, Binding, BindingSpec } from "#api/work/binding.ts";
import { bindingWith } from "../testing.ts";
import { type FailureJudgement, judgeFailure as judge, withRemembered } from "./decide.ts";

type Health = NonNullable<AggregatedStatusItem["health"]>;
const key = "resourcebinding.karmada.io/unhealthy-since";
const failover = { application: { decisionConditions: { tolerationSeconds: 30 } } };

function app(healths: Readonly<Record<string, Health>>, remembered?: string, spec: Partial<BindingSpec> = {}): Binding {
  const clusters = Object.keys(healths).map((name) => ({ name }));
  const binding = bindingWith(
    { clusters, failover, ...spec },
    remembered === undefined ? {} : { annotations: { [key]: remembered } },
  );
  const aggregatedStatus = Object.entries(healths).map(([clusterName, health]) => ({ clusterName, health }));
  return { ...binding, status: { aggregatedStatus } };
}

const heard = () => true;

function judgeFailure(
  binding: Binding,
  isHeard: (cluster: string) => boolean,
  now: number,
  stabilizationSeconds = 0,
): FailureJudgement {
  return judge({ binding, isHeard, now, stabilizationSeconds });
}

function withUnhealthySince(binding: Binding, since: ReadonlyMap<string, number>): Binding {
  return withRemembered(binding, { since, started: new Set() });
}

const remembered = '{"m1":"1970-01-01T00:00:10Z"}';

test("the first sight starts the time, in whole seconds and never too early", () => {
  const { since, due, next } = judgeFailure(app({ m1: "Unhealthy", m2: "Healthy" }), heard, 10_500);
  assert.deepEqual([[...since], due, next], [[["m1", 11_000]], [], 41_000]);
});

for (const { name, binding, now, due, next, isHeard = heard } of [
  { name: "not yet", binding: app({ m1: "Unhealthy" }, remembered), now: 39_999, due: [], next: 40_000 },
  { name: "time is over", binding: app({ m1: "Unhealthy" }, remembered), now: 40_000, due: ["m1"], next: undefined },
  { name: "healthy again", binding: app({ m1: "Healthy" }, remembered), now: 50_000, due: [], next: undefined },
  { name: "unknown", binding: app({ m1: "Unknown" }, remembered), now: 50_000, due: [], next: undefined },
  {
    name: "the cluster is away, so this is old news",
    binding: app({ m1: "Unhealthy" }, remembered),
    now: 50_000,
    isHeard: () => false,
    due: [],
    next: undefined,
  },
  {
    name: "it is leaving already",
    binding: app({ m1: "Unhealthy" }, remembered, {
      gracefulEvictionTasks: [{ fromCluster: "m1", reason: "Test", producer: "Test" }],
    }),
    now: 50_000,
    due: [],
    next: undefined,
  },
  {
    name: "not scheduled there",
    binding: app({ m1: "Unhealthy" }, remembered, { clusters: [] }),
    now: 50_000,
    due: [],
    next: undefined,
  },
  {
    name: "garbage remembered is nothing remembered",
    binding: app({ m1: "Unhealthy" }, "[oops"),
    now: 50_000,
    due: [],
    next: 80_000,
  },
]) {
  test(`application failure: ${name}`, () => {
    const judgement = judgeFailure(binding, isHeard, now);
    assert.deepEqual([judgement.due, judgement.next], [due, next]);
  });
}

test("what is remembered is an annotation, sorted, and gone when there is nothing to remember", () => {
  const noted = withUnhealthySince(
    app({}),
    new Map([
      ["m2", 20_000],
      ["m1", 10_000],
    ]),
  );
  assert.equal(noted.metadata.annotations?.[key], '{"m1":"1970-01-01T00:00:10Z","m2":"1970-01-01T00:00:20Z"}');
  const same = new Map([
    ["m1", 10_000],
    ["m2", 20_000],
  ]);
  assert.equal(withUnhealthySince(noted, same), noted);
  assert.equal(withUnhealthySince(noted, new Map()).metadata.annotations?.[key], undefined);
  const without = app({});
  assert.equal(withUnhealthySince(without, new Map()), without);
});

const slowStart = { application: { decisionConditions: { tolerationSeconds: 30, initTolerationSeconds: 300 } } };

test("an application that starts has a time of its own, until it has been healthy there once", () => {
  const starting = app({ m1: "Unhealthy" }, remembered, { failover: slowStart });
  assert.deepEqual(judgeFailure(starting, heard, 50_000).next, 310_000);
  const well = judgeFailure(app({ m1: "Healthy" }, remembered, { failover: slowStart }), heard, 50_000);
  const noted = withRemembered(app({ m1: "Unhealthy" }, remembered, { failover: slowStart }), {
    since: new Map([["m1", 10_000]]),
    started: well.started,
  });
  assert.equal(noted.metadata.annotations?.["resourcebinding.karmada.io/started-in"], '["m1"]');
  assert.deepEqual(judgeFailure(noted, heard, 40_000).due, ["m1"]);
  const elsewhere = { ...noted, spec: { ...noted.spec, clusters: [{ name: "m2" }] } };
  assert.deepEqual([...judgeFailure(elsewhere, heard, 40_000).started], [], "left, so it is to start there anew");
});

test("without such a time nothing is remembered of starting up", () => {
  assert.deepEqual([...judgeFailure(app({ m1: "Healthy" }), heard, 0).started], []);
});

test("what was moved stays until the stabilisation window is over", () => {
  const moved = app({ m1: "Unhealthy" }, remembered);
  const binding: Binding = {
    ...moved,
    status: {
      ...moved.status,
      failoverHistory: [
        {
          fromCluster: "m0",
          toClusters: ["m1"],
          reason: "Test",
          startTime: "1970-01-01T00:00:05Z",
          outcome: "Replaced",
        },
      ],
    },
  };
  const { due, next } = judgeFailure(binding, heard, 50_000, 60);
  assert.deepEqual([due, next], [[], 65_000]);
  assert.deepEqual(judgeFailure(binding, heard, 65_000, 60).due, ["m1"]);
  assert.deepEqual(judgeFailure(binding, heard, 50_000, 0).due, ["m1"]);
});

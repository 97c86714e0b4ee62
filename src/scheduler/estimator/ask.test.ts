// Asking members' estimators: who is asked, what late and missing ones count as.
import assert from "node:assert/strict";
import { test } from "node:test";
import { bindingWith, clusterWith } from "#api/testing/builders.ts";
import { untilAborted } from "#std/abort.ts";
import { ManualClock } from "#std/manual-clock.ts";
import { Asker } from "./ask.ts";
import { type EstimatorClient, EstimatorError } from "./estimator-client.ts";

const signal = new AbortController().signal;
const room = { cpu: "8", pods: "110" };
const clusters = ["m1", "m2", "m3", "m4"].map((name) =>
  clusterWith(name, {
    status: { resourceSummary: { allocatable: room } },
    spec: name === "m4" ? { syncMode: "Pull" } : {},
  }),
);
const divided = { replicaSchedulingType: "Divided", replicaDivisionPreference: "Aggregated" } as const;
const spec = { replicas: 4, replicaRequirements: { resourceRequest: { cpu: "1" } } };

function setUp() {
  const clock = new ManualClock();
  const asked: string[] = [];
  const of = (cluster: string): EstimatorClient => {
    const answer = async (_request: unknown, limit: AbortSignal): Promise<number> => {
      asked.push(cluster);
      if (cluster === "m2") {
        await untilAborted(limit);
        limit.throwIfAborted();
      }
      if (cluster === "m3") throw new EstimatorError("nobody there");
      return 3;
    };
    return { maxAvailableReplicas: answer, maxAvailableComponentSets: answer, unschedulableReplicas: answer };
  };
  const asker = new Asker({ estimators: { of }, timeoutMilliseconds: 3_000, skipsPull: true, clock });
  return { clock, asked, asker };
}
const nothing = () => [];

test("ask: an answer, one that is late, one that is not there; who was late is not asked again at once", async () => {
  const { clock, asked, asker } = setUp();
  const binding = bindingWith({ spec: { ...spec, placement: { replicaScheduling: divided } } });
  const first = asker.ask(binding, clusters, nothing, signal);
  await clock.advance(3_000);
  assert.deepEqual(Object.fromEntries(await first), {
    m1: { kind: "answered", fitting: 3 },
    m2: { kind: "late" },
    m3: { kind: "failed", message: "nobody there" },
  });
  const second = await asker.ask(binding, clusters, nothing, signal);
  assert.deepEqual(second.get("m2"), { kind: "late" });
  assert.deepEqual(asked, ["m1", "m2", "m3", "m1", "m3"]);
  await clock.advance(5_000);
  const third = asker.ask(binding, clusters, nothing, signal);
  await clock.advance(3_000);
  await third;
  assert.equal(asked.filter((each) => each === "m2").length, 2);
});

for (const { name, placement, more, counts } of [
  { name: "copies", placement: {}, more: {}, counts: false },
  {
    name: "static weights",
    placement: { replicaScheduling: { replicaSchedulingType: "Divided" as const } },
    more: {},
    counts: false,
  },
  { name: "nothing to place", placement: { replicaScheduling: divided }, more: { replicas: 0 }, counts: false },
  {
    name: "elsewhere",
    placement: { replicaScheduling: divided, clusterAffinity: { clusterNames: ["m9"] } },
    more: {},
    counts: false,
  },
  {
    name: "copies to a choice of clusters",
    placement: { spreadConstraints: [{ spreadByField: "cluster" as const, minGroups: 1, maxGroups: 1 }] },
    more: {},
    counts: true,
  },
]) {
  test(`ask: ${name}: ${counts ? "asked" : "not asked"}`, async () => {
    const { clock, asked, asker } = setUp();
    const answers = asker.ask(bindingWith({ spec: { ...spec, ...more, placement } }), clusters, nothing, signal);
    await clock.advance(3_000);
    await answers;
    assert.equal(asked.length > 0, counts);
  });
}

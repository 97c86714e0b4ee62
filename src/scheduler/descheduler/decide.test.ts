import assert from "node:assert/strict";
import { test } from "node:test";
import { bindingWith } from "#api/testing/builders.ts";
import type { Binding } from "#api/work/binding.ts";
import { placementText } from "../writes/decide.ts";
import { deschedule, deschedulingText, suspectsOf } from "./decide.ts";

const divided = { replicaSchedulingType: "Divided", replicaDivisionPreference: "Aggregated" } as const;

function placed(
  status: Record<string, unknown> | undefined,
  parts: Partial<Binding["spec"]> = {},
  applied = divided,
): Binding {
  const annotations = { "policy.karmada.io/applied-placement": placementText({ replicaScheduling: applied }) };
  return bindingWith({
    metadata: { annotations },
    spec: {
      replicas: 5,
      clusters: [
        { name: "m1", replicas: 3 },
        { name: "m2", replicas: 2 },
      ],
      ...parts,
    },
    status: {
      aggregatedStatus: [
        { clusterName: "m1", ...(status === undefined ? {} : { status }) },
        { clusterName: "m2", status: { readyReplicas: 2 } },
      ],
    },
  });
}

for (const { name, binding, suspects } of [
  {
    name: "fewer ready than given",
    binding: placed({ readyReplicas: 1 }),
    suspects: [{ cluster: "m1", assigned: 3, ready: 1 }],
  },
  { name: "none told of", binding: placed({}), suspects: [{ cluster: "m1", assigned: 3, ready: 0 }] },
  { name: "no status yet", binding: placed(undefined), suspects: [{ cluster: "m1", assigned: 3, ready: 0 }] },
  { name: "a Job's pods", binding: placed({ ready: 2 }), suspects: [{ cluster: "m1", assigned: 3, ready: 2 }] },
  { name: "all ready", binding: placed({ readyReplicas: 3 }), suspects: [] },
  { name: "no workload", binding: placed({ readyReplicas: 1 }, { replicas: 0 }), suspects: [] },
  {
    name: "static weights",
    binding: placed({ readyReplicas: 1 }, {}, { ...divided, replicaDivisionPreference: "Weighted" } as never),
    suspects: [],
  },
  {
    name: "never scheduled",
    binding: bindingWith({ spec: { replicas: 2, clusters: [{ name: "m1", replicas: 2 }] } }),
    suspects: [],
  },
]) {
  test(`suspectsOf: ${name}`, () => {
    assert.deepEqual(suspectsOf(binding), suspects);
  });
}

for (const { name, ready, stuck, left } of [
  { name: "what is stuck", ready: 1, stuck: 1, left: 2 },
  { name: "all of it", ready: 0, stuck: 3, left: 0 },
  { name: "never what is ready", ready: 2, stuck: 3, left: 2 },
  { name: "nothing is stuck", ready: 1, stuck: 0, left: undefined },
  { name: "more than were given", ready: 0, stuck: 4, left: undefined },
]) {
  test(`deschedule: ${name}`, () => {
    const binding = placed({ readyReplicas: ready });
    const result = deschedule(binding, suspectsOf(binding), new Map([["m1", stuck]]));
    assert.deepEqual(
      result?.clusters,
      left === undefined
        ? undefined
        : [
            { name: "m1", replicas: left },
            { name: "m2", replicas: 2 },
          ],
    );
  });
}

test("deschedulingText", () => {
  const taken = [
    { cluster: "m1", replicas: 2 },
    { cluster: "m2", replicas: 1 },
  ];
  assert.equal(
    deschedulingText(taken),
    "Binding has been descheduled, 2 replica(s) in cluster(m1), 1 replica(s) in cluster(m2), 3 total descheduled replica(s)",
  );
});

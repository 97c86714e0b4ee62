import assert from "node:assert/strict";
import { test } from "node:test";
import type { Binding } from "#api/work/binding.ts";
import { duration, isReady, newLines, observe, type Progress, renderTable } from "./decide.ts";

const template = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "nginx", namespace: "default", labels: { "propagationpolicy.karmada.io/permanent-id": "1" } },
};
const start: Progress = { template: "Deployment default/nginx", milestones: [] };

function bindingWith(
  spec: Partial<Binding["spec"]>,
  items: readonly { name: string; health: "Healthy" | "Unknown" }[],
): Binding {
  return {
    apiVersion: "work.karmada.io/v1alpha2",
    kind: "ResourceBinding",
    metadata: { name: "nginx-deployment", namespace: "default" },
    spec: { resource: { apiVersion: "apps/v1", kind: "Deployment", name: "nginx" }, ...spec },
    status: {
      aggregatedStatus: items.map(({ name, health }) => ({ clusterName: name, applied: true, health })),
    },
  };
}

for (const { name, binding, stages } of [
  { name: "no binding yet", binding: undefined, stages: ["template", "policy"] },
  { name: "not scheduled", binding: bindingWith({}, []), stages: ["template", "policy", "binding"] },
  {
    name: "applied in one of two",
    binding: bindingWith({ clusters: [{ name: "m1" }, { name: "m2" }] }, [{ name: "m1", health: "Healthy" }]),
    stages: ["template", "policy", "binding", "scheduled"],
  },
  {
    name: "applied, not healthy",
    binding: bindingWith({ clusters: [{ name: "m1", replicas: 2 }] }, [{ name: "m1", health: "Unknown" }]),
    stages: ["template", "policy", "binding", "scheduled", "applied"],
  },
  {
    name: "ready",
    binding: bindingWith({ clusters: [{ name: "m1", replicas: 2 }] }, [{ name: "m1", health: "Healthy" }]),
    stages: ["template", "policy", "binding", "scheduled", "applied", "ready"],
  },
]) {
  test(`stages: ${name}`, () => {
    const progress = observe(start, { template, binding }, 7);
    assert.deepEqual(
      progress.milestones.map(({ stage }) => stage),
      stages,
    );
    assert.equal(isReady(progress), stages.includes("ready"));
    assert.equal(newLines(start, progress).length, stages.length);
    assert.deepEqual(newLines(progress, observe(progress, { template, binding }, 9)), [], "each stage is told once");
  });
}

test("a stage keeps the time at which it was first seen", () => {
  const first = observe(start, { template, binding: undefined }, 5);
  const second = observe(
    first,
    { template, binding: bindingWith({ clusters: [{ name: "m1", replicas: 3 }] }, []) },
    20,
  );
  assert.deepEqual(
    second.milestones.map(({ stage, at }) => [stage, at]),
    [
      ["template", 5],
      ["policy", 5],
      ["binding", 20],
      ["scheduled", 20],
    ],
  );
  const table = renderTable([second], 40);
  assert.equal(table.length, 7);
  assert.match(table[4] ?? "", /✔ scheduled +20 ms {2}m1:3/);
  assert.ok(table.every((line) => line.length <= 40));
});

test("durations", () => {
  assert.deepEqual([duration(0), duration(999.4), duration(1240)], ["0 ms", "999 ms", "1.24 s"]);
});

// Which states of jobs that move are found to be wrong.
import assert from "node:assert/strict";
import { test } from "node:test";
import { bindingWith } from "#api/testing/builders.ts";
import { type GracefulEvictionTask, ResourceBinding } from "#api/work/binding.ts";
import type { Kind, KubeObject } from "#machinery/object.ts";
import { Mirror } from "../mirror.ts";
import { controlPlane } from "../parts.ts";
import { Job, jobStatusOf } from "../workload/jobs.ts";
import { stateLabel } from "../workload/objects.ts";
import { lastGoodState } from "./last-good-state.ts";
import { observedWith, put } from "./testing.ts";

interface Run {
  readonly brought?: string;
  readonly id: string;
  readonly isReady: boolean;
}

function copyOf({ brought, id, isReady }: Run): KubeObject {
  const labels = { "karmada.io/managed": "true", ...(brought === undefined ? {} : { [stateLabel]: brought }) };
  const annotations = { "resourcetemplate.karmada.io/uid": "t" };
  const metadata = { name: "j", namespace: "default", uid: "c", labels, annotations };
  return {
    apiVersion: "flink.apache.org/v1beta1",
    kind: "FlinkDeployment",
    metadata,
    status: jobStatusOf(id, isReady),
  };
}

function leaves(runs: readonly Run[], state: string): string | undefined {
  const mirror = new Mirror();
  const checker = lastGoodState(observedWith(mirror, ["m1", "m2"]));
  let revision = 0;
  const store = (server: string, kind: Kind, object: KubeObject): string | undefined =>
    checker.committed?.(put(mirror, server, kind, { object, revision: ++revision }));
  const template = copyOf({ id: "", isReady: false });
  store(controlPlane, Job, { ...template, metadata: { ...template.metadata, uid: "t" } });
  for (const run of runs) assert.equal(store("m1", Job, copyOf(run)), undefined);
  const task: GracefulEvictionTask = {
    ...{ fromCluster: "m1", reason: "ApplicationFailure", producer: "Test", purgeMode: "Directly" },
    ...{ creationTimestamp: "2026-01-01T00:00:00Z", preservedLabelState: { [stateLabel]: state } },
  };
  const metadata = { name: "j-flinkdeployment", namespace: "default", uid: "b" };
  const bindings = [[], [task], [task]].map((tasks) =>
    store(controlPlane, ResourceBinding, bindingWith({ metadata, spec: { gracefulEvictionTasks: tasks } })),
  );
  assert.equal(bindings[2], undefined, "a task is judged when it comes");
  return bindings[1];
}

for (const { name, runs, state, says } of [
  { name: "it has run, and its own goes along", runs: [{ id: "1", isReady: true }], state: "1" },
  { name: "it has never run, and nothing was there before", runs: [{ id: "1", isReady: false }], state: "1" },
  { name: "it came with one, and has never run", runs: [{ brought: "1", id: "2", isReady: false }], state: "1" },
  {
    name: "it came with one, and has run",
    runs: [
      { brought: "1", id: "2", isReady: true },
      { id: "2", isReady: false },
    ],
    state: "2",
  },
  {
    name: "it came with one, and that of its failed run goes along",
    runs: [{ brought: "1", id: "2", isReady: false }],
    state: "2",
    says: /j leaves m1 with state 2, and has never run there; it came with 1/,
  },
  {
    name: "it has run, and that of no good run goes along",
    runs: [{ id: "2", isReady: true }],
    state: "3",
    says: /j leaves m1 with state 3, and has run there/,
  },
] satisfies readonly { name: string; runs: readonly Run[]; state: string; says?: RegExp }[]) {
  test(`a job moves: ${name}`, () => {
    const found = leaves(runs, state);
    if (says === undefined) assert.equal(found, undefined);
    else assert.match(found ?? "nothing found", says);
  });
}

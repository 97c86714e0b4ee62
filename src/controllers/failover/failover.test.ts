// What an eviction makes of a binding, and the state that goes along.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Binding } from "#api/work/binding.ts";
import { bindingWith } from "../testing.ts";
import { evict } from "./evict.ts";
import { preservedState } from "./preserved-state.ts";

const eviction = {
  fromCluster: "m1",
  reason: "Test",
  producer: "Test",
  purgeMode: "Directly" as const,
  creationTimestamp: "1970-01-01T00:00:00Z",
};

test("the cluster leaves the targets and becomes a task with its replicas", () => {
  const clusters = [{ name: "m1", replicas: 2 }, { name: "m2" }];
  const { spec } = evict(bindingWith({ clusters }), eviction);
  assert.deepEqual(spec.clusters, [{ name: "m2" }]);
  assert.deepEqual(spec.gracefulEvictionTasks, [{ ...eviction, replicas: 2 }]);
});

test("the last target leaves no empty list, and a task that is there is not doubled", () => {
  const known = bindingWith({ clusters: [{ name: "m1" }], gracefulEvictionTasks: [eviction] });
  const { spec } = evict(known, { ...eviction, reason: "Other" });
  assert.equal("clusters" in spec, false);
  assert.deepEqual(spec.gracefulEvictionTasks, [eviction]);
});

test("a cluster that is no target is left alone", () => {
  const binding = bindingWith({ clusters: [{ name: "m2" }] });
  assert.equal(evict(binding, eviction), binding);
});

const rules = [
  { aliasLabelName: "job-id", jsonPath: "{ .jobStatus.jobID }" },
  { aliasLabelName: "at", jsonPath: "{.count}" },
];
const jobStatus = { jobStatus: { jobID: "abc" }, count: 3 };

function ran(status: Readonly<Record<string, unknown>> | undefined, spec: Partial<Binding["spec"]> = {}): Binding {
  const item = status === undefined ? { clusterName: "m1" } : { clusterName: "m1", status };
  return { ...bindingWith(spec), status: { aggregatedStatus: [item] } };
}

test("state is read from the cluster's status by JSONPath", () => {
  assert.deepEqual(preservedState(ran(jobStatus), "m1", { rules }), { "job-id": "abc", at: "3" });
  assert.equal(preservedState(ran(jobStatus), "m1", undefined), undefined);
});

test("without a status, or without what a rule names, nothing is moved", () => {
  const says = /the application status has not yet been collected from Cluster\(m1\)/;
  assert.throws(() => preservedState(ran(undefined), "m1", { rules }), says);
  assert.throws(() => preservedState(ran({ count: 3 }), "m1", { rules }), /jobStatus is not found/);
});

test("state beside the application is what was last seen there", () => {
  const relatedResource = { apiVersion: "example.org/v1", kind: "Backup" };
  const beside = [{ aliasLabelName: "backup", jsonPath: "{ .x }", relatedResource }];
  const binding = ran(undefined);
  const seen: Binding = {
    ...binding,
    metadata: {
      ...binding.metadata,
      annotations: { "resourcebinding.karmada.io/related-state": '{"m1":{"backup":"b-7"}}' },
    },
  };
  assert.deepEqual(preservedState(seen, "m1", { rules: beside }), { backup: "b-7" });
  const says = /^Error: no Backup with backup has been seen in Cluster\(m2\)$/;
  assert.throws(() => preservedState(seen, "m2", { rules: beside }), says);
});

test("the last good state goes on when the application fails again before it was healthy", () => {
  const state = { "job-id": "first" };
  const earlier = { ...eviction, fromCluster: "m0", preservedLabelState: state };
  assert.deepEqual(preservedState(ran(jobStatus, { gracefulEvictionTasks: [earlier] }), "m1", { rules }), state);
  assert.deepEqual(preservedState(ran(undefined, { gracefulEvictionTasks: [earlier] }), "m1", { rules }), state);
});

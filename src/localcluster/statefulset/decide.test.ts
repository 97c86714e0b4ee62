import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pod, StatefulSet } from "#api/kinds.ts";
import { testNow, testPod } from "../testing.ts";
import { buildClaims, buildPod } from "./build-pod.ts";
import { planStatefulSet } from "./decide.ts";

function setWith(spec: Partial<StatefulSet["spec"]> = {}, status?: StatefulSet["status"]): StatefulSet {
  const labels = { app: "db" };
  const template = { metadata: { labels }, spec: { containers: [{ name: "db", image: "postgres" }] } };
  const metadata = { name: "db", namespace: "ns", uid: "set", generation: 2 };
  const full = { replicas: 3, serviceName: "svc", selector: { matchLabels: labels }, template, ...spec };
  return { apiVersion: "apps/v1", kind: "StatefulSet", metadata, spec: full, ...(status && { status }) };
}

/** `0` is ready, `0w` is not, `0x` is to go, `0f` has failed; `old` ones have another revision. */
function podsOf(...names: readonly string[]): Pod[] {
  return names.map((text) => {
    const [, ordinal = "", mark = "", revision = "new"] = /^(\d+)([wxf]?)(?: (\w+))?$/.exec(text) ?? [];
    return testPod({
      name: `db-${ordinal}`,
      phase: mark === "f" ? "Failed" : "Running",
      deleting: mark === "x",
      metadata: { labels: { "controller-revision-hash": revision } },
      ...(mark === "" ? { readyFor: 5000 } : {}),
    });
  });
}

const parallel = { podManagementPolicy: "Parallel" };
const partition = { updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 2 } } };
const status = { replicas: 3, currentRevision: "old" };

for (const { name, set = setWith(), pods, create = [], remove = [] } of [
  { name: "the first is created alone", pods: [], create: ["0 new"] },
  { name: "the next waits for it", pods: ["0w"] },
  { name: "the next follows it", pods: ["0"], create: ["1 new"] },
  { name: "a hole is filled first", pods: ["0", "2"], create: ["1 new"] },
  { name: "one that has failed is replaced", pods: ["0", "1f", "2"], remove: ["db-1"] },
  { name: "parallel: all at once", set: setWith(parallel), pods: ["1w"], create: ["0 new", "2 new"] },
  { name: "the highest goes first", set: setWith({ replicas: 1 }), pods: ["0", "1", "2"], remove: ["db-2"] },
  { name: "the next to go waits", set: setWith({ replicas: 1 }), pods: ["0", "1", "2x"] },
  { name: "nobody goes while another is not ready", set: setWith({ replicas: 1 }), pods: ["0w", "1", "2"] },
  {
    name: "parallel: all go at once",
    set: setWith({ ...parallel, replicas: 0 }),
    pods: ["0", "1w"],
    remove: ["db-1", "db-0"],
  },
  { name: "an update begins at the end", pods: ["0 old", "1 old", "2 old"], remove: ["db-2"] },
  { name: "an update waits for the one before", pods: ["0 old", "1 old", "2w new"] },
  { name: "an update goes on", pods: ["0 old", "1 old", "2"], remove: ["db-1"] },
  { name: "an update stops at the partition", set: setWith(partition, status), pods: ["0 old", "1 old", "2"] },
  {
    name: "below the partition pods come back as they were",
    set: setWith(partition, status),
    pods: ["0 old", "2"],
    create: ["1 old"],
  },
  {
    name: "OnDelete: nothing is replaced",
    set: setWith({ updateStrategy: { type: "OnDelete" } }),
    pods: ["0 old", "1 old", "2 old"],
  },
  {
    name: "ordinals may start elsewhere",
    set: setWith({ ordinals: { start: 5 }, replicas: 2 }),
    pods: ["5"],
    create: ["6 new"],
  },
]) {
  test(`stateful set: ${name}`, () => {
    const plan = planStatefulSet({ set, pods: podsOf(...pods), updateRevision: "new", now: testNow });
    const created = plan.create.map(({ ordinal, revision }) => `${ordinal} ${revision}`);
    const removed = plan.remove.map(({ metadata }) => metadata.name);
    assert.deepEqual({ created, removed }, { created: create, removed: remove });
  });
}

test("the status counts by revision, and an update that is over becomes the present", () => {
  const midway = planStatefulSet({
    set: setWith({}, status),
    pods: podsOf("0 old", "1 old", "2w new"),
    updateRevision: "new",
    now: testNow,
  });
  assert.deepEqual(midway.status, {
    observedGeneration: 2,
    replicas: 3,
    readyReplicas: 2,
    currentReplicas: 2,
    updatedReplicas: 1,
    currentRevision: "old",
    updateRevision: "new",
    collisionCount: 0,
    availableReplicas: 2,
  });
  const over = planStatefulSet({
    set: setWith({}, status),
    pods: podsOf("0", "1", "2"),
    updateRevision: "new",
    now: testNow,
  });
  assert.deepEqual([over.status.currentRevision, over.status.currentReplicas], ["new", 3]);
  const again = planStatefulSet({
    set: setWith({}, over.status),
    pods: podsOf("0", "1", "2"),
    updateRevision: "new",
    now: testNow,
  });
  assert.equal(again.status, over.status);
});

test("a pod has its name, its labels and its claims", () => {
  const claim = { apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: { name: "data" }, spec: {} };
  const set = setWith({ volumeClaimTemplates: [claim] });
  const { metadata, spec } = buildPod(set, set.spec.template, 4, "db-x");
  assert.equal(metadata.name, "db-4");
  assert.deepEqual(metadata.labels, {
    app: "db",
    "statefulset.kubernetes.io/pod-name": "db-4",
    "apps.kubernetes.io/pod-index": "4",
    "controller-revision-hash": "db-x",
  });
  assert.deepEqual([spec.hostname, spec.subdomain], ["db-4", "svc"]);
  assert.deepEqual(spec.volumes, [{ name: "data", persistentVolumeClaim: { claimName: "data-db-4" } }]);
  assert.deepEqual(
    buildClaims(set, 4).map((each) => each.metadata.name),
    ["data-db-4"],
  );
});

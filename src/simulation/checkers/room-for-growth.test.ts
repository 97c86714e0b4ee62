// How many replicas a cluster may get at once.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Cluster } from "#api/cluster/cluster.ts";
import { karmadaAnnotations } from "#api/karmada-constants.ts";
import { bindingWith, clusterWith } from "#api/testing/builders.ts";
import { type GracefulEvictionTask, ResourceBinding } from "#api/work/binding.ts";
import { Mirror } from "../mirror.ts";
import { controlPlane } from "../parts.ts";
import { roomForGrowth } from "./room-for-growth.ts";
import { observedWith, put } from "./testing.ts";

const dynamic = { replicaSchedulingType: "Divided", weightPreference: { dynamicWeight: "AvailableReplicas" } };
const leaving: GracefulEvictionTask = { fromCluster: "m1", reason: "Test", producer: "Test" };

interface Growth {
  readonly rooms: readonly number[];
  readonly to: number;
  readonly scheduling?: object;
  readonly tasks?: readonly GracefulEvictionTask[];
  readonly later?: number;
}

/** From one replica in a cluster that said in turn that it has these rooms. */
function grows({ rooms, to, scheduling = dynamic, tasks = [], later = 0 }: Growth): string | undefined {
  const mirror = new Mirror();
  let now = 0;
  const checker = roomForGrowth({ ...observedWith(mirror, ["m1"]), now: () => now });
  let revision = 0;
  for (const room of rooms) {
    const status = { resourceSummary: { allocatable: { pods: String(room) } } };
    const object = clusterWith("m1", { status });
    checker.committed?.(put(mirror, controlPlane, Cluster, { object, revision: ++revision }));
  }
  now = later;
  const annotations = { [karmadaAnnotations.appliedPlacement]: JSON.stringify({ replicaScheduling: scheduling }) };
  const metadata = { name: "v-deployment", uid: "b", annotations };
  const found = [1, to].map((replicas) => {
    const spec = { clusters: [{ name: "m1", replicas }], gracefulEvictionTasks: tasks };
    const object = bindingWith({ metadata, spec });
    return checker.committed?.(put(mirror, controlPlane, ResourceBinding, { object, revision: ++revision }));
  });
  return found.at(-1);
}

const minute = 60_000;
for (const { name, growth, isWrong } of [
  { name: "as much as there is room for", growth: { rooms: [3], to: 4 } },
  { name: "more than that", growth: { rooms: [3], to: 5 }, isWrong: true },
  { name: "what there was room for a moment ago", growth: { rooms: [9, 0], to: 5, later: minute } },
  { name: "what there was room for long ago", growth: { rooms: [9, 0], to: 5, later: 3 * minute }, isWrong: true },
  { name: "where room does not decide", growth: { rooms: [0], to: 5, scheduling: {} } },
  { name: "what comes back from an eviction", growth: { rooms: [0], to: 5, tasks: [leaving] } },
]) {
  test(`a cluster gets ${name}`, () => {
    const found = grows(growth);
    if (isWrong === true) assert.match(found ?? "", /m1 gets 4 replicas more, and has room for/);
    else assert.equal(found, undefined);
  });
}

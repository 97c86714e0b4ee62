// Which moves of stateful applications are found to be wrong.
import assert from "node:assert/strict";
import { test } from "node:test";
import { bindingWith } from "#api/testing/builders.ts";
import { Deployment } from "#api/kinds.ts";
import { type GracefulEvictionTask, ResourceBinding } from "#api/work/binding.ts";
import type { Kind, KubeObject } from "#machinery/object.ts";
import { keyOf, Mirror } from "../mirror.ts";
import { controlPlane } from "../parts.ts";
import { stateLabel } from "../workload/objects.ts";
import type { Checker } from "./checker.ts";
import { statefulMoves } from "./stateful-moves.ts";
import { observedWith, put } from "./testing.ts";

const name = "v";
const task: GracefulEvictionTask = {
  fromCluster: "m1",
  reason: "ApplicationFailure",
  producer: "Test",
  purgeMode: "Directly",
  preservedLabelState: { [stateLabel]: "7" },
  clustersBeforeFailover: ["m1"],
};
const metadata = { name, namespace: "default" };
const template: KubeObject = { apiVersion: "apps/v1", kind: "Deployment", metadata: { ...metadata, uid: "t" } };

function copy(state?: string): KubeObject {
  const labels = { "karmada.io/managed": "true", ...(state === undefined ? {} : { [stateLabel]: state }) };
  const annotations = { "resourcetemplate.karmada.io/uid": "t" };
  return { ...template, metadata: { ...metadata, uid: "c", labels, annotations } };
}

class World {
  readonly mirror = new Mirror();
  readonly checker: Checker;
  #revision = 0;

  constructor() {
    this.checker = statefulMoves(observedWith(this.mirror, ["m1", "m2"]));
    this.put(controlPlane, Deployment, template);
  }

  put(server: string, kind: Kind, object: KubeObject): string | undefined {
    return this.checker.committed?.(put(this.mirror, server, kind, { object, revision: ++this.#revision }));
  }

  remove(server: string, kind: Kind): void {
    const change = { type: "delete", key: keyOf(kind, metadata), revision: ++this.#revision } as const;
    this.mirror.apply(server, { ...change, value: new Uint8Array() });
  }

  bind(tasks: readonly GracefulEvictionTask[]): void {
    const spec = { clusters: [{ name: "m2" }], gracefulEvictionTasks: tasks };
    const binding = bindingWith({ metadata: { name: "v-deployment", uid: "b" }, spec });
    this.put(controlPlane, ResourceBinding, binding);
  }
}

test("it starts elsewhere once it has left, with its state", () => {
  const world = new World();
  world.put("m1", Deployment, copy());
  world.bind([task]);
  world.remove("m1", Deployment);
  assert.equal(world.put("m2", Deployment, copy("7")), undefined);
  world.bind([]);
  assert.match(world.checker.unsettled?.() ?? "", /v in m2: its state is still on it/);
  world.put("m2", Deployment, copy());
  assert.equal(world.checker.unsettled?.(), undefined);
});

test("it starts elsewhere while it is still there", () => {
  const world = new World();
  world.put("m1", Deployment, copy());
  world.bind([task]);
  assert.match(world.put("m2", Deployment, copy("7")) ?? "", /starts in m2 while it is still in m1, where it failed/);
});

test("it starts elsewhere without its state", () => {
  const world = new World();
  world.bind([task]);
  assert.match(world.put("m2", Deployment, copy()) ?? "", /starts in m2 with state none, and 7 was to go along/);
});

test("a backup that brings the old copy back is nobody's fault", () => {
  const world = new World();
  world.put("m1", Deployment, copy());
  world.bind([task]);
  world.checker.restored?.("m1");
  assert.equal(world.put("m2", Deployment, copy("7")), undefined);
});

// Which WorkloadRebalancers, and which bindings that they have marked, are found not to be seen to.
import assert from "node:assert/strict";
import { test } from "node:test";
import { WorkloadRebalancer } from "#api/apps/workload-rebalancer.ts";
import { karmadaAnnotations } from "#api/karmada-constants.ts";
import { Deployment, Lease } from "#api/kinds.ts";
import { PropagationPolicy } from "#api/policy/propagation-policy.ts";
import { bindingWith } from "#api/testing/builders.ts";
import { ResourceBinding } from "#api/work/binding.ts";
import type { Kind, KubeObject } from "#machinery/object.ts";
import { Mirror } from "../mirror.ts";
import { controlPlane, lease } from "../parts.ts";
import { policyRefOf, policySpecOf, rebalancerOf, templateOf } from "../workload/objects.ts";
import { doneRebalancers } from "./done-rebalancers.ts";
import { observedWith, put } from "./testing.ts";

const step = { at: 0, kind: "rebalance", on: "w", value: "1" } as const;

class World {
  readonly #mirror = new Mirror();
  readonly checker = doneRebalancers(observedWith(this.#mirror, []));
  #revision = 0;

  constructor() {
    const annotations = { [karmadaAnnotations.propagationPolicyName]: "w-pp" };
    const template = templateOf(step);
    this.store(Deployment, {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { ...template.metadata, annotations },
    });
    const spec = policySpecOf({ ...step, clusters: ["m1"] });
    const policy = { apiVersion: "policy.karmada.io/v1alpha1", kind: "PropagationPolicy", metadata: policyRefOf("w") };
    this.store(PropagationPolicy, { ...policy, spec });
  }

  store(kind: Kind, object: KubeObject): void {
    const change = put(this.#mirror, controlPlane, kind, { object, revision: ++this.#revision });
    assert.equal(this.checker.committed?.(change), undefined);
  }

  rebalancer(status: object, milliseconds?: number): void {
    const draft = rebalancerOf({ ...step, ...(milliseconds === undefined ? {} : { milliseconds }) });
    this.store(WorkloadRebalancer, {
      apiVersion: "apps.karmada.io/v1alpha1",
      kind: "WorkloadRebalancer",
      ...draft,
      status,
    });
  }

  /** Times are seconds of one minute. */
  binding(asked: number | undefined, scheduled: number): void {
    const at = (second: number): string => `2026-01-01T00:00:${String(second).padStart(2, "0")}Z`;
    const conditions = [
      { type: "Scheduled", status: "True" as const, reason: "Test", message: "", lastTransitionTime: at(0) },
    ];
    const object = bindingWith({
      metadata: { name: "w-deployment", uid: "b" },
      spec: asked === undefined ? {} : { rescheduleTriggeredAt: at(asked) },
      status: { conditions, lastScheduledTime: at(scheduled) },
    });
    this.store(ResourceBinding, object);
  }

  leaderSays(renewTime: string): void {
    this.store(Lease, { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: lease, spec: { renewTime } });
  }
}

const done = { finishTime: "2026-01-01T00:00:00Z", observedWorkloads: [{}] };
const late = "2026-01-01T00:01:00.000000Z";

for (const { name, course, says } of [
  {
    name: "it is done",
    course: (world: World) => {
      world.rebalancer(done);
    },
  },
  {
    name: "it is not done",
    course: (world: World) => {
      world.rebalancer({});
    },
    says: /w-1: it is not done/,
  },
  {
    name: "it says nothing of its workload",
    course: (world: World) => {
      world.rebalancer({ ...done, observedWorkloads: [] });
    },
    says: /w-1: it is not done/,
  },
  {
    name: "its time to live is not over by the leader's clock",
    course: (world: World) => {
      world.leaderSays("2026-01-01T00:00:10.000000Z");
      world.rebalancer(done, 5_000);
    },
  },
  {
    name: "its time to live is over",
    course: (world: World) => {
      world.leaderSays(late);
      world.rebalancer(done, 5_000);
    },
    says: /w-1: it is done, and is still there/,
  },
  {
    name: "a marked binding has been scheduled since",
    course: (world: World) => {
      world.binding(undefined, 1);
      world.binding(5, 1);
      world.binding(5, 6);
    },
  },
  {
    name: "it has been, by a clock that is behind",
    course: (world: World) => {
      world.binding(undefined, 1);
      world.binding(5, 1);
      world.binding(5, 2);
    },
  },
  {
    name: "it has not been",
    course: (world: World) => {
      world.binding(undefined, 1);
      world.binding(5, 1);
    },
    says: /w-deployment: it is to be scheduled anew, and has not been/,
  },
] satisfies readonly { name: string; course: (world: World) => void; says?: RegExp }[]) {
  test(`rebalancers: ${name}`, () => {
    const world = new World();
    course(world);
    const found = world.checker.unsettled?.();
    if (says === undefined) assert.equal(found, undefined);
    else assert.match(found ?? "nothing found", says);
  });
}

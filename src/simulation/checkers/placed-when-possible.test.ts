// Which bindings are found to be misplaced.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Cluster } from "#api/cluster/cluster.ts";
import { karmadaAnnotations } from "#api/karmada-constants.ts";
import { Deployment } from "#api/kinds.ts";
import type { Placement } from "#api/policy/placement.ts";
import { PropagationPolicy } from "#api/policy/propagation-policy.ts";
import { bindingWith, clusterWith } from "#api/testing/builders.ts";
import { type BindingSpec, ResourceBinding } from "#api/work/binding.ts";
import type { Kind, KubeObject } from "#machinery/object.ts";
import { Mirror } from "../mirror.ts";
import { controlPlane } from "../parts.ts";
import { policyRefOf, policySpecOf, templateOf } from "../workload/objects.ts";
import { placedWhenPossible } from "./placed-when-possible.ts";
import { observedWith, put } from "./testing.ts";

const step = { at: 0, kind: "createPolicy", on: "w", value: "1", clusters: ["m1", "m2"] } as const;
const policySpec = policySpecOf(step);
const named = policySpec.placement ?? {};
const regions: Placement = { ...named, spreadConstraints: [{ spreadByField: "region", minGroups: 2, maxGroups: 2 }] };
const byRoom: Placement = {
  ...named,
  replicaScheduling: {
    ...{ replicaSchedulingType: "Divided", replicaDivisionPreference: "Weighted" },
    weightPreference: { dynamicWeight: "AvailableReplicas" },
  },
};

interface Scene {
  readonly placement?: Placement;
  readonly urgent?: boolean;
  readonly spec?: Partial<BindingSpec>;
  /** What the scheduler says. */
  readonly says?: { readonly status: "True" | "False"; readonly message: string };
  readonly observed?: number;
  /** Pods that each cluster has room for. */
  readonly room?: number;
  readonly taints?: readonly { readonly key: string; readonly effect: string }[];
}

const placed = { status: "True", message: "done" } as const;
const refused = { status: "False", message: "no room" } as const;

function misplaced(scene: Scene): string | undefined {
  const { placement = named, urgent = false, spec = {}, says = placed, observed = 1, room = 9, taints = [] } = scene;
  const mirror = new Mirror();
  const checker = placedWhenPossible(observedWith(mirror, ["m1", "m2"]));
  let revision = 0;
  const store = (kind: Kind, object: KubeObject): void => {
    put(mirror, controlPlane, kind, { object, revision: ++revision });
  };
  for (const [name, region] of [
    ["m1", "east"],
    ["m2", "west"],
  ] as const) {
    const status = { resourceSummary: { allocatable: { pods: String(room) } } };
    store(Cluster, clusterWith(name, { spec: { region, taints: taints.map((taint) => ({ ...taint })) }, status }));
  }
  const template = templateOf(step);
  const annotations = { [karmadaAnnotations.propagationPolicyName]: "w-pp" };
  store(Deployment, { apiVersion: "apps/v1", kind: "Deployment", metadata: { ...template.metadata, annotations } });
  const priority = urgent ? policySpecOf({ ...step, words: ["urgent"] }) : {};
  const policy = { ...policySpec, ...priority, placement };
  store(PropagationPolicy, {
    ...{
      apiVersion: "policy.karmada.io/v1alpha1",
      kind: "PropagationPolicy",
      metadata: policyRefOf("w"),
      spec: policy,
    },
  });
  const conditions = [{ type: "Scheduled", reason: "Test", lastTransitionTime: "2026-01-01T00:00:00Z", ...says }];
  store(
    ResourceBinding,
    bindingWith({
      metadata: { name: "w-deployment", namespace: "default" },
      spec: { placement, replicas: 2, ...spec },
      status: { schedulerObservedGeneration: observed, conditions },
    }),
  );
  return checker.unsettled?.();
}

const both = { clusters: ["m1", "m2"].map((name) => ({ name, replicas: 2 })) };
const one = { clusters: [{ name: "m1", replicas: 2 }] };
for (const { name, scene, says } of [
  { name: "it is where it can be", scene: { spec: both } },
  { name: "it is said to be placed, and is nowhere", scene: {}, says: /is said to be placed, and is nowhere/ },
  { name: "the scheduler has not looked", scene: { spec: both, observed: 0 }, says: /not looked at its generation 1/ },
  {
    name: "there is a place, and none is found",
    scene: { says: refused },
    says: /finds no place for it, and there is/,
  },
  {
    name: "there is no place, and none is found",
    scene: { says: refused, taints: [{ key: "k", effect: "NoSchedule" }] },
  },
  { name: "there is no reason", scene: { says: { ...refused, message: "" } }, says: /does not say why/ },
  { name: "there is no room", scene: { placement: byRoom, says: refused, room: 0 } },
  { name: "there is room", scene: { placement: byRoom, says: refused, room: 1 }, says: /and there is one: no room/ },
  { name: "it is in two regions", scene: { placement: regions, spec: both } },
  { name: "it is in one of two", scene: { placement: regions, spec: one }, says: /is in 1 regions, and asks for 2/ },
  { name: "it is urgent, and not said to be", scene: { urgent: true, spec: both }, says: /priority 0 instead of 1000/ },
] satisfies readonly { name: string; scene: Scene; says?: RegExp }[]) {
  test(`placed when possible: ${name}`, () => {
    const found = misplaced(scene);
    if (says === undefined) assert.equal(found, undefined);
    else assert.match(found ?? "nothing found", says);
  });
}

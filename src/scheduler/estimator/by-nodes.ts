// How many replicas, or whole sets of components, fit on a member's nodes as they are. Pure; the rooms are used up.
// Upstream: karmada pkg/estimator/server/framework/plugins/noderesource/noderesource.go.
import { matchesNode } from "#api/node-affinity.ts";
import type { Node } from "#api/kinds.ts";
import { isTolerated } from "#api/policy/taints.ts";
import type { Component, ReplicaRequirements } from "#api/work/binding.ts";
import { milli } from "#machinery/milli.ts";
import { type Amounts, requestsOf } from "../estimate/free.ts";
import type { AssumedWorkload } from "./messages.ts";
import type { NodeRoom } from "./node-rooms.ts";

/** MaxInt32: the answer is one. */
const replicasMax = 2_147_483_647;
/** Sets that are simulated at most: beyond them there is room enough to choose by. */
export const setsMax = 1_000;

type Requirements = Omit<ReplicaRequirements, "namespace">;

/** Replicas that fit: on each node that may take them as many as the scarcest resource allows. */
export function replicasOnNodes(rooms: readonly NodeRoom[], requirements: Requirements): number {
  const asked = requestsOf(requirements.resourceRequest);
  const sum = suiting(rooms, requirements).reduce((total, room) => total + fitting(room, asked), 0);
  return Math.min(sum, replicasMax);
}

/** Whole sets that fit: set after set, component after component, node after node. */
export function setsOnNodes(rooms: readonly NodeRoom[], components: readonly Component[]): number {
  const parts = components.map((component) => partOf(rooms, component));
  if (parts.every(({ replicas }) => replicas <= 0)) return replicasMax;
  let sets = 0;
  while (sets < setsMax && parts.every((part) => place(part) === part.replicas)) sets++;
  return sets;
}

/** Takes away the room of workloads whose pods are still to come, as far as it is there. */
export function assume(rooms: readonly NodeRoom[], workloads: readonly AssumedWorkload[]): void {
  for (const { components } of workloads) for (const each of components) place(partOf(rooms, each));
}

interface Part {
  readonly rooms: readonly NodeRoom[];
  readonly asked: Amounts;
  readonly replicas: number;
}

function partOf(rooms: readonly NodeRoom[], { replicas, replicaRequirements = {} }: Component): Part {
  return {
    rooms: suiting(rooms, replicaRequirements),
    asked: requestsOf(replicaRequirements.resourceRequest),
    replicas,
  };
}

/** How many of its replicas found room. */
function place({ rooms, asked, replicas }: Part): number {
  let left = replicas;
  for (const room of rooms) {
    if (left <= 0) break;
    const count = Math.min(left, fitting(room, asked));
    left -= count;
    for (const [name, amount] of asked) room.free.set(name, (room.free.get(name) ?? 0) - amount * count);
    room.free.set("pods", (room.free.get("pods") ?? 0) - milli * count);
  }
  return replicas - left;
}

function fitting({ free }: NodeRoom, asked: Amounts): number {
  let count = Math.floor((free.get("pods") ?? 0) / milli);
  for (const [name, amount] of asked) count = Math.min(count, Math.floor((free.get(name) ?? 0) / amount));
  return Math.max(0, count);
}

/** What a cordoned node stands for. */
const cordon = { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" };

function suiting(rooms: readonly NodeRoom[], { nodeClaim }: Requirements): readonly NodeRoom[] {
  const { hardNodeAffinity, nodeSelector, tolerations = [] } = nodeClaim ?? {};
  const spec = {
    ...(nodeSelector === undefined ? {} : { nodeSelector }),
    ...(hardNodeAffinity === undefined
      ? {}
      : { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: hardNodeAffinity } } }),
  };
  const tolerated = ({ spec: { unschedulable, taints = [] } = {} }: Node): boolean =>
    (unschedulable !== true || isTolerated(cordon, tolerations)) &&
    taints.every((taint) => taint.effect === "PreferNoSchedule" || isTolerated(taint, tolerations));
  return rooms.filter(({ node }) => tolerated(node) && matchesNode(spec, node));
}

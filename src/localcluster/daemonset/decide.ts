// One pass over a DaemonSet: on which nodes its pods are to run, which of them are replaced, and what to say.
// Upstream: kubernetes pkg/controller/daemon/{daemon_controller,update}.go.
import type { DaemonSetStatus, PodSpec, PodTemplateSpec, Toleration } from "#api/generated/types.ts";
import type { DaemonSet, Node, Pod } from "#api/kinds.ts";
import { isTolerated } from "#api/policy/taints.ts";
import { deepEqual } from "#machinery/equality.ts";
import { scaledValue } from "#machinery/int-or-string.ts";
import { matchesNode } from "#api/node-affinity.ts";
import { hasEnded, isActive, isAvailable, isReady, isTerminating, nextAvailable } from "../pods.ts";
import { revisionLabel } from "../revisions.ts";

export interface DaemonSetInput {
  readonly set: DaemonSet;
  readonly nodes: readonly Node[];
  /** Those that the set controls. */
  readonly pods: readonly Pod[];
  /** Hash of the present template. */
  readonly hash: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export interface DaemonSetPlan {
  /** Names of nodes. */
  readonly create: readonly string[];
  readonly remove: readonly Pod[];
  readonly status: DaemonSetStatus;
  readonly wakeAt: number | undefined;
}

interface Place {
  readonly node: Node;
  readonly pods: readonly Pod[];
  readonly wanted: boolean;
  /** May those that are there stay? */
  readonly stays: boolean;
}

/** Plans the next step. */
export function planDaemonSet(input: DaemonSetInput): DaemonSetPlan {
  const { set, pods, now } = input;
  const places = placesOf(input);
  const work = set.metadata.deletionTimestamp === undefined ? nextWork(input, places) : { create: [], remove: [] };
  const wakeAt = nextAvailable(pods, set.spec.minReadySeconds ?? 0, now);
  return { ...work, status: statusOf(input, places), wakeAt };
}

/** The node that a pod is on or pinned to, or undefined. */
function nodeOf({ spec }: Pod): string | undefined {
  if ((spec.nodeName ?? "") !== "") return spec.nodeName;
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  return terms.flatMap(({ matchFields = [] }) => matchFields).find(({ key }) => key === "metadata.name")?.values?.[0];
}

function placesOf({ set, nodes, pods }: DaemonSetInput): readonly Place[] {
  const byNode = Map.groupBy(pods, (pod) => nodeOf(pod) ?? "");
  const spec = set.spec.template.spec ?? { containers: [] };
  const tolerations = daemonTolerations(spec);
  return nodes.map((node) => {
    const fits = matchesNode(spec, node) && (spec.nodeName === undefined || spec.nodeName === node.metadata.name);
    const hostile = (node.spec?.taints ?? []).filter((taint) => !isTolerated(taint, tolerations));
    const wanted = fits && hostile.every(({ effect }) => effect === "PreferNoSchedule");
    const stays = fits && hostile.every(({ effect }) => effect !== "NoExecute");
    return { node, pods: byNode.get(node.metadata.name) ?? [], wanted, stays };
  });
}

function nextWork(input: DaemonSetInput, places: readonly Place[]): Pick<DaemonSetPlan, "create" | "remove"> {
  const create: string[] = [];
  const remove: Pod[] = [];
  const names = new Set(places.map(({ node }) => node.metadata.name));
  for (const { node, pods, wanted, stays } of places) {
    const ended = pods.filter((pod) => hasEnded(pod) && !isTerminating(pod));
    const active = newestFirst(pods.filter(isActive), input);
    remove.push(...ended);
    if (wanted && pods.length === 0) create.push(node.metadata.name);
    else if (!stays) remove.push(...active);
    else if (allowedBeside(input) === 0) remove.push(...active.slice(1));
  }
  // Pods on nodes that have gone have nowhere to be.
  remove.push(...input.pods.filter((pod) => isActive(pod) && !names.has(nodeOf(pod) ?? "")));
  if (input.set.spec.updateStrategy?.type === "OnDelete") return { create, remove };
  const update = allowedBeside(input) > 0 ? surge(input, places) : roll(input, places);
  return {
    create: [...create, ...update.create],
    remove: [...remove, ...update.remove.filter((pod) => !remove.includes(pod))],
  };
}

/** Pods of the present template first. */
function newestFirst(pods: readonly Pod[], { hash }: DaemonSetInput): readonly Pod[] {
  return pods.toSorted((left, right) => Number(isNew(right, hash)) - Number(isNew(left, hash)));
}

function isNew({ metadata }: Pod, hash: string): boolean {
  return metadata.labels?.[revisionLabel] === hash;
}

/** maxSurge in nodes. */
function allowedBeside({ set, nodes }: DaemonSetInput): number {
  return scaledValue(set.spec.updateStrategy?.rollingUpdate?.maxSurge ?? 0, nodes.length, "up");
}

/** Old pods that are of no use are replaced at once, others while not too many nodes are without. */
function roll(input: DaemonSetInput, places: readonly Place[]): Pick<DaemonSetPlan, "create" | "remove"> {
  const { set, hash, now } = input;
  const wanted = places.filter((place) => place.wanted);
  const isUp = (pod: Pod): boolean => isAvailable(pod, set.spec.minReadySeconds ?? 0, now);
  const limit = scaledValue(set.spec.updateStrategy?.rollingUpdate?.maxUnavailable ?? 1, wanted.length, "up");
  const down = wanted.filter(({ pods }) => !pods.some(isUp)).length;
  const old = wanted.flatMap(({ pods }) => pods.filter((pod) => isActive(pod) && !isNew(pod, hash)));
  const useless = old.filter((pod) => !isUp(pod));
  const useful = old.filter(isUp).slice(0, Math.max(0, limit - down));
  return { create: [], remove: [...useless, ...useful] };
}

/** The new one comes first; the old one goes when it is available. */
function surge(input: DaemonSetInput, places: readonly Place[]): Pick<DaemonSetPlan, "create" | "remove"> {
  const { set, hash, now } = input;
  const create: string[] = [];
  const remove: Pod[] = [];
  const wanted = places.filter((place) => place.wanted);
  let room = allowedBeside(input) - wanted.filter(({ pods }) => pods.filter(isActive).length > 1).length;
  for (const { node, pods } of wanted) {
    const old = pods.filter((pod) => isActive(pod) && !isNew(pod, hash));
    const fresh = pods.filter((pod) => isActive(pod) && isNew(pod, hash));
    if (old.length === 0) continue;
    const isUp = fresh.some((pod) => isAvailable(pod, set.spec.minReadySeconds ?? 0, now));
    const isUseless = old.every((pod) => !isReady(pod));
    if (isUp || (isUseless && fresh.length === 0)) remove.push(...old);
    else if (fresh.length === 0 && room-- > 0) create.push(node.metadata.name);
  }
  return { create, remove };
}

/** The status; an equal one is given back as it is. */
function statusOf({ set, hash, now }: DaemonSetInput, places: readonly Place[]): DaemonSetStatus {
  const wanted = places.filter((place) => place.wanted);
  const count = (accepts: (pod: Pod) => boolean): number => wanted.filter(({ pods }) => pods.some(accepts)).length;
  const desired = wanted.length;
  const available = count((pod) => isAvailable(pod, set.spec.minReadySeconds ?? 0, now));
  const optional = {
    updatedNumberScheduled: count((pod) => isNew(pod, hash) && !isTerminating(pod)),
    numberAvailable: available,
    numberUnavailable: desired - available,
  };
  const { collisionCount } = set.status ?? {};
  const status: DaemonSetStatus = {
    currentNumberScheduled: count((pod) => !hasEnded(pod)),
    numberMisscheduled: places.filter((place) => !place.wanted && place.pods.some(isActive)).length,
    desiredNumberScheduled: desired,
    numberReady: count((pod) => isActive(pod) && isReady(pod)),
    ...(set.metadata.generation === undefined ? {} : { observedGeneration: set.metadata.generation }),
    ...Object.fromEntries(Object.entries(optional).filter(([, number]) => number > 0)),
    ...(collisionCount === undefined ? {} : { collisionCount }),
  };
  return set.status !== undefined && deepEqual(status, set.status) ? set.status : status;
}

/** The template pinned to a node, tolerating what troubles nodes. */
export function pinned(template: PodTemplateSpec, node: string): PodTemplateSpec {
  const spec = template.spec ?? { containers: [] };
  const nodeSelectorTerms = [{ matchFields: [{ key: "metadata.name", operator: "In", values: [node] }] }];
  const nodeAffinity = {
    ...spec.affinity?.nodeAffinity,
    requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms },
  };
  const affinity = { ...spec.affinity, nodeAffinity };
  return { ...template, spec: { ...spec, affinity, tolerations: daemonTolerations(spec) } };
}

function daemonTolerations({ tolerations = [], hostNetwork }: PodSpec): readonly Toleration[] {
  const tolerate = (name: string, effect: string): Toleration => ({
    key: `node.kubernetes.io/${name}`,
    operator: "Exists",
    effect,
  });
  const added = [
    tolerate("not-ready", "NoExecute"),
    tolerate("unreachable", "NoExecute"),
    ...["disk-pressure", "memory-pressure", "pid-pressure", "unschedulable"].map((name) =>
      tolerate(name, "NoSchedule"),
    ),
    ...(hostNetwork === true ? [tolerate("network-unavailable", "NoSchedule")] : []),
  ];
  return [...tolerations, ...added.filter((each) => !tolerations.some((known) => deepEqual(known, each)))];
}

// How much fits by the cluster's resource models: its free capacity as nodes of known grades, so that a replica which is
// larger than any node is not counted. Upstream: karmada pkg/estimator/client/general.go (the modelling parts).
import type { Cluster } from "#api/cluster/cluster.ts";
import type { Component } from "#api/work/binding.ts";
import { milliOf } from "#machinery/milli.ts";
import { type Amounts, requestsOf } from "./free.ts";

/** What a node takes, whatever its size. Upstream: corev1 nodes' default. */
const podsPerNode = 110;
/** Nodes and sets simulated: bounds the work; beyond them there is room enough to choose by. */
const nodesMax = 500;
const setsMax = 100;

interface Grade {
  readonly count: number;
  /** The least that a node of this grade has free. */
  readonly capacity: Amounts;
}

/** Replicas that fit, or undefined when there are no models or they do not speak of a resource that is asked for. */
export function replicasByModels(cluster: Cluster, requests: Amounts): number | undefined {
  const grades = gradesOf(cluster);
  if (grades === undefined || !speakOf(grades, requests.keys())) return undefined;
  return grades.reduce((sum, { count, capacity }) => sum + count * perNode(capacity, requests), 0);
}

/** Sets of components that fit: set after set, component after component, into the first node that has room. */
export function setsByModels(cluster: Cluster, components: readonly Component[], atMost: number): number | undefined {
  const grades = gradesOf(cluster);
  const asked = components.map(({ replicas, replicaRequirements }) => ({
    replicas,
    requests: requestsOf(replicaRequirements?.resourceRequest),
  }));
  if (grades === undefined || !asked.every(({ requests }) => speakOf(grades, requests.keys()))) return undefined;
  const nodes = grades
    .flatMap(({ count, capacity }) => Array.from({ length: Math.min(count, nodesMax) }, () => nodeOf(capacity)))
    .slice(0, nodesMax);
  const limit = Math.min(atMost, setsMax);
  let sets = 0;
  while (sets < limit && asked.every(({ requests, replicas }) => place(nodes, requests, replicas))) sets++;
  return sets === limit ? atMost : sets;
}

/** One cluster is looked at for many bindings. */
const known = new WeakMap<Cluster, readonly Grade[]>();

function gradesOf(cluster: Cluster): readonly Grade[] | undefined {
  let grades = known.get(cluster);
  if (grades === undefined) {
    grades = readGrades(cluster);
    if (grades !== undefined) known.set(cluster, grades);
  }
  return grades;
}

function readGrades({ spec, status }: Cluster): readonly Grade[] | undefined {
  const counts = status?.resourceSummary?.allocatableModelings ?? [];
  if (counts.length === 0) return undefined;
  const byGrade = new Map((spec.resourceModels ?? []).map((model) => [model.grade, model.ranges]));
  return counts.flatMap(({ grade, count }) => {
    const ranges = byGrade.get(grade);
    const capacity = new Map((ranges ?? []).map(({ name, min }) => [name, milliOf(min)]));
    return ranges === undefined || count <= 0 ? [] : [{ count, capacity }];
  });
}

function speakOf(grades: readonly Grade[], resources: Iterable<string>): boolean {
  const names = [...resources];
  return grades.every(({ capacity }) => names.every((name) => capacity.has(name)));
}

function perNode(capacity: Amounts, requests: Amounts): number {
  const fitting = [...requests].map(([name, asked]) => Math.floor((capacity.get(name) ?? 0) / asked));
  return Math.min(podsPerNode, ...fitting);
}

interface SimulatedNode {
  readonly free: Map<string, number>;
  pods: number;
}

function nodeOf(capacity: Amounts): SimulatedNode {
  return { free: new Map(capacity), pods: podsPerNode };
}

function place(nodes: readonly SimulatedNode[], requests: Amounts, replicas: number): boolean {
  let left = replicas;
  for (const node of nodes) {
    if (left === 0) break;
    const fitting = Math.min(node.pods, left, perNode(node.free, requests));
    if (fitting === 0) continue;
    node.pods -= fitting;
    left -= fitting;
    for (const [name, asked] of requests) node.free.set(name, (node.free.get(name) ?? 0) - asked * fitting);
  }
  return left === 0;
}

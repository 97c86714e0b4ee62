// What is said of a member's health, and when it is believed. Pure.
// Upstream: karmada pkg/controllers/status/cluster_status_controller.go, cluster_condition_cache.go.
import type { Cluster } from "#api/cluster/cluster.ts";
import { conditionMessages, conditionReasons, conditionTypes } from "#api/karmada-constants.ts";
import type { Node } from "#api/kinds.ts";
import type { Condition } from "#api/meta-types.ts";

/** A condition without its time, which says when the status last changed. */
export type Finding = Pick<Condition, "type" | "status" | "reason" | "message">;

/** How the member answered `/readyz` (or, where it has none, `/healthz`): a code, or none at all. */
export function readinessOf(httpStatus: number | undefined): Finding {
  const type = conditionTypes.clusterReady;
  if (httpStatus === undefined || httpStatus >= 400) {
    const { clusterNotReachable: reason } = conditionReasons;
    return { type, status: "False", reason, message: conditionMessages.clusterNotReachable };
  }
  if (httpStatus !== 200) {
    return {
      type,
      status: "False",
      reason: conditionReasons.clusterNotReady,
      message: conditionMessages.clusterNotReady,
    };
  }
  return { type, status: "True", reason: conditionReasons.clusterReady, message: conditionMessages.clusterReady };
}

/** Why no client could be built for the member. */
export function noClient(reason: string): Finding {
  return {
    type: conditionTypes.clusterReady,
    status: "False",
    reason: conditionReasons.statusCollectionFailed,
    message: `failed to create a ClusterClient: ${reason}`,
  };
}

export interface Thresholds {
  readonly successMilliseconds: number;
  readonly failureMilliseconds: number;
}

/** What was last observed of a member, and since when (on the monotonic clock). */
export interface Observation {
  readonly status: Finding["status"];
  /** Undefined for the first one since this process started. */
  readonly since: number | undefined;
}

export interface Judgement {
  /** What the Cluster is to say: the finding, or what it says now while the finding is too fresh to be believed. */
  readonly ready: Finding;
  readonly observation: Observation;
}

/** Believes a change between ready and not ready only after it has lasted. The first observation counts at once. */
export function judgeReadiness(
  cluster: Cluster,
  finding: Finding,
  last: Observation | undefined,
  now: number,
  thresholds: Thresholds,
): Judgement {
  if (last === undefined) return { ready: finding, observation: { status: finding.status, since: undefined } };
  const current = cluster.status?.conditions?.find(({ type }) => type === conditionTypes.clusterReady);
  const observation = last.status === finding.status ? last : { status: finding.status, since: now };
  const changes = current !== undefined && (current.status === "True") !== (finding.status === "True");
  const wait = finding.status === "True" ? thresholds.successMilliseconds : thresholds.failureMilliseconds;
  const isFresh = observation.since !== undefined && now < observation.since + wait;
  return { ready: changes && isFresh ? current : finding, observation };
}

/** Whether the member's APIs were all found. `complete`: no part of the discovery failed. */
export function apiEnablementsFinding(count: number, complete: boolean): Finding {
  const type = conditionTypes.clusterCompleteApiEnablements;
  if (count === 0) {
    const { apiEnablementsEmpty: reason } = conditionReasons;
    return { type, status: "False", reason, message: "collected empty APIEnablements from the cluster" };
  }
  if (!complete) {
    const message = `might collect partial APIEnablements(${count}) from the cluster`;
    return { type, status: "False", reason: conditionReasons.apiEnablementsPartial, message };
  }
  const message = "collected complete APIEnablements from the cluster";
  return { type, status: "True", reason: conditionReasons.apiEnablementsComplete, message };
}

/** Counts nodes, and those that are ready. */
export function summarizeNodes(nodes: readonly Node[]): { readonly totalNum: number; readonly readyNum: number } {
  const isReady = (node: Node): boolean =>
    node.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false;
  return { totalNum: nodes.length, readyNum: nodes.filter(isReady).length };
}

// Answers for one member: how many replicas or sets its nodes and quotas take, and how many replicas find no node.
// Upstream: karmada pkg/estimator/server/{server,estimate}.go.
import { Node, Pod, ReplicaSet, ResourceQuota } from "#api/kinds.ts";
import type { InformerFactory } from "#client/informer.ts";
import { ApiError } from "#machinery/api-error.ts";
import type { Clock } from "#std/time.ts";
import { requestsOf, requestsOfSet } from "../estimate/free.ts";
import { assume, replicasOnNodes, setsOnNodes } from "./by-nodes.ts";
import { timesInQuotas } from "./by-quota.ts";
import type {
  MaxAvailableComponentSetsRequest,
  MaxAvailableReplicasRequest,
  UnschedulableReplicasRequest,
} from "./messages.ts";
import { type NodeRoom, NodeRooms } from "./node-rooms.ts";
import { unschedulablePods } from "./unschedulable.ts";

/** The three questions of the service. Each throws ApiError for what it cannot answer. */
export interface Estimator {
  maxAvailableReplicas(request: MaxAvailableReplicasRequest): number;
  maxAvailableComponentSets(request: MaxAvailableComponentSetsRequest): number;
  unschedulableReplicas(request: UnschedulableReplicasRequest): number;
}

export interface EstimatorOptions {
  readonly cluster: string;
  /** Of the member. */
  readonly informers: InformerFactory;
  readonly clock: Clock;
  /** `ResourceQuotaEstimate` */
  readonly quotas: boolean;
  readonly signal: AbortSignal;
}

/** Resolves when nodes and pods have been listed, so that no answer is of half a member. */
export async function createEstimator(options: EstimatorOptions): Promise<Estimator> {
  const { cluster, informers, clock, signal } = options;
  const [nodes, pods, replicaSets] = [informers.for(Node), informers.for(Pod), informers.for(ReplicaSet)];
  const quotas = options.quotas ? informers.for(ResourceQuota) : undefined;
  const rooms = new NodeRooms();
  const stop = rooms.follow(pods);
  signal.addEventListener("abort", stop, { once: true });
  await Promise.all(
    [nodes, pods, replicaSets, ...(quotas === undefined ? [] : [quotas])].map((each) => each.waitForSync(signal)),
  );
  const roomsLeft = ({
    cluster: asked,
    assumedWorkloads,
  }: Pick<MaxAvailableReplicasRequest, "cluster" | "assumedWorkloads">): NodeRoom[] => {
    mustBe(cluster, asked);
    const left = rooms.of(nodes.list());
    assume(left, assumedWorkloads);
    return left;
  };
  const inQuotas = (namespace: string, asked: ReadonlyMap<string, number>, priorityClass = ""): number =>
    quotas === undefined || namespace === "" ? Infinity : timesInQuotas(quotas.list(namespace), asked, priorityClass);
  return {
    maxAvailableReplicas(request) {
      const { namespace = "", priorityClassName, resourceRequest } = request.replicaRequirements;
      const onNodes = replicasOnNodes(roomsLeft(request), request.replicaRequirements);
      return Math.min(onNodes, inQuotas(namespace, requestsOf(resourceRequest), priorityClassName));
    },
    maxAvailableComponentSets(request) {
      const { components, namespace } = request;
      const priorityClass = components[0]?.replicaRequirements?.priorityClassName;
      const onNodes = setsOnNodes(roomsLeft(request), components);
      return Math.min(onNodes, inQuotas(namespace, requestsOfSet(components), priorityClass));
    },
    unschedulableReplicas({ cluster: asked, resource, thresholdMilliseconds }) {
      mustBe(cluster, asked);
      const { namespace } = resource;
      const replicaSetOf = (name: string): ReplicaSet | undefined => replicaSets.get({ namespace, name });
      return unschedulablePods(resource, pods.list(namespace), replicaSetOf, clock.now() - thresholdMilliseconds);
    },
  };
}

function mustBe(cluster: string, asked: string): void {
  if (cluster !== asked) {
    throw new ApiError("BadRequest", `cluster name does not match, got: ${asked}, desire: ${cluster}`);
  }
}

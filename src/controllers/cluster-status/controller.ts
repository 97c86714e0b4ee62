// Asks members how they are and what they have, and says so on their Clusters.
// Reads: Clusters, members (health, version, APIs, nodes, pods).  Writes: the Clusters' status.
// Decides in ./decide.ts and ./capacity.ts.  Upstream: karmada pkg/controllers/status/cluster_status_controller.go.
import { type ApiEnablement, Cluster, type ClusterStatus } from "#api/cluster/cluster.ts";
import { karmadaFinalizers } from "#api/karmada-constants.ts";
import { Node, Pod, Secret } from "#api/kinds.ts";
import type { Condition } from "#api/meta-types.ts";
import { podRequirements } from "#interpreter/native/pod-requirements.ts";
import { errorText, isApiError } from "#machinery/api-error.ts";
import { setCondition } from "#machinery/conditions.ts";
import { isRecord, isString } from "#machinery/guards.ts";
import { parseJson } from "#machinery/json.ts";
import { apiVersionOf } from "#machinery/object.ts";
import {
  type Controller,
  type ControllerContext,
  defineController,
  done,
  requeueAfter,
  type Result,
  watches,
} from "#runtime/controller.ts";
import { deadlineSignal, untilAborted } from "#std/abort.ts";
import { defined } from "#std/defined.ts";
import { formatTime } from "#std/time.ts";
import { commit } from "../commit.ts";
import type { MemberCluster, MemberClusters } from "../member-clusters.ts";
import { type PodRequests, summarizeCapacity } from "./capacity.ts";
import {
  apiEnablementsFinding,
  type Finding,
  judgeReadiness,
  noClient,
  type Observation,
  readinessOf,
  summarizeNodes,
} from "./decide.ts";
import { modelNodes } from "./modeling.ts";

export interface ClusterStatusOptions {
  /** `--cluster-status-update-frequency` */
  readonly periodMilliseconds: number;
  /** `--cluster-success-threshold` */
  readonly successMilliseconds: number;
  /** `--cluster-failure-threshold` */
  readonly failureMilliseconds: number;
  /** `--enable-cluster-resource-modeling`: watch nodes and pods, to know what members have. */
  readonly resources: boolean;
}

export const clusterStatusDefaults: ClusterStatusOptions = {
  periodMilliseconds: 10_000,
  successMilliseconds: 30_000,
  failureMilliseconds: 30_000,
  resources: true,
};

/** `--cluster-cache-sync-timeout` */
const nodesSyncMilliseconds = 30_000;

export function clusterStatusController(members: MemberClusters, options = clusterStatusDefaults): Controller {
  const observations = new Map<string, Observation>();
  return defineController({
    name: "clusterStatus",
    for: [Cluster],
    changed: ({ metadata }, old) =>
      metadata.generation !== old.metadata.generation ||
      metadata.finalizers?.length !== old.metadata.finalizers?.length,
    watches: [watches(Secret, () => [])], // a member is not missing while its Secret has not been listed
    options,
    async source(queue) {
      const remove = members.onConnection((name) => {
        queue.enqueue({ kind: Cluster, name });
      });
      await untilAborted(queue.signal);
      remove();
    },
    async reconcile({ name }, context) {
      const cluster = context.informers.for(Cluster).get({ name });
      if (cluster === undefined) observations.delete(name);
      if (cluster === undefined || !members.reaches(cluster)) return done;
      // The cluster controller goes first; the finalizer that it adds wakes this one.
      if (cluster.metadata.finalizers?.includes(karmadaFinalizers.cluster) !== true) return done;
      return probe(cluster, { ...context, options, members, observations });
    },
  });
}

interface Prober extends ControllerContext {
  readonly options: ClusterStatusOptions;
  readonly members: MemberClusters;
  readonly observations: Map<string, Observation>;
}

async function probe(cluster: Cluster, prober: Prober): Promise<Result> {
  const { members, observations, clock, options } = prober;
  const { name } = cluster.metadata;
  const member = members.get(name);
  const finding = member === undefined ? noClient(missingText(cluster)) : readinessOf(await healthOf(member));
  const { ready, observation } = judgeReadiness(cluster, finding, observations.get(name), clock.monotonic(), options);
  observations.set(name, observation);
  const healthy = member !== undefined && finding.status === "True" && ready.status === "True";
  const { findings, status } = healthy ? await detailsOf(member, cluster, prober) : { findings: [], status: {} };
  await writeStatus(cluster, [...findings, ready], status, prober);
  return requeueAfter(options.periodMilliseconds);
}

function missingText({ spec }: Cluster): string {
  const { namespace = "", name = "" } = spec.secretRef ?? {};
  if ((spec.apiEndpoint ?? "") === "") return "the api endpoint of cluster is empty";
  return name === "" ? "the cluster has no secretRef" : `the secret ${namespace}/${name} is missing or has no token`;
}

/** The code of the member's answer, or undefined: it gave none. */
async function healthOf({ client, signal }: MemberCluster): Promise<number | undefined> {
  const ask = async (path: string): Promise<number | undefined> => {
    try {
      return (await client.raw("GET", path, { signal })).status;
    } catch (error) {
      return isApiError(error) ? error.code : undefined;
    }
  };
  const status = await ask("/readyz");
  return status === 404 ? ask("/healthz") : status;
}

interface Details {
  readonly findings: readonly Finding[];
  readonly status: Partial<ClusterStatus>;
}

async function detailsOf(member: MemberCluster, cluster: Cluster, prober: Prober): Promise<Details> {
  const [kubernetesVersion, { apiEnablements, complete }] = await Promise.all([
    versionOf(member, prober),
    apiEnablementsOf(member, prober),
  ]);
  const resources = prober.options.resources ? await resourcesOf(member, cluster, prober) : {};
  return {
    findings: [apiEnablementsFinding(apiEnablements.length, complete)],
    status: defined({ kubernetesVersion, apiEnablements, ...resources }),
  };
}

async function versionOf(member: MemberCluster, { log }: Prober): Promise<string | undefined> {
  try {
    const { body } = await member.client.raw("GET", "/version", { signal: member.signal });
    const version = parseJson(body);
    return isRecord(version) && isString(version["gitVersion"]) ? version["gitVersion"] : undefined;
  } catch (error) {
    log.warn("a member's version is not known", { cluster: member.name, error: errorText(error) });
    return undefined;
  }
}

/** The APIs that the member serves, in order. A server that is the same as before says so in a few bytes. */
async function apiEnablementsOf(
  member: MemberCluster,
  { log }: Prober,
): Promise<{ readonly apiEnablements: readonly ApiEnablement[]; readonly complete: boolean }> {
  try {
    const { kinds, failures } = await member.discovery.refresh({ signal: member.signal });
    const byVersion = Map.groupBy(kinds, apiVersionOf);
    const apiEnablements = [...byVersion].sort(byKey).map(([groupVersion, resources]) => ({
      groupVersion,
      resources: resources
        .map(({ kind, plural }) => ({ kind, name: plural }))
        .sort((left, right) => (left.name < right.name ? -1 : 1)),
    }));
    return { apiEnablements, complete: failures.length === 0 };
  } catch (error) {
    log.warn("a member's APIs are not known", { cluster: member.name, error: errorText(error) });
    return { apiEnablements: [], complete: false };
  }
}

function byKey([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number {
  return left < right ? -1 : 1;
}

/** Waits for the first list of nodes and pods: a member without nodes is not to be told from one not yet listed. */
async function resourcesOf(
  member: MemberCluster,
  { spec }: Cluster,
  { clock }: Prober,
): Promise<Partial<ClusterStatus>> {
  const nodes = member.allInformers.for(Node);
  const pods = member.allInformers.for(Pod);
  using deadline = deadlineSignal(clock, nodesSyncMilliseconds, member.signal);
  await Promise.all([nodes.waitForSync(deadline), pods.waitForSync(deadline)]);
  const requests: PodRequests = (pod) => podRequirements(pod.spec)?.resourceRequest ?? {};
  const [allNodes, allPods] = [nodes.list(), pods.list()];
  const allocatableModelings = modelNodes(spec.resourceModels ?? [], allNodes, allPods, requests);
  return {
    nodeSummary: summarizeNodes(allNodes),
    resourceSummary: { ...summarizeCapacity(allNodes, allPods, requests), ...defined({ allocatableModelings }) },
  };
}

async function writeStatus(
  cluster: Cluster,
  findings: readonly Finding[],
  status: Partial<ClusterStatus>,
  { client, clock, signal }: Prober,
): Promise<void> {
  const now = clock.now();
  const conditions = findings.reduce<readonly Condition[]>(
    (list, finding) => setCondition(list, { ...finding, lastTransitionTime: formatTime(now) }, now),
    cluster.status?.conditions ?? [],
  );
  const desired: Cluster = { ...cluster, status: { ...cluster.status, ...status, conditions } };
  try {
    // Nobody else writes these fields of a Cluster in Push mode; remedies have one of their own.
    await commit(client, Cluster, cluster, desired, { signal, subresource: "status", unlocked: true });
  } catch (error) {
    if (!isApiError(error, "NotFound")) throw error;
  }
}

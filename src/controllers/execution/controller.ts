// Carries Works out in their members and says on each how that went; puts right what others change there.
// Reads: Works, Clusters, member objects.  Writes: member objects, the Works' Applied and Dispatching conditions, finalizer.
// Decides in ./decide.ts, acts in ./reconcile.ts.  Upstream: karmada pkg/controllers/execution/execution_controller.go.
import { Cluster } from "#api/cluster/cluster.ts";
import { conditionTypes } from "#api/karmada-constants.ts";
import { clusterOfExecutionNamespace, executionNamespace } from "#api/karmada-names.ts";
import { Work } from "#api/work/work.ts";
import type { InformerFactory } from "#client/informer.ts";
import type { Interpreter } from "#interpreter/interpreter.ts";
import { isConditionTrue } from "#machinery/conditions.ts";
import { deepEqual } from "#machinery/equality.ts";
import {
  type Controller,
  type ControllerContext,
  defineController,
  type ReconcileKey,
  type SourceArguments,
  watches,
} from "#runtime/controller.ts";
import type { RecentWrites } from "#runtime/recent-writes.ts";
import { untilAborted } from "#std/abort.ts";
import { ClusterGate } from "../cluster-gate.ts";
import { isClusterReady } from "../cluster-readiness.ts";
import type { MemberClusters, MemberObjectEvent } from "../member-clusters.ts";
import { carriedObjects, ruleWatches } from "../rule-watches.ts";
import type { Templates } from "../templates.ts";
import { AppliedVersions } from "./applied-versions.ts";
import { isDrift, workOfObject } from "./decide.ts";
import { reconcileWork } from "./reconcile.ts";

/** Works under way at once, in all members. Each waits for its member most of the time. */
const workers = 256;

export interface ExecutionControllerDeps {
  readonly members: MemberClusters;
  readonly templates: Templates;
  readonly interpreter: Interpreter;
  readonly writes: RecentWrites;
}

export function executionController(deps: ExecutionControllerDeps): Controller {
  const versions = new AppliedVersions();
  let queue: SourceArguments<object> | undefined;
  const gate = new ClusterGate<ReconcileKey>((key) => queue?.enqueue(key));
  return defineController({
    name: "execution",
    standing: "leads",
    for: [Work],
    changed: ({ metadata }, old) =>
      metadata.generation !== old.metadata.generation || metadata.deletionTimestamp !== old.metadata.deletionTimestamp,
    watches: [
      watches(Cluster, worksToTryAgain),
      ...ruleWatches(deps.templates, ["retain"], (kinds, { informers }) =>
        carriedObjects(kinds, deps.templates, informers).map(({ work, cluster, kind, ref }) => {
          versions.forget(cluster, kind, ref); // what was right may not be
          return work;
        }),
      ),
    ],
    options: {},
    workers,
    async source(args) {
      queue = args;
      await feedFromMembers(args, deps.members, versions);
    },
    async reconcile(key, context) {
      try {
        return await reconcileWork(key, { ...context, ...deps, versions, gate });
      } finally {
        gate.passed(clusterOfExecutionNamespace(key.namespace ?? "") ?? "", key);
      }
    },
  });
}

/** Drift in members, and members that come (or come back) under a new connection. */
async function feedFromMembers(
  queue: SourceArguments<object>,
  members: MemberClusters,
  versions: AppliedVersions,
): Promise<void> {
  const removals = [
    members.onObject((event) => {
      const drifted = driftedWork(event, versions);
      if (drifted !== undefined) queue.enqueue(drifted);
    }),
    members.onConnection((cluster) => {
      versions.forgetCluster(cluster);
      for (const key of worksOf(cluster, queue.informers)) queue.enqueue(key);
    }),
  ];
  await untilAborted(queue.signal);
  for (const remove of removals) remove();
}

/** When a member becomes ready, or is on its way out, its Works can go on. */
function worksToTryAgain(
  cluster: Cluster,
  old: Cluster | undefined,
  { informers }: ControllerContext,
): readonly ReconcileKey[] {
  const becameReady = old !== undefined && !isClusterReady(old) && isClusterReady(cluster);
  const isLeaving = old?.metadata.deletionTimestamp === undefined && cluster.metadata.deletionTimestamp !== undefined;
  const { name } = cluster.metadata;
  if (old === undefined || becameReady || isLeaving) return worksOf(name, informers);
  // A kind that was missing may be served now.
  const sameApis = deepEqual(cluster.status?.apiEnablements, old.status?.apiEnablements);
  return sameApis ? [] : worksOf(name, informers, ({ status }) => !isApplied(status));
}

function isApplied(status: Work["status"]): boolean {
  return isConditionTrue(status?.conditions, conditionTypes.workApplied);
}

function worksOf(
  cluster: string,
  informers: InformerFactory,
  which: (work: Work) => boolean = () => true,
): readonly ReconcileKey[] {
  return informers
    .for(Work)
    .list(executionNamespace(cluster))
    .filter(which)
    .map(({ metadata }) => ({ kind: Work, namespace: metadata.namespace, name: metadata.name }));
}

function driftedWork({ cluster, kind, event }: MemberObjectEvent, versions: AppliedVersions): ReconcileKey | undefined {
  const { type, object } = event;
  const old = type === "updated" ? event.old : undefined;
  if (!isDrift({ type, object, old }, versions.versionOf(cluster, kind, object.metadata))) return undefined;
  const work = workOfObject(old ?? object);
  return work === undefined ? undefined : { kind: Work, ...work };
}

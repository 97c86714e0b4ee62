// Taints clusters as ClusterTaintPolicies say, by their conditions.
// Reads: Clusters, ClusterTaintPolicies.  Writes: the Clusters' taints.  Decides in ./decide.ts.
// Upstream: karmada pkg/controllers/taint/clustertaintpolicy_controller.go.
import { Cluster } from "#api/cluster/cluster.ts";
import { eventReasons } from "#api/karmada-constants.ts";
import { ClusterTaintPolicy } from "#api/policy/cluster-taint-policy.ts";
import { isApiError } from "#machinery/api-error.ts";
import { deepEqual } from "#machinery/equality.ts";
import { isObjectOf } from "#machinery/guards.ts";
import type { KubeObject } from "#machinery/object.ts";
import { type Controller, defineController, done, watches } from "#runtime/controller.ts";
import { taintsText } from "../cluster/decide.ts";
import { commit } from "../commit.ts";
import { taintsByPolicies } from "./decide.ts";

export function clusterTaintPolicyController(): Controller {
  return defineController({
    name: "clustertaintpolicy",
    for: [Cluster],
    changed: conditionsChanged,
    watches: [
      watches(ClusterTaintPolicy, ({ metadata }, old, { informers }) => {
        if (old !== undefined && old.metadata.generation === metadata.generation) return [];
        return informers
          .for(Cluster)
          .list()
          .map(({ metadata: { name } }) => ({ kind: Cluster, name }));
      }),
    ],
    options: {},
    async reconcile({ name }, { client, clock, events, informers, signal }) {
      const cluster = informers.for(Cluster).get({ name });
      if (cluster === undefined || cluster.metadata.deletionTimestamp !== undefined) return done;
      const taints = taintsByPolicies(cluster, informers.for(ClusterTaintPolicy).list(), clock.now());
      if (taints === undefined) return done;
      const text = `Update Cluster(${name}) with taints(${taintsText(taints)})`;
      try {
        await commit(client, Cluster, cluster, { ...cluster, spec: { ...cluster.spec, taints } }, { signal });
      } catch (error) {
        if (!isApiError(error, "Conflict")) {
          events.event(cluster, "Warning", eventReasons.taintClusterFailed, `${text} failed`);
        }
        throw error;
      }
      events.event(cluster, "Normal", eventReasons.taintClusterSucceed, `${text} succeed`);
      return done;
    },
  });
}

function conditionsChanged(object: KubeObject, old: KubeObject): boolean {
  if (!isObjectOf(Cluster, object) || !isObjectOf(Cluster, old)) return false;
  return !deepEqual(object.status?.conditions, old.status?.conditions);
}

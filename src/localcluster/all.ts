// All controllers of a local cluster: what makes pods out of workloads, and what pretends to run them.
import type { Controller } from "#runtime/index.ts";
import { cronJobs } from "./cronjob/controller.ts";
import { daemonSets } from "./daemonset/controller.ts";
import { deployments } from "./deployment/controller.ts";
import { endpointSlices } from "./endpointslice/controller.ts";
import { jobs } from "./job/controller.ts";
import { nodes } from "./node/controller.ts";
import { persistentVolumes } from "./persistentvolume/controller.ts";
import { pods } from "./pod/controller.ts";
import { podDisruptionBudgets } from "./poddisruptionbudget/controller.ts";
import { replicaSets } from "./replicaset/controller.ts";
import { loadBalancers } from "./service/controller.ts";
import type { LocalClusterSettings } from "./settings.ts";
import { statefulSets } from "./statefulset/controller.ts";

/** Controllers for one cluster; call it once for each. */
export function localClusterControllers(settings: LocalClusterSettings): readonly Controller[] {
  return [
    nodes(settings),
    pods(settings),
    deployments,
    replicaSets(),
    statefulSets(),
    daemonSets(),
    jobs(),
    cronJobs,
    endpointSlices(),
    loadBalancers,
    persistentVolumes,
    podDisruptionBudgets(),
  ];
}

// All plugins, in the order in which their filters are asked: the first rejection is the reason that users see.
import type { Plugin } from "../framework/plugin.ts";
import { apiEnablement } from "./api-enablement/plugin.ts";
import { clusterAffinity } from "./cluster-affinity/plugin.ts";
import { clusterEviction } from "./cluster-eviction/plugin.ts";
import { clusterLocality } from "./cluster-locality/plugin.ts";
import { spreadConstraint } from "./spread-constraint/plugin.ts";
import { taintToleration } from "./taint-toleration/plugin.ts";
import { workloadAffinity } from "./workload-affinity/plugin.ts";
import { workloadAntiAffinity } from "./workload-anti-affinity/plugin.ts";

export const allPlugins: readonly Plugin[] = [
  clusterAffinity,
  taintToleration,
  apiEnablement,
  spreadConstraint,
  clusterEviction,
  workloadAffinity,
  workloadAntiAffinity,
  clusterLocality,
];

// What can be set of a local cluster: its nodes, and how long pods take.

export interface LocalClusterSettings {
  /** Nodes are named `<prefix>-node-1`, …. */
  readonly nodePrefix: string;
  readonly nodes: number;
  /** Capacity of each node, as quantities. */
  readonly nodeCapacity: { readonly cpu: string; readonly memory: string; readonly pods: string };
  /** From binding to ready, in milliseconds. A pod's annotation `localcluster.karmada.io/start-milliseconds` goes before it. */
  readonly podStartMilliseconds: number;
  /** For how long a pod that is to end (of a Job, or with restartPolicy Never) runs, in milliseconds. */
  readonly podRunMilliseconds: number;
  /** What the nodes' kubelets say: the API server's version. */
  readonly version: string;
}

export const startAnnotation = "localcluster.karmada.io/start-milliseconds";
export const runAnnotation = "localcluster.karmada.io/run-milliseconds";

export const localClusterDefaults: LocalClusterSettings = {
  nodePrefix: "local",
  nodes: 1,
  nodeCapacity: { cpu: "64", memory: "256Gi", pods: "5000" },
  podStartMilliseconds: 0,
  podRunMilliseconds: 500,
  version: "v1.36.0",
};

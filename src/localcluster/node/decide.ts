// What the simulated nodes look like. They say that they are simulated wherever a user may look.
import type { NodeCondition, NodeStatus } from "#api/generated/types.ts";
import type { Node } from "#api/kinds.ts";
import { deepEqual } from "#machinery/equality.ts";
import { fnv32a } from "#machinery/hash.ts";
import { formatTime } from "#std/time.ts";
import type { LocalClusterSettings } from "../settings.ts";

/** On all nodes that this controller keeps. */
export const simulatedAnnotation = "localcluster.karmada.io/simulated";
/** Of the pretended container runtime. */
const runtimeVersion = "1.0";

/** The names of the nodes that there are to be. */
export function nodeNames({ nodePrefix, nodes }: LocalClusterSettings): readonly string[] {
  return Array.from({ length: nodes }, (_, index) => `${nodePrefix}-node-${index + 1}`);
}

export interface NodeInput {
  readonly name: string;
  readonly settings: LocalClusterSettings;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** The node to create. */
export function newNode(input: NodeInput): Pick<Node, "metadata" | "spec" | "status"> {
  const { name } = input;
  return {
    metadata: {
      name,
      labels: {
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "node.kubernetes.io/instance-type": "simulated",
      },
      annotations: { [simulatedAnnotation]: "true" },
    },
    spec: { providerID: `simulated://${name}` },
    status: nodeStatus(input, undefined),
  };
}

/**
 * The status of a node; an equal one is given back as it is. Conditions that are there stay: who marks a node as not
 * ready to rehearse something is not contradicted.
 */
export function nodeStatus({ name, settings, now }: NodeInput, before: NodeStatus | undefined): NodeStatus {
  const capacity = settings.nodeCapacity;
  const status: NodeStatus = {
    ...before,
    capacity,
    allocatable: capacity,
    conditions: before?.conditions ?? conditions(now),
    addresses: [
      { type: "InternalIP", address: nodeAddress(name) },
      { type: "Hostname", address: name },
    ],
    nodeInfo: {
      machineID: "",
      systemUUID: "",
      bootID: "",
      kernelVersion: "simulated",
      osImage: "Simulated (no machine)",
      containerRuntimeVersion: `simulated://${runtimeVersion}`,
      kubeletVersion: settings.version,
      kubeProxyVersion: "",
      operatingSystem: "linux",
      architecture: "amd64",
    },
  };
  return before !== undefined && deepEqual(status, before) ? before : status;
}

function conditions(now: number): readonly NodeCondition[] {
  const time = formatTime(now);
  const say = (type: string, status: string, reason: string, message: string): NodeCondition => ({
    type,
    status,
    reason,
    message,
    lastHeartbeatTime: time,
    lastTransitionTime: time,
  });
  return [
    say("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    say("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    say("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
    say("Ready", "True", "KubeletReady", "simulated node is posting ready status"),
  ];
}

/** Derived from the name; nothing listens there. */
function nodeAddress(name: string): string {
  const hash = fnv32a(name);
  return `10.64.${(hash >>> 8) & 0xff}.${hash & 0xff || 1}`;
}

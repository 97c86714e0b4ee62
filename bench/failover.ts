// A cluster gets a NoExecute taint, and everything in it goes elsewhere: how long that takes, and what it costs. Each
// workload has one replica in one of two members; the second is closed until all of them run in the first.
import { Cluster } from "#api/cluster/cluster.ts";
import { Deployment } from "#api/kinds.ts";
import { PropagationPolicy } from "#api/policy/propagation-policy.ts";
import { ResourceBinding } from "#api/work/binding.ts";
import type { Client } from "#client/client.ts";
import type { Taint } from "#api/meta-types.ts";
import type { ControlPlane } from "./control-plane.ts";
import { inTurns } from "./figures.ts";
import { deployment, follow, limited } from "./propagation.ts";

const namespace = "default";
const creators = 32;
const [from, to] = ["member1", "member2"] as const;

/** Flags of `karmada up` with the rate lifted. */
export const failoverFlags = [
  ...["--members", "2", "--feature-gates", "Failover=true", "--enable-no-execute-taint-eviction"],
  ...["--resource-eviction-rate", "100000"],
] as const;

export interface FailedOver {
  /** From the taint until each binding names the other cluster. */
  readonly scheduledSeconds: number;
  /** Of all threads of the control plane and its members, until then. */
  readonly schedulingProcessorSeconds: number;
  /** From the taint until each runs there and its old copy's eviction has ended. */
  readonly replacedSeconds: number;
  readonly processorSeconds: number;
}

/** Runs `count` Deployments in one member and fails it. */
export async function failOver(plane: ControlPlane, count: number): Promise<FailedOver> {
  const client = await plane.client("karmada-apiserver");
  await client.create(PropagationPolicy, {
    metadata: { name: "bench", namespace },
    spec: {
      resourceSelectors: [{ apiVersion: "apps/v1", kind: "Deployment" }],
      placement: {
        clusterAffinity: { clusterNames: [from, to] },
        spreadConstraints: [{ spreadByField: "cluster", minGroups: 1, maxGroups: 1 }],
      },
    },
  });
  await taint(client, to, [{ key: "closed", effect: "NoSchedule" }]);
  await createAll(client, count);
  await reached(client, count, ({ spec, status }) => {
    const [item] = status?.aggregatedStatus ?? [];
    return spec.clusters?.[0]?.name === from && item?.health === "Healthy";
  });
  await taint(client, to, []);
  const before = await plane.figures();
  const startedAt = performance.now();
  const since = (): number => (performance.now() - startedAt) / 1e3;
  const scheduled = reached(client, count, ({ spec }) => spec.clusters?.[0]?.name === to).then(since);
  const replaced = reached(client, count, ({ spec }) => {
    return spec.clusters?.[0]?.name === to && (spec.gracefulEvictionTasks ?? []).length === 0;
  }).then(since);
  await taint(client, from, [{ key: "failed", effect: "NoExecute" }]);
  const scheduledSeconds = await scheduled;
  const between = await plane.figures();
  const replacedSeconds = await replaced;
  const after = await plane.figures();
  const schedulingProcessorSeconds = between.cpuSeconds - before.cpuSeconds;
  const processorSeconds = after.cpuSeconds - before.cpuSeconds;
  return { scheduledSeconds, schedulingProcessorSeconds, replacedSeconds, processorSeconds };
}

async function taint(client: Client, name: string, taints: readonly Taint[]): Promise<void> {
  await client.patch(Cluster, { name }, { type: "merge", patch: { spec: { taints } } });
}

async function createAll(client: Client, count: number): Promise<void> {
  await inTurns(count, creators, (index) =>
    client.create(Deployment, deployment(`app-${String(index).padStart(4, "0")}`, 1)),
  );
}

/** Resolves when it has held for so many bindings. */
async function reached(client: Client, count: number, holds: (binding: ResourceBinding) => boolean): Promise<void> {
  using ended = limited();
  const names = new Set<string>();
  await follow(client, ResourceBinding, ended.signal, (binding) => {
    if (holds(binding)) names.add(binding.metadata.name);
    return names.size === count;
  });
}

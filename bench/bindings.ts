// Bindings from a client over TLS to their clusters, in `karmada up` with the scheduler alone: what is left of the way of a
// template is measured by ./propagation.ts.
import { Cluster } from "#api/cluster/cluster.ts";
import { karmadaLabels } from "#api/karmada-constants.ts";
import { ResourceBinding } from "#api/work/binding.ts";
import type { ControlPlane } from "./control-plane.ts";

const namespace = "default";
const creators = 32;
const clusters = ["member1", "member2", "member3"] as const;
const waitMillisecondsMax = 120_000;

/** Flags of `karmada up` for this measurement: the clusters are made up. */
export const bindingFlags = ["--members", "0", "--components", "scheduler"] as const;

export interface Scheduled {
  /** From the first create to the last status that says so, as a watch shows it. */
  readonly perSecond: number;
  /** Processor time of the control plane for each: the create, both writes of the scheduler, all watches. */
  readonly cpuMilliseconds: number;
}

export async function scheduleBindings(plane: ControlPlane, count: number): Promise<Scheduled> {
  const client = await plane.client("karmada-apiserver");
  for (const name of clusters) {
    await client.create(Cluster, { metadata: { name }, spec: { syncMode: "Push" } });
    const apiEnablements = [{ groupVersion: "apps/v1", resources: [{ kind: "Deployment", name: "deployments" }] }];
    const patch = { status: { apiEnablements } };
    await client.patch(Cluster, { name }, { type: "merge", patch }, { subresource: "status" });
  }
  await schedule(plane, "warm-", Math.ceil(count / 10));
  const before = await plane.figures();
  const startedAt = performance.now();
  await schedule(plane, "bench-", count);
  const seconds = (performance.now() - startedAt) / 1_000;
  const after = await plane.figures();
  return { perSecond: count / seconds, cpuMilliseconds: ((after.cpuSeconds - before.cpuSeconds) * 1e3) / count };
}

/** Creates so many and resolves when all of them have been scheduled. */
async function schedule(plane: ControlPlane, prefix: string, count: number): Promise<void> {
  const client = await plane.client("karmada-apiserver");
  const watcher = await plane.client("karmada-apiserver");
  const names = Array.from({ length: count }, (_none, index) => `${prefix}${index}`);
  const left = new Set(names);
  const signal = AbortSignal.timeout(waitMillisecondsMax);
  const { resourceVersion } = (await client.list(ResourceBinding, { limit: 1, signal })).metadata;
  const all = (async (): Promise<void> => {
    for await (const event of watcher.watch(ResourceBinding, { namespace, resourceVersion, signal })) {
      if (event.type === "BOOKMARK" || event.type === "DELETED") continue;
      const { metadata, status } = event.object;
      if (status?.conditions?.some(({ reason }) => reason === "Success") === true) left.delete(metadata.name);
      if (left.size === 0) return;
    }
  })();
  const create = async (): Promise<void> => {
    for (let name = names.pop(); name !== undefined; name = names.pop()) {
      await client.create(ResourceBinding, {
        metadata: { namespace, name, labels: { [karmadaLabels.propagationPolicyId]: "bench" } },
        spec: { resource: { apiVersion: "apps/v1", kind: "Deployment", namespace, name }, replicas: 2, placement: {} },
      });
    }
  };
  await Promise.all(Array.from({ length: creators }, create));
  await all;
}

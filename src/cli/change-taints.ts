// Changes the taints of a cluster as it is now, whoever else writes to it meanwhile.
import { Cluster } from "#api/cluster/cluster.ts";
import type { Client } from "#client/client.ts";
import { isApiError } from "#machinery/api-error.ts";

type Taints = NonNullable<Cluster["spec"]["taints"]>;

/** How often another writer may get in between: every status of the cluster is one. */
const attemptsMax = 5;

export interface TaintChange {
  /** Undefined: they stay as they are. */
  readonly taints: Taints | undefined;
}

export interface ChangeTaintsOptions {
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
}

/** Gives what `decide` has made of the present taints; asks it anew where somebody was faster. It may throw to refuse. */
export async function changeClusterTaints<T extends TaintChange>(
  client: Pick<Client, "get" | "patch">,
  name: string,
  decide: (taints: Taints) => T,
  { dryRun, signal }: ChangeTaintsOptions,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const cluster = await client.get(Cluster, { name }, { signal });
    const change = decide(cluster.spec.taints ?? []);
    const { taints } = change;
    if (taints === undefined || dryRun) return change;
    try {
      // The version makes it fail where someone else changes the taints meanwhile, instead of dropping theirs.
      const { resourceVersion } = cluster.metadata;
      const patch = { metadata: { resourceVersion }, spec: { taints } };
      await client.patch(Cluster, { name }, { type: "merge", patch }, { signal });
      return change;
    } catch (error) {
      if (!isApiError(error, "Conflict") || attempt === attemptsMax) throw error;
    }
  }
}

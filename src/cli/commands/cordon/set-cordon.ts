// What cordon and uncordon share: read the cluster, change its taints, say so.
import { Cluster } from "#api/cluster/cluster.ts";
import { isApiError } from "#machinery/api-error.ts";
import type { Flags, Invocation } from "../../command.ts";
import { cordonTaints } from "./decide.ts";

/** How often another writer may get in between. */
const attemptsMax = 5;

/** Cordons the cluster that the arguments name, or lets it go, and prints which. */
export async function setCordon(
  { args: [name = ""], flags, io, signal, connect }: Invocation<Flags>,
  cordoned: boolean,
): Promise<number> {
  const { client } = await connect();
  const word = cordoned ? "cordoned" : "uncordoned";
  for (let attempt = 1; ; attempt++) {
    const cluster = await client.get(Cluster, { name }, { signal });
    const taints = cordonTaints(cluster.spec.taints ?? [], cordoned);
    if (taints === undefined) {
      io.out(`${name} cluster already ${word}\n`);
      return 0;
    }
    try {
      if (flags["dryRun"] !== true) {
        // The version makes it fail where someone else changes the taints meanwhile, instead of dropping theirs.
        const { resourceVersion } = cluster.metadata;
        const patch = { metadata: { resourceVersion }, spec: { taints } };
        await client.patch(Cluster, { name }, { type: "merge", patch }, { signal });
      }
      io.out(`${name} cluster ${word}\n`);
      return 0;
    } catch (error) {
      if (!isApiError(error, "Conflict") || attempt === attemptsMax) throw error;
    }
  }
}

// What cordon and uncordon share: read the cluster, change its taints, say so.
import { changeClusterTaints } from "../../change-taints.ts";
import type { Flags, Invocation } from "../../command.ts";
import { cordonTaints } from "./decide.ts";

/** Cordons the cluster that the arguments name, or lets it go, and prints which. */
export async function setCordon(
  { args: [name = ""], flags, io, signal, connect }: Invocation<Flags>,
  cordoned: boolean,
): Promise<number> {
  const { client } = await connect();
  const word = cordoned ? "cordoned" : "uncordoned";
  const { taints } = await changeClusterTaints(
    client,
    name,
    (present) => ({ taints: cordonTaints(present, cordoned) }),
    {
      dryRun: flags["dryRun"] === true,
      signal,
    },
  );
  io.out(taints === undefined ? `${name} cluster already ${word}\n` : `${name} cluster ${word}\n`);
  return 0;
}

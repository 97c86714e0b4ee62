// `taint`: what keeps workloads off clusters. Upstream: karmada pkg/karmadactl/taint/taint.go.
import { changeClusterTaints } from "../../change-taints.ts";
import { defineCommand, flag } from "../../command.ts";
import { changeTaints, parseTaintWords } from "./decide.ts";

export const taintCommand = defineCommand({
  name: "taint",
  group: "Cluster Management Commands",
  summary: "Update the taints on one or more clusters",
  examples: [
    "# Nothing without a toleration is scheduled to member1",
    "$0 taint clusters member1 dedicated=special-user:NoSchedule",
    "# Remove all taints with this key",
    "$0 taint clusters member1 dedicated-",
  ],
  args: [{ name: "WORD", doc: "clusters NAME… KEY=VALUE:EFFECT… KEY:EFFECT-… KEY-…", required: true, variadic: true }],
  flags: {
    overwrite: flag.boolean("Replace taints that have the same key and effect."),
    dryRun: flag.boolean("Check, but change nothing."),
  },
  async run({ args, flags, io, signal, connect }) {
    const change = parseTaintWords(args);
    const { client } = await connect();
    for (const name of change.names) {
      const { word } = await changeClusterTaints(
        client,
        name,
        (taints) => changeTaints(name, taints, change, flags.overwrite),
        { dryRun: flags.dryRun, signal },
      );
      io.out(`cluster/${name} ${word}\n`);
    }
    return 0;
  },
});

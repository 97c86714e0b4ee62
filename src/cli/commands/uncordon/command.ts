// `uncordon`: a member takes new workloads again. Upstream: karmada pkg/karmadactl/cordon/cordon.go.
import { defineCommand } from "../../command.ts";
import { cordonFlags } from "../cordon/command.ts";
import { setCordon } from "../cordon/set-cordon.ts";

export const uncordonCommand = defineCommand({
  name: "uncordon",
  group: "Cluster Management Commands",
  summary: "Mark cluster as schedulable",
  examples: ["# Mark member1 as schedulable", "$0 uncordon member1"],
  args: [{ name: "CLUSTER", doc: "The cluster's name.", required: true }],
  flags: cordonFlags,
  run: (invocation) => setCordon(invocation, false),
});

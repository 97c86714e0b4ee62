// `cordon`: no new workload is scheduled to a member. Upstream: karmada pkg/karmadactl/cordon/cordon.go.
import { defineCommand, flag } from "../../command.ts";
import { setCordon } from "./set-cordon.ts";

export const cordonFlags = {
  dryRun: flag.boolean("Run the command in dry-run mode, without making any server requests."),
} as const;

export const cordonCommand = defineCommand({
  name: "cordon",
  group: "Cluster Management Commands",
  summary: "Mark cluster as unschedulable",
  examples: ["# Mark member1 as unschedulable", "$0 cordon member1"],
  args: [{ name: "CLUSTER", doc: "The cluster's name.", required: true }],
  flags: cordonFlags,
  run: (invocation) => setCordon(invocation, true),
});

// `unjoin`: takes a Push member out. Upstream: karmada pkg/karmadactl/unjoin/unjoin.go.
import { clusterNamespaceDefault, unjoinCluster } from "#install/join.ts";
import { defineCommand, flag, type Invocation } from "../../command.ts";
import { parseDuration } from "../../duration.ts";

const flags = {
  clusterKubeconfig: flag.string("Path of the kubeconfig of the member. Without it nothing is taken away there.", "", {
    placeholder: "file",
  }),
  clusterContext: flag.string("Context of the member in it. Default: the cluster's name.", "", { placeholder: "name" }),
  clusterNamespace: flag.string("Namespace of the credentials, here and in the member.", clusterNamespaceDefault, {
    placeholder: "name",
  }),
  force: flag.boolean("When the cluster does not go in time, drop what holds it."),
  wait: flag.string("How long to wait for the cluster to go.", "1m0s", {
    placeholder: "duration",
    check: (value) =>
      parseDuration(value) === undefined ? `--wait takes a duration such as 60s, not "${value}"` : undefined,
  }),
  dryRun: flag.boolean("Only check that it could be taken out; change nothing."),
} as const;

export const unjoinCommand = defineCommand({
  name: "unjoin",
  group: "Cluster Registration Commands",
  summary: "Remove a cluster from Karmada control plane",
  examples: [
    "# Take member1 out, and take away what join has put into it",
    "$0 unjoin member1 --cluster-kubeconfig=member1.yaml",
    "# A member that is gone for good",
    "$0 unjoin member1 --force --wait=10s",
  ],
  args: [{ name: "CLUSTER", doc: "The cluster's name.", required: true }],
  flags,
  run: runUnjoin,
});

async function runUnjoin({
  args: [name = ""],
  flags: given,
  io,
  signal,
  ...ways
}: Invocation<typeof flags>): Promise<number> {
  const { client } = await ways.connect();
  const kubeconfig = given.clusterKubeconfig;
  const context = given.clusterContext === "" ? name : given.clusterContext;
  const member = kubeconfig === "" ? undefined : await ways.connectTo({ kubeconfig, context });
  io.err(`taking out cluster ${name}${given.dryRun ? " (dry run)" : ""}\n`);
  await unjoinCluster({
    controlPlane: client,
    member: member?.client,
    name,
    clusterNamespace: given.clusterNamespace,
    force: given.force,
    waitMilliseconds: parseDuration(given.wait) ?? 0,
    dryRun: given.dryRun,
    clock: io.clock,
    signal,
  });
  return 0;
}

// `join`: registers a member in Push mode. Upstream: karmada pkg/karmadactl/join/join.go.
import { clusterNamespaceDefault, joinCluster } from "#install/join.ts";
import { defined } from "#std/defined.ts";
import { defineCommand, flag, type Invocation } from "../../command.ts";

const flags = {
  clusterKubeconfig: flag.string("Path of the kubeconfig of the member. Default: KUBECONFIG.", "", {
    placeholder: "file",
  }),
  clusterContext: flag.string("Context of the member in it. Default: its current one.", "", { placeholder: "name" }),
  clusterNamespace: flag.string("Namespace for the credentials, here and in the member.", clusterNamespaceDefault, {
    placeholder: "name",
  }),
  clusterProvider: flag.string("Provider of the member.", "", { placeholder: "name" }),
  clusterRegion: flag.string("Region of the member.", "", { placeholder: "name" }),
  clusterZones: flag.list("Zones of the member.", { placeholder: "names" }),
  dryRun: flag.boolean("Only check that it could be joined; change nothing."),
} as const;

export const joinCommand = defineCommand({
  name: "join",
  group: "Cluster Registration Commands",
  summary: "Register a cluster to Karmada control plane with Push mode",
  examples: [
    "# Join the cluster of another kubeconfig as member1",
    "$0 join member1 --cluster-kubeconfig=member1.yaml",
    "# Join a context of it, with where it is",
    "$0 join member1 --cluster-kubeconfig=members.yaml --cluster-context=m1 --cluster-region=eu --cluster-zones=a,b",
  ],
  args: [{ name: "CLUSTER", doc: "The name that the cluster gets here.", required: true }],
  flags,
  run: runJoin,
});

async function runJoin({
  args: [name = ""],
  flags: given,
  io,
  signal,
  ...ways
}: Invocation<typeof flags>): Promise<number> {
  const { client } = await ways.connect();
  const member = await ways.connectTo({ kubeconfig: given.clusterKubeconfig, context: given.clusterContext });
  io.err(`joining cluster ${name} at ${member.server}${given.dryRun ? " (dry run)" : ""}\n`);
  await joinCluster({
    controlPlane: client,
    member: member.client,
    name,
    endpoint: member.server,
    caBundle: member.authority,
    insecureSkipTlsVerification: member.insecureSkipTlsVerify === true,
    clusterNamespace: given.clusterNamespace,
    ...defined({
      provider: given.clusterProvider === "" ? undefined : given.clusterProvider,
      region: given.clusterRegion === "" ? undefined : given.clusterRegion,
    }),
    zones: given.clusterZones,
    dryRun: given.dryRun,
    clock: io.clock,
    signal,
  });
  io.out(`cluster(${name}) is joined successfully\n`);
  return 0;
}

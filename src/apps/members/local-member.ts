// One local member: an embedded cluster with the controllers that stand for machines.
import type { KubeconfigEntry } from "#install/kubeconfig.ts";
import { localClusterControllers } from "#localcluster/all.ts";
import { containerHandlers } from "#localcluster/container/handlers.ts";
import { localClusterDefaults } from "#localcluster/settings.ts";
import type { RequestHandler } from "#machinery/http.ts";
import { type EmbeddedClusterOptions, startEmbeddedCluster } from "../embedded-cluster.ts";
import { publishProcessMetrics } from "../process-metrics.ts";
import { serverVersion } from "../version.ts";

/** What can be told of a member from one thread to another. */
export interface MemberFacts {
  readonly name: string;
  /** `https://127.0.0.1:port`. */
  readonly server: string;
  /** PEM of the authority behind the server's certificate. */
  readonly authority: string;
  readonly kubeconfig: KubeconfigEntry;
}

export interface LocalMember extends MemberFacts {
  readonly handle: RequestHandler;
  /** After the signal: waits until it has ended. */
  close(): Promise<void>;
}

export type LocalMemberOptions = Omit<EmbeddedClusterOptions, "admission" | "runsPods" | "version"> & {
  readonly podStartMilliseconds: number;
};

/** Starts a member in this thread; resolves when it answers requests. */
export async function startLocalMember({ podStartMilliseconds, ...options }: LocalMemberOptions): Promise<LocalMember> {
  const version = serverVersion("simulated");
  const containers = containerHandlers(options.clock);
  const cluster = await startEmbeddedCluster({
    ...options,
    ...{ admission: [], runsPods: true, version, containers },
  });
  const { name, server, authority, kubeconfig, handle } = cluster;
  publishProcessMetrics(cluster.metrics, options.clock);
  const settings = {
    ...localClusterDefaults,
    nodePrefix: name,
    podStartMilliseconds,
    version: version.gitVersion,
  };
  const client = cluster.clientFor("kube-controller-manager");
  cluster.run(client, cluster.sharedInformers(), localClusterControllers(settings));
  return { name, server, authority, kubeconfig, handle, close: () => cluster.close() };
}

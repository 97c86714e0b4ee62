// `karmada scheduler-estimator`: answers for one member how much fits on its nodes, over gRPC.
// Upstream: karmada cmd/scheduler-estimator/app/{scheduler-estimator.go,options/options.go}.
import { defineCommand, flag, UsageError } from "#cli/command.ts";
import { createInformerFactory } from "#client/informers.ts";
import { createEstimator } from "#scheduler/estimator/estimator.ts";
import type { ServerTls } from "#scheduler/estimator/grpc-server.ts";
import { untilAborted } from "#std/abort.ts";
import { connectionFlags, connectTo } from "./connect.ts";
import { estimatorPortDefault, portFlag, readPem } from "./estimator-flags.ts";
import { featureGatesFlag, parseGates } from "./feature-gates-flag.ts";
import { loggerOf, logLevelFlag } from "./logger.ts";
import { packageVersion } from "./version.ts";

/** With upstream's default. */
const gateDefaults = { ResourceQuotaEstimate: false };

export const estimatorCommand = defineCommand({
  name: "scheduler-estimator",
  group: "Components",
  summary: "Answer for one member cluster how much fits on its nodes",
  description:
    "Watches the nodes and pods of the cluster of a kubeconfig and answers schedulers and deschedulers over gRPC, as " +
    "Karmada's own estimators do. The scheduler asks it with --enable-scheduler-estimator.",
  examples: [
    "# For member1, in plain text on port 10352",
    "karmada scheduler-estimator --cluster-name member1 --kubeconfig member1.kubeconfig",
  ],
  flags: {
    kubeconfig: connectionFlags.kubeconfig,
    context: flag.string("Context of the kubeconfig to use. Default: its current one.", "", { placeholder: "name" }),
    clusterName: flag.string("Name of the member in the control plane.", "", { placeholder: "name" }),
    bindAddress: flag.string("Address to listen on.", "0.0.0.0", { placeholder: "address" }),
    serverPort: portFlag("server-port", "Port to listen on. 0: a free one.", estimatorPortDefault),
    grpcAuthCertFile: flag.string("PEM of the server's certificate. Given: TLS.", "", { placeholder: "file" }),
    grpcAuthKeyFile: flag.string("PEM of that certificate's key.", "", { placeholder: "file" }),
    grpcClientCaFile: flag.string("PEM of the authority behind the clients' certificates.", "", {
      placeholder: "file",
    }),
    insecureSkipGrpcClientVerify: flag.boolean("Serve TLS to clients without a certificate, too."),
    featureGates: featureGatesFlag,
    logLevel: logLevelFlag("info"),
  },
  async run({ flags, io, signal }) {
    const { clusterName, kubeconfig, context, bindAddress, serverPort } = flags;
    if (clusterName === "") throw new UsageError("--cluster-name is needed: the member's name in the control plane");
    const { ResourceQuotaEstimate: quotas = gateDefaults.ResourceQuotaEstimate } = parseGates(
      flags.featureGates,
      gateDefaults,
    );
    const [certificate, key, authority] = await Promise.all(
      [flags.grpcAuthCertFile, flags.grpcAuthKeyFile, flags.grpcClientCaFile].map((path) => readPem(path, io)),
    );
    const tls = tlsOf(certificate, key, flags.insecureSkipGrpcClientVerify ? undefined : authority);
    const { clock, random } = io;
    const userAgent = "karmada-scheduler-estimator";
    const { client, server } = await connectTo({ kubeconfig, context, namespace: "", userAgent }, io);
    const log = loggerOf(flags.logLevel);
    const informers = createInformerFactory({ client, clock, random, log, signal });
    const estimator = await createEstimator({ cluster: clusterName, informers, clock, quotas, signal });
    const { serveEstimator } = await import("#scheduler/estimator/grpc-server.ts");
    const address = `${bindAddress}:${String(serverPort)}`;
    const served = await serveEstimator(estimator, { address, ...(tls === undefined ? {} : { tls }) });
    const place = `${bindAddress}:${String(served.port)}`;
    io.out(`${userAgent} v${packageVersion()} answers for ${clusterName} (${server}) on ${place}\n`);
    await untilAborted(signal);
    served.close();
    await client.close();
    return 0;
  },
});

function tlsOf(
  certificate: string | undefined,
  key: string | undefined,
  clientAuthority: string | undefined,
): ServerTls | undefined {
  if (certificate === undefined && key === undefined) return undefined;
  if (certificate === undefined || key === undefined) {
    throw new UsageError("--grpc-auth-cert-file and --grpc-auth-key-file are given together");
  }
  return { certificate, key, ...(clientAuthority === undefined ? {} : { clientAuthority }) };
}

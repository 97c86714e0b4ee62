// Flags about members' own estimators, for the scheduler and the descheduler, with upstream's names.
// Upstream: karmada cmd/scheduler/app/options/options.go, cmd/descheduler/app/options/options.go.
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { type CommandIo, flag, UsageError } from "#cli/command.ts";
import { parseDuration } from "#cli/duration.ts";
import type { Client } from "#client/client.ts";
import type { DeschedulerOptions } from "#scheduler/descheduler/controller.ts";
import type { Estimators } from "#scheduler/estimator/estimator-client.ts";
import type { ClientTls } from "#scheduler/estimator/grpc-client.ts";

export const estimatorPortDefault = 10_352;
const portMax = 65_535;

export function portFlag(name: string, doc: string, value: number) {
  return flag.number(doc, value, {
    placeholder: "port",
    check: (port) =>
      Number.isInteger(port) && port >= 0 && port <= portMax
        ? undefined
        : `--${name} takes a port from 0 to ${String(portMax)}, not ${String(port)}`,
  });
}

/** `example`: what a refusal names as one. */
export function durationFlag(name: string, doc: string, value: string, example = "3s") {
  return flag.string(doc, value, {
    placeholder: "duration",
    check: (text) =>
      (parseDuration(text) ?? 0) > 0
        ? undefined
        : `--${name} takes a duration above 0 such as ${example}, not "${text}"`,
  });
}

export const estimatorFlags = {
  schedulerEstimatorTimeout: durationFlag(
    "scheduler-estimator-timeout",
    "How long to wait for the estimators of all clusters of one binding.",
    "3s",
  ),
  schedulerEstimatorServiceNamespace: flag.string("Namespace of the estimators' Services.", "karmada-system", {
    placeholder: "name",
  }),
  schedulerEstimatorServicePrefix: flag.string(
    "What the names of the estimators' Services begin with, before the cluster's name.",
    "karmada-scheduler-estimator",
    { placeholder: "prefix" },
  ),
  schedulerEstimatorPort: portFlag("scheduler-estimator-port", "Port of the estimators.", estimatorPortDefault),
  schedulerEstimatorCaFile: fileFlag("PEM of the authority behind the estimators' certificates. Given: TLS."),
  schedulerEstimatorCertFile: fileFlag("PEM of the certificate to show to estimators. Given: TLS."),
  schedulerEstimatorKeyFile: fileFlag("PEM of that certificate's key."),
  insecureSkipEstimatorVerify: flag.boolean("Speak TLS without checking the estimators' certificates."),
} as const;

export const deschedulerFlags = {
  deschedulingInterval: durationFlag(
    "descheduling-interval",
    "How often the descheduler looks for replicas that find no node.",
    "2m",
  ),
  unschedulableThreshold: durationFlag(
    "unschedulable-threshold",
    "For how long a replica must have found no node to be taken back.",
    "5m",
  ),
} as const;

/** What the descheduler takes, of what the user gave. */
export function deschedulerOptions(flags: {
  readonly deschedulingInterval: string;
  readonly unschedulableThreshold: string;
}): Pick<DeschedulerOptions, "intervalMilliseconds" | "thresholdMilliseconds"> {
  return {
    intervalMilliseconds: parseDuration(flags.deschedulingInterval) ?? 0,
    thresholdMilliseconds: parseDuration(flags.unschedulableThreshold) ?? 0,
  };
}

function fileFlag(doc: string) {
  return flag.string(doc, "", { placeholder: "file" });
}

export interface EstimatorFlagValues {
  readonly schedulerEstimatorTimeout: string;
  readonly schedulerEstimatorServiceNamespace: string;
  readonly schedulerEstimatorServicePrefix: string;
  readonly schedulerEstimatorPort: number;
  readonly schedulerEstimatorCaFile: string;
  readonly schedulerEstimatorCertFile: string;
  readonly schedulerEstimatorKeyFile: string;
  readonly insecureSkipEstimatorVerify: boolean;
}

export function timeoutOf({ schedulerEstimatorTimeout }: EstimatorFlagValues): number {
  return parseDuration(schedulerEstimatorTimeout) ?? 0;
}

/** Estimators over gRPC, as the flags say. The library is loaded only where it is wanted. */
export async function estimatorsOf(
  flags: EstimatorFlagValues,
  client: Client,
  io: CommandIo,
  signal: AbortSignal,
): Promise<Estimators> {
  const tls = await tlsOf(flags, io);
  const { grpcEstimators } = await import("#scheduler/estimator/grpc-client.ts");
  return grpcEstimators({
    client,
    namespace: flags.schedulerEstimatorServiceNamespace,
    prefix: flags.schedulerEstimatorServicePrefix,
    port: flags.schedulerEstimatorPort,
    ...(tls === undefined ? {} : { tls }),
    signal,
  });
}

async function tlsOf(flags: EstimatorFlagValues, io: CommandIo): Promise<ClientTls | undefined> {
  const { schedulerEstimatorCaFile: ca, schedulerEstimatorCertFile: cert, schedulerEstimatorKeyFile: key } = flags;
  if ((cert === "") !== (key === "")) {
    throw new UsageError("--scheduler-estimator-cert-file and --scheduler-estimator-key-file are given together");
  }
  if (ca === "" && cert === "" && !flags.insecureSkipEstimatorVerify) return undefined;
  const [authority, certificate, keyText] = await Promise.all([ca, cert, key].map((path) => readPem(path, io)));
  return {
    ...(authority === undefined || flags.insecureSkipEstimatorVerify ? {} : { authority }),
    ...(certificate === undefined ? {} : { certificate }),
    ...(keyText === undefined ? {} : { key: keyText }),
    checksServer: !flags.insecureSkipEstimatorVerify,
  };
}

/** Undefined without a path. UsageError where it cannot be read. */
export async function readPem(path: string, io: CommandIo): Promise<string | undefined> {
  if (path === "") return undefined;
  try {
    return await readFile(resolve(io.cwd, path), "utf8");
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

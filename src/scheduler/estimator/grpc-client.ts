// Estimators that run as processes of their own, one for each member, over gRPC. Where they listen is told by a Service in
// the control plane, as upstream; without one, by their names in the host cluster.
// Upstream: karmada pkg/estimator/client/{cache,accurate,service}.go, pkg/util/grpcconnection.
import {
  type ChannelCredentials,
  Client as GrpcClient,
  credentials,
  Metadata,
  type ServiceError,
  status,
} from "@grpc/grpc-js";
import { Service } from "#api/kinds.ts";
import type { Client } from "#client/client.ts";
import { errorText } from "#machinery/api-error.ts";
import { abortable, abortReason } from "#std/abort.ts";
import { type EstimatorClient, EstimatorError, type Estimators } from "./estimator-client.ts";
import {
  decodeNumber,
  type EstimatorMethod,
  getUnschedulableReplicas,
  maxAvailableComponentSets,
  maxAvailableReplicas,
} from "./messages.ts";

export interface ClientTls {
  /** PEM of the servers' authority; absent: those that the machine trusts. */
  readonly authority?: string;
  readonly checksServer: boolean;
  /** PEM. */
  readonly certificate?: string;
  readonly key?: string;
}

export interface GrpcEstimatorsOptions {
  /** Of the control plane, for Services. */
  readonly client: Client;
  /** `--scheduler-estimator-service-namespace` */
  readonly namespace: string;
  /** `--scheduler-estimator-service-prefix` */
  readonly prefix: string;
  /** `--scheduler-estimator-port` */
  readonly port: number;
  /** Absent: plain text. */
  readonly tls?: ClientTls;
  /** Ends all connections. */
  readonly signal: AbortSignal;
}

/** By what domain the host cluster may know its Services: tried in turn. */
const hostDomains = ["svc.cluster.local", "svc"] as const;

/** Connects to each cluster's estimator when it is first asked. */
export function grpcEstimators(options: GrpcEstimatorsOptions): Estimators {
  const clients = new Map<string, EstimatorClient>();
  return {
    of(cluster) {
      const known = clients.get(cluster);
      if (known !== undefined) return known;
      const made = new GrpcEstimator(cluster, options).client;
      clients.set(cluster, made);
      return made;
    },
  };
}

class GrpcEstimator {
  readonly #cluster: string;
  readonly #options: GrpcEstimatorsOptions;
  #channel: Promise<GrpcClient> | undefined;
  #failures = 0;

  constructor(cluster: string, options: GrpcEstimatorsOptions) {
    this.#cluster = cluster;
    this.#options = options;
  }

  readonly client: EstimatorClient = {
    maxAvailableReplicas: (request, signal) => this.#ask(maxAvailableReplicas, request, signal),
    maxAvailableComponentSets: (request, signal) => this.#ask(maxAvailableComponentSets, request, signal),
    unschedulableReplicas: (request, signal) => this.#ask(getUnschedulableReplicas, request, signal),
  };

  async #ask<Request>(method: EstimatorMethod<Request>, request: Request, signal: AbortSignal): Promise<number> {
    this.#channel ??= this.#connect();
    const channel = await abortable(this.#channel, signal);
    try {
      return await call(channel, method, request, signal);
    } catch (error) {
      // The Service may point elsewhere by now.
      if (isUnavailable(error)) this.#disconnect(channel);
      throw signal.aborted ? abortReason(signal) : new EstimatorError(textOf(error), { cause: error });
    }
  }

  async #connect(): Promise<GrpcClient> {
    const { tls, signal } = this.#options;
    try {
      const channel = new GrpcClient(await this.#address(), credentialsOf(tls));
      signal.addEventListener("abort", () => {
        channel.close();
      });
      return channel;
    } catch (error) {
      this.#channel = undefined;
      throw error;
    }
  }

  #disconnect(channel: GrpcClient): void {
    this.#channel = undefined;
    this.#failures++;
    channel.close();
  }

  async #address(): Promise<string> {
    const { client, namespace, port, prefix, signal } = this.#options;
    const name = `${prefix}-${this.#cluster}`;
    const service = await client.find(Service, { namespace, name }, { signal });
    if (service === undefined) {
      const domain = hostDomains[this.#failures % hostDomains.length] ?? "svc";
      return `dns:///${name}.${namespace}.${domain}:${String(port)}`;
    }
    const { type = "", externalName = "", ports = [] } = service.spec;
    if (type === "ExternalName" && externalName !== "") {
      const target = ports.find((each) => each.port === port) ?? ports[0];
      return `dns:///${externalName}:${String(target?.targetPort ?? target?.port ?? port)}`;
    }
    throw new EstimatorError(
      `the Service ${namespace}/${name} is of type ${type === "" ? "ClusterIP" : type}; only ExternalName is understood`,
    );
  }
}

function credentialsOf(tls: ClientTls | undefined): ChannelCredentials {
  if (tls === undefined) return credentials.createInsecure();
  const bytes = (text: string | undefined): Buffer | null => (text === undefined ? null : Buffer.from(text));
  const { authority, key, certificate, checksServer } = tls;
  return credentials.createSsl(bytes(authority), bytes(key), bytes(certificate), { rejectUnauthorized: checksServer });
}

function call<Request>(
  channel: GrpcClient,
  method: EstimatorMethod<Request>,
  request: Request,
  signal: AbortSignal,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const under = channel.makeUnaryRequest(
      method.path,
      (each: Request) => method.encode(each),
      decodeNumber,
      request,
      new Metadata(),
      (error, value) => {
        signal.removeEventListener("abort", cancel);
        if (error !== null) reject(error);
        else if (value === undefined) reject(new EstimatorError("the estimator gave no answer"));
        else resolve(value);
      },
    );
    const cancel = (): void => {
      under.cancel();
    };
    if (signal.aborted) cancel();
    else signal.addEventListener("abort", cancel, { once: true });
  });
}

function isUnavailable(error: unknown): boolean {
  return isServiceError(error) && error.code === status.UNAVAILABLE;
}

function textOf(error: unknown): string {
  return isServiceError(error) ? error.details : errorText(error);
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && "details" in error && "code" in error;
}

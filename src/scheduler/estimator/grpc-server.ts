// An estimator over gRPC, as upstream's scheduler and descheduler ask it.
// Upstream: karmada pkg/estimator/server/server.go.
import { Server, ServerCredentials, type sendUnaryData, type ServerUnaryCall, status } from "@grpc/grpc-js";
import { errorText } from "#machinery/api-error.ts";
import type { Estimator } from "./estimator.ts";
import {
  decodeNumber,
  encodeNumber,
  type EstimatorMethod,
  getUnschedulableReplicas,
  maxAvailableComponentSets,
  maxAvailableReplicas,
} from "./messages.ts";

export interface ServerTls {
  /** PEM. */
  readonly certificate: string;
  readonly key: string;
  /** PEM of the authority that clients must have a certificate of; absent: any client may ask. */
  readonly clientAuthority?: string;
}

export interface ServeOptions {
  /** `host:port`; port 0 is any free one. */
  readonly address: string;
  /** Absent: plain text. */
  readonly tls?: ServerTls;
}

/** Serves until closed. The port that it listens on. */
export async function serveEstimator(
  estimator: Estimator,
  { address, tls }: ServeOptions,
): Promise<{ readonly port: number; close(): void }> {
  const server = new Server();
  server.addService(
    {
      MaxAvailableReplicas: definitionOf(maxAvailableReplicas),
      MaxAvailableComponentSets: definitionOf(maxAvailableComponentSets),
      GetUnschedulableReplicas: definitionOf(getUnschedulableReplicas),
    },
    {
      MaxAvailableReplicas: handlerOf(maxAvailableReplicas, (request) => estimator.maxAvailableReplicas(request)),
      MaxAvailableComponentSets: handlerOf(maxAvailableComponentSets, (request) =>
        estimator.maxAvailableComponentSets(request),
      ),
      GetUnschedulableReplicas: handlerOf(getUnschedulableReplicas, (request) =>
        estimator.unschedulableReplicas(request),
      ),
    },
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(address, credentialsOf(tls), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  return {
    port,
    close() {
      server.forceShutdown();
    },
  };
}

function credentialsOf(tls: ServerTls | undefined): ServerCredentials {
  if (tls === undefined) return ServerCredentials.createInsecure();
  const { certificate, key, clientAuthority } = tls;
  const pair = { cert_chain: Buffer.from(certificate), private_key: Buffer.from(key) };
  const authority = clientAuthority === undefined ? null : Buffer.from(clientAuthority);
  return ServerCredentials.createSsl(authority, [pair], authority !== null);
}

/** Bytes pass through the library as they are: what cannot be read is the handler's to tell. */
function definitionOf({ path }: Pick<EstimatorMethod<never>, "path">) {
  const same = (bytes: Buffer): Buffer => bytes;
  return {
    path,
    requestStream: false,
    responseStream: false,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: encodeNumber,
    responseDeserialize: decodeNumber,
  };
}

function handlerOf<Request>(method: EstimatorMethod<Request>, answer: (request: Request) => number) {
  return (call: ServerUnaryCall<Buffer, number>, reply: sendUnaryData<number>): void => {
    try {
      reply(null, answer(method.decode(call.request)));
    } catch (error) {
      reply({ code: status.INVALID_ARGUMENT, details: errorText(error) });
    }
  };
}

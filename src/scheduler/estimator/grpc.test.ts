// The service over real connections: in plain text, by mutual TLS, and where it does not answer.
import assert from "node:assert/strict";
import { createServer, type Socket } from "node:net";
import { after, test } from "node:test";
import type { Service } from "#api/kinds.ts";
import type { Client } from "#client/client.ts";
import { createAuthority, issueClientCertificate, issueServerCertificate } from "#install/certificates.ts";
import { deadlineSignal } from "#std/abort.ts";
import { systemRandom } from "#std/random.ts";
import { systemClock as clock } from "#std/time.ts";
import type { Estimator } from "./estimator.ts";
import { EstimatorError } from "./estimator-client.ts";
import { type ClientTls, grpcEstimators } from "./grpc-client.ts";
import { serveEstimator, type ServeOptions } from "./grpc-server.ts";

const random = systemRandom();
const end = new AbortController();
after(() => {
  end.abort(new Error("the tests are over"));
});
const { signal } = end;
const request = { cluster: "m1", replicaRequirements: { resourceRequest: { cpu: "1" } }, assumedWorkloads: [] };

const answering: Estimator = {
  maxAvailableReplicas: ({ replicaRequirements }) => Number(replicaRequirements.resourceRequest?.["cpu"]) * 7,
  maxAvailableComponentSets: ({ components }) => components.length,
  unschedulableReplicas: ({ cluster }) => {
    throw new Error(`cluster name does not match, got: ${cluster}, desire: other`);
  },
};

/** A control plane in which the estimator's Service leads to a port here. */
function clientFor(port: number, type = "ExternalName"): Client {
  const service: Service = {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "estimator-m1", namespace: "karmada-system" },
    spec: { type, externalName: "127.0.0.1", ports: [{ port: 10352, targetPort: port }] },
  };
  const partial: Partial<Client> = { find: () => Promise.resolve(service as never) };
  return partial as Client;
}

async function connect(port: number, tls?: ClientTls, type?: string) {
  const options = {
    client: clientFor(port, type),
    namespace: "karmada-system",
    prefix: "estimator",
    port: 10352,
    signal,
  };
  const estimator = grpcEstimators({ ...options, ...(tls === undefined ? {} : { tls }) }).of("m1");
  assert.ok(estimator !== undefined);
  return Promise.resolve(estimator);
}

async function serve(tls?: ServeOptions["tls"]): Promise<number> {
  const served = await serveEstimator(answering, { address: "127.0.0.1:0", ...(tls === undefined ? {} : { tls }) });
  after(() => {
    served.close();
  });
  return served.port;
}

test("estimator over gRPC: answers, and errors in the estimator's words", async () => {
  const estimator = await connect(await serve());
  assert.equal(await estimator.maxAvailableReplicas(request, signal), 7);
  const components = [{ name: "a", replicas: 1 }];
  const sets = { cluster: "m1", namespace: "ns", components, assumedWorkloads: [] };
  assert.equal(await estimator.maxAvailableComponentSets(sets, signal), 1);
  const resource = { apiVersion: "apps/v1", kind: "Deployment", namespace: "ns", name: "a" };
  await assert.rejects(
    estimator.unschedulableReplicas({ cluster: "m1", resource, thresholdMilliseconds: 1 }, signal),
    (error) =>
      error instanceof EstimatorError && error.message === "cluster name does not match, got: m1, desire: other",
  );
});

test("estimator over gRPC: mutual TLS; who has no certificate is not served", async () => {
  const authority = await createAuthority({ commonName: "ca", clock, random });
  const hosts = ["127.0.0.1"];
  const server = await issueServerCertificate(authority, { commonName: "server", hosts, clock, random });
  const user = await issueClientCertificate(authority, { commonName: "scheduler", clock, random });
  const port = await serve({
    certificate: server.certificate,
    key: server.privateKey,
    clientAuthority: authority.certificate,
  });
  const known = {
    checksServer: true,
    authority: authority.certificate,
    certificate: user.certificate,
    key: user.privateKey,
  };
  assert.equal(await (await connect(port, known)).maxAvailableReplicas(request, signal), 7);
  const stranger = await connect(port, { checksServer: true, authority: authority.certificate });
  await assert.rejects(stranger.maxAvailableReplicas(request, signal), EstimatorError);
  const other = await createAuthority({ commonName: "other", clock, random });
  const deceived = await connect(port, { ...known, authority: other.certificate });
  await assert.rejects(deceived.maxAvailableReplicas(request, signal), EstimatorError);
  const careless = await connect(port, { ...known, authority: other.certificate, checksServer: false });
  assert.equal(await careless.maxAvailableReplicas(request, signal), 7);
});

test("estimator over gRPC: nobody there, a Service of another type, and no answer in time", async () => {
  const port = await serve();
  const wrong = await connect(port, undefined, "ClusterIP");
  await assert.rejects(wrong.maxAvailableReplicas(request, signal), /only ExternalName is understood/);
  const nobody = await connect(9); // the discard port: nothing listens there
  await assert.rejects(nobody.maxAvailableReplicas(request, signal), EstimatorError);
  const sockets: Socket[] = [];
  const silent = createServer((socket) => sockets.push(socket.on("error", () => undefined)));
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const address = silent.address();
  assert.ok(typeof address === "object" && address !== null);
  const late = await connect(address.port);
  using limit = deadlineSignal(clock, 50, signal);
  await assert.rejects(late.maxAvailableReplicas(request, limit), (error) => !(error instanceof EstimatorError));
  for (const socket of sockets) socket.destroy();
  silent.close();
});

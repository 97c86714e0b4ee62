// A control plane for tests of programs: the real API server over memory with Karmada's kinds and admission, in this
// process, without a socket. Upstream's counterpart: controller-runtime pkg/envtest.
import { generateKeyPair } from "node:crypto";
import { promisify } from "node:util";
import { karmadaAdmission } from "#api/admission/karmada-admission.ts";
import { kubernetesVersion } from "#apiserver/kubernetes-version.ts";
import { type RunningApiServer, startApiServer } from "#apiserver/start-api-server.ts";
import type { Client } from "#client/client.ts";
import { inProcessTransport } from "#client/in-process-transport.ts";
import type { InformerFactory } from "#client/informer.ts";
import { createInformerFactory } from "#client/informers.ts";
import { createClient } from "#client/rest-client.ts";
import { installKinds } from "#install/kinds.ts";
import type { RequestHandler, UserInfo } from "#machinery/http.ts";
import type { Controller } from "#runtime/controller.ts";
import { type Manager, startManager } from "#runtime/manager.ts";
import { type Logger, silentLogger } from "#std/logger.ts";
import { type Random, systemRandom } from "#std/random.ts";
import { type Clock, keepAlive, systemClock } from "#std/time.ts";
import { memoryStorage } from "#storage/memory/memory-storage.ts";
import type { Storage } from "#storage/storage.ts";

export interface TestClusterOptions {
  /** Run in the cluster until it is closed, as an administrator. Absent: none runs, Karmada's and Kubernetes' included. */
  readonly controllers?: readonly Controller[];
  readonly clock?: Clock;
  readonly random?: Random;
  /** Absent: nothing is logged. */
  readonly log?: Logger;
}

export interface TestCluster {
  /** With an administrator's rights. */
  readonly client: Client;
  /** Through that client; ended by `close`. */
  readonly informers: InformerFactory;
  /** The API server itself: `inProcessTransport(handle, user)` reaches it as somebody else. */
  readonly handle: RequestHandler;
  /** Ends controllers, informers, watches and the server. The second call changes nothing. */
  close(): Promise<void>;
}

const administrator: UserInfo = { name: "kubernetes-admin", groups: ["system:masters"] };
/** Told to clients, reached by nobody. */
const address = { host: "10.0.0.1", port: 6443 } as const;
const version = kubernetesVersion("test");

/**
 * Resolves when the cluster answers and the controllers, if any, have read what they need. Like a listening server, it
 * keeps the process alive until it is closed.
 */
export async function startTestCluster(options: TestClusterOptions = {}): Promise<TestCluster> {
  const { controllers = [], clock = systemClock, random = systemRandom(), log = silentLogger } = options;
  const end = new AbortController();
  const { signal } = end;
  const letGo = keepAlive();
  const opened: Opened = { storage: memoryStorage({ clock }), clients: [] };
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    end.abort(new Error("the test cluster is closed"));
    closing ??= closeAll(opened).finally(letGo);
    return closing;
  };
  try {
    const server = await startServer(opened.storage, { clock, random, log, signal });
    opened.server = server;
    const client = createClient(inProcessTransport(server.handle, administrator), { userAgent: "test" });
    opened.clients.push(server.client, client);
    await installKinds(client, { clock, signal });
    const informers = createInformerFactory({ client, clock, random, log, signal });
    if (controllers.length > 0) {
      opened.manager = startManager({ client, informers, controllers, clock, random, log, signal });
      await opened.manager.synced;
    }
    return { client, informers, handle: server.handle, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What is there to be closed, as far as the start has come. */
interface Opened {
  readonly storage: Storage;
  readonly clients: Client[];
  server?: RunningApiServer;
  manager?: Manager;
}

async function closeAll({ manager, clients, server, storage }: Opened): Promise<void> {
  await manager?.stopped;
  await Promise.all(clients.map((client) => client.close()));
  await server?.close();
  await storage.close();
}

interface Surroundings {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

async function startServer(storage: Storage, surroundings: Surroundings): Promise<RunningApiServer> {
  const { privateKey } = await promisify(generateKeyPair)("ec", { namedCurve: "P-256" });
  const signingKey = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  return startApiServer({
    ...surroundings,
    storage,
    admission: karmadaAdmission(surroundings),
    signingKeys: [signingKey],
    version,
    address,
  });
}

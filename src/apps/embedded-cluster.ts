// One embedded cluster: an API server over its own store, on its own port with its own certificates, with the controllers
// that every cluster has. `up` runs one as the control plane and one per local member.
import { startApiServer, type StartApiServerOptions } from "#apiserver/start-api-server.ts";
import { listen } from "#apiserver/listener/listener.ts";
import type { VersionInfo } from "#apiserver/options.ts";
import type { Client } from "#client/client.ts";
import { inProcessTransport } from "#client/in-process-transport.ts";
import type { InformerFactory } from "#client/informer.ts";
import { createInformerFactory, shareInformers } from "#client/informers.ts";
import { createClient } from "#client/rest-client.ts";
import {
  createAuthority,
  issueClientCertificate,
  issueServerCertificate,
  type KeyPair,
} from "#install/certificates.ts";
import type { DataDirectory } from "#install/data-directory.ts";
import { keepKeyPair } from "#install/key-pair-files.ts";
import type { KubeconfigEntry } from "#install/kubeconfig.ts";
import { keepSigningKey } from "#install/signing-key.ts";
import { kubeControllers } from "#kubecontrollers/all.ts";
import type { AdmissionPlugin } from "#machinery/admission.ts";
import type { RequestHandler, UserInfo } from "#machinery/http.ts";
import type { Controller } from "#runtime/controller.ts";
import { type Manager, startManager } from "#runtime/manager.ts";
import type { Precedence } from "#runtime/precedence.ts";
import { defined } from "#std/defined.ts";
import { ensurePrivateDirectory } from "#std/files.ts";
import type { Logger } from "#std/logger.ts";
import type { MetricRegistry } from "#std/metrics.ts";
import type { Random } from "#std/random.ts";
import type { Clock } from "#std/time.ts";
import type { DatabaseThread } from "#storage/sqlite/database-thread.ts";
import { sqliteStorage } from "#storage/sqlite/sqlite-storage.ts";

/** The name of the cluster that is the control plane, and of its context in the kubeconfig. */
export const controlPlaneContext = "karmada-apiserver";

export interface EmbeddedClusterOptions {
  readonly name: string;
  readonly directory: Pick<DataDirectory, "file">;
  /** For its store; shared with other clusters of the process. Absent: one of its own. */
  readonly databaseThread?: DatabaseThread;
  readonly port: number;
  /** What answers for the containers of pods; absent: nobody. */
  readonly containers?: StartApiServerOptions["containers"];
  readonly admission: readonly AdmissionPlugin[];
  /** Pods run here, and get a service account and its token. Absent: they are templates. */
  readonly runsPods?: boolean;
  readonly version: VersionInfo;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** Shared by all that run on the same processors. Absent: of each manager's own. */
  readonly precedence?: Precedence;
}

export interface EmbeddedCluster {
  readonly name: string;
  /** `https://127.0.0.1:port`. */
  readonly server: string;
  /** PEM of the authority behind the server's certificate. */
  readonly authority: string;
  /** For the kubeconfig: an administrator's client certificate. */
  readonly kubeconfig: KubeconfigEntry;
  readonly handle: RequestHandler;
  /** What its `/metrics` shows. */
  readonly metrics: MetricRegistry;
  /** A client of this process as `user` with full rights, named in logs and field managers. */
  clientFor(user: string): Client;
  informersFor(client: Client): InformerFactory;
  /** One user's view of the informers that the cluster's own controllers read, too: one copy of what they hold. */
  sharedInformers(): InformerFactory;
  /** Runs controllers beside the cluster's own. */
  run(client: Client, informers: InformerFactory, controllers: readonly Controller[]): Manager;
  /** After the signal: waits for controllers and requests, then closes the store. */
  close(): Promise<void>;
}

const host = "127.0.0.1";
const hosts = [host, "localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc", "10.96.0.1"] as const;
const groupMasters = "system:masters";

/** Starts the cluster; resolves when it answers requests and its own controllers have read what they need. */
export async function startEmbeddedCluster(options: EmbeddedClusterOptions): Promise<EmbeddedCluster> {
  const { name, directory, port, clock, random, log, signal, precedence } = options;
  const folder = directory.file("clusters", name);
  await ensurePrivateDirectory(directory.file("clusters", name, "pki"));
  const [keys, storage] = await Promise.all([
    loadKeys(options, directory.file("clusters", name, "pki")),
    sqliteStorage({ path: `${folder}/store.db`, thread: options.databaseThread, clock, log }),
  ]);
  const server = await startApiServer({
    storage,
    admission: options.admission,
    clock,
    random,
    log,
    version: options.version,
    signingKeys: [keys.signingKey],
    address: { host, port },
    clientAuthority: keys.authority.certificate,
    advertiseAddress: `${host}:${port}`,
    signal,
    ...defined({ containers: options.containers, runsPods: options.runsPods }),
  });
  const tls = { cert: keys.server.certificate, key: keys.server.privateKey, clientCa: keys.authority.certificate };
  const { handle: handler, onUpgrade } = server;
  const listener = await listen({ handler, onUpgrade, tls, host, port, clock, log });
  const managers: Manager[] = [];
  const run: EmbeddedCluster["run"] = (client, informers, controllers) => {
    const what = { client, informers, controllers, clock, random, log, signal };
    const manager = startManager({ ...what, ...defined({ precedence }) });
    managers.push(manager);
    return manager;
  };
  const sharedInformers = shareInformers(server.informers);
  const own = run(server.client, sharedInformers(), kubeControllers({ authority: keys.authority }));
  await own.synced;
  return {
    name,
    server: `https://${host}:${port}`,
    authority: keys.authority.certificate,
    kubeconfig: {
      context: name,
      server: `https://${host}:${port}`,
      authority: keys.authority.certificate,
      user: "admin",
      credentials: keys.admin,
    },
    handle: server.handle,
    metrics: server.metrics,
    clientFor: (user) => ownClient(server.handle, user),
    informersFor: (client) => createInformerFactory({ client, clock, random, log, signal }),
    sharedInformers,
    run,
    async close() {
      await Promise.all(managers.map((manager) => manager.stopped));
      await listener.close();
      await server.close();
      await storage.close();
    },
  };
}

/** A client of this process as `name` with full rights, named in logs and field managers. */
export function ownClient(handle: RequestHandler, name: string): Client {
  const user: UserInfo = { name: `system:${name}`, groups: [groupMasters] };
  return createClient(inProcessTransport(handle, user), { userAgent: name });
}

interface Keys {
  readonly authority: KeyPair;
  readonly server: KeyPair;
  readonly admin: KeyPair;
  /** PEM; signs service account tokens. */
  readonly signingKey: string;
}

/** What is there is used again; what is missing, damaged or near its end is made anew. */
async function loadKeys({ name, clock, random }: EmbeddedClusterOptions, pki: string): Promise<Keys> {
  const now = clock.now();
  const authority = await keepKeyPair({
    directory: pki,
    name: "ca",
    now,
    issue: () => createAuthority({ commonName: `${name}-ca`, clock, random }),
  });
  const [server, admin, signingKey] = await Promise.all([
    keepKeyPair({
      directory: pki,
      name: "apiserver",
      now,
      issuer: authority,
      hosts,
      issue: () => issueServerCertificate(authority, { commonName: "kube-apiserver", hosts, clock, random }),
    }),
    keepKeyPair({
      directory: pki,
      name: "admin",
      now,
      issuer: authority,
      issue: () =>
        issueClientCertificate(authority, {
          commonName: "kubernetes-admin",
          organizations: [groupMasters],
          clock,
          random,
        }),
    }),
    keepSigningKey(`${pki}/sa.key`),
  ]);
  return { authority, server, admin, signingKey };
}

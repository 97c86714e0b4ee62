// An API server on a TLS port, for tests: an authority of its own, certificates for users, memory storage.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { listen, type Listener, type ListenOptions } from "#apiserver/listener/listener.ts";
import type { ApiServer, ApiServerOptions } from "#apiserver/options.ts";
import { testServer } from "#apiserver/testing.ts";
import { builtinResources } from "#api/builtin/index.ts";
import {
  createAuthority,
  issueClientCertificate,
  issueServerCertificate,
  type KeyPair,
} from "#install/certificates.ts";
import { silentLogger } from "#std/logger.ts";
import { systemRandom } from "#std/random.ts";
import { systemClock } from "#std/time.ts";

const issuing = { clock: systemClock, random: systemRandom() };

export interface ListeningServer {
  readonly server: ApiServer;
  readonly listener: Listener;
  readonly authority: KeyPair;
  /** Of the user `admin` of `system:masters`. */
  readonly admin: KeyPair;
  /** A kubeconfig of that user in a folder that goes with the server. */
  readonly kubeconfig: string;
  dispose(): Promise<void>;
}

/** Starts one. Everybody who is known may do everything. */
export async function listeningServer(
  overrides: Partial<ApiServerOptions> = {},
  listening: Partial<ListenOptions> = {},
): Promise<ListeningServer> {
  const authority = await createAuthority({ ...issuing, commonName: "test" });
  const tls = await issueServerCertificate(authority, { ...issuing, commonName: "server", hosts: ["127.0.0.1"] });
  const admin = await clientCertificate(authority, "admin", ["system:masters"]);
  const server = await testServer({ resources: builtinResources, ...overrides });
  const listener = await listen({
    handler: server.handle,
    tls: { cert: tls.certificate, key: tls.privateKey, clientCa: authority.certificate },
    host: "127.0.0.1",
    port: 0,
    clock: systemClock,
    log: silentLogger,
    ...listening,
  });
  const directory = mkdtempSync(path.join(tmpdir(), "apiserver-"));
  const kubeconfig = path.join(directory, "kubeconfig");
  writeFileSync(kubeconfig, kubeconfigText(listener, authority, admin));
  return {
    server,
    listener,
    authority,
    admin,
    kubeconfig,
    async dispose() {
      await server.close();
      await listener.close();
      rmSync(directory, { recursive: true });
    },
  };
}

export function clientCertificate(authority: KeyPair, name: string, groups: readonly string[]): Promise<KeyPair> {
  return issueClientCertificate(authority, { ...issuing, commonName: name, organizations: groups });
}

export function newAuthority(): Promise<KeyPair> {
  return createAuthority({ ...issuing, commonName: "somebody else" });
}

function kubeconfigText({ host, port }: Listener, authority: KeyPair, user: KeyPair): string {
  const base64 = (text: string): string => Buffer.from(text).toString("base64");
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "test",
    contexts: [{ name: "test", context: { cluster: "test", user: "test" } }],
    clusters: [
      {
        name: "test",
        cluster: {
          server: `https://${host}:${String(port)}`,
          "certificate-authority-data": base64(authority.certificate),
        },
      },
    ],
    users: [
      {
        name: "test",
        user: {
          "client-certificate-data": base64(user.certificate),
          "client-key-data": base64(user.privateKey),
        },
      },
    ],
  });
}

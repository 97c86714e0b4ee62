import { listen } from "#apiserver/listener/listener.ts";
import { startTestApiServer } from "#apiserver/testing-server.ts";
import { createAuthority, issueClientCertificate, issueServerCertificate } from "#install/certificates.ts";
import type { AdmissionPlugin } from "#machinery/admission.ts";
import { ApiError } from "#machinery/api-error.ts";
import { fieldOf } from "#machinery/guards.ts";
import { silentLogger } from "#std/logger.ts";
import { systemRandom } from "#std/random.ts";
import { systemClock } from "#std/time.ts";
import { memoryStorage } from "#storage/memory/memory-storage.ts";
import type { ClientUnderTest } from "./case.ts";
import { clientConformance } from "./conformance.ts";
import { httpTransport } from "../http-transport.ts";
import { inProcessTransport } from "../in-process-transport.ts";

const base = { clock: systemClock, random: systemRandom(), log: silentLogger };
const masters = "system:masters";

const plugin: AdmissionPlugin = {
  name: "conformance",
  mutate({ object }) {
    const labels =
      fieldOf(object, "metadata", "labels", "admit") === "me" ? { admit: "me", admitted: "yes" } : undefined;
    if (object !== undefined && labels !== undefined) object.metadata["labels"] = labels;
  },
  validate({ object }) {
    if (fieldOf(object, "metadata", "labels", "admit") === "no") throw new ApiError("Forbidden", "not this one");
  },
};

async function startServer() {
  const storage = memoryStorage({ clock: systemClock });
  const server = await startTestApiServer({ storage, admission: [plugin] });
  return {
    handle: server.handle,
    compact: () => storage.compact(storage.revision),
    close: async () => {
      await server.end();
      await storage.close();
    },
  };
}

async function inProcess(): Promise<ClientUnderTest> {
  const { handle, compact, close } = await startServer();
  return {
    admin: inProcessTransport(handle, { name: "admin", groups: [masters, "system:authenticated"] }),
    alice: inProcessTransport(handle, { name: "alice", groups: ["devs", "system:authenticated"] }),
    compact,
    close,
  };
}

async function overTls(): Promise<ClientUnderTest> {
  const { handle, compact, close } = await startServer();
  const authority = await createAuthority({ ...base, commonName: "ca" });
  const issue = { ...base, commonName: "server", hosts: ["127.0.0.1"] };
  const pair = await issueServerCertificate(authority, issue);
  const tls = { cert: pair.certificate, key: pair.privateKey, clientCa: authority.certificate };
  const listener = await listen({ ...base, handler: handle, tls, host: "127.0.0.1", port: 0 });
  const as = async (commonName: string, organizations: readonly string[]) => {
    const { certificate, privateKey } = await issueClientCertificate(authority, { ...base, commonName, organizations });
    return httpTransport({
      server: `https://127.0.0.1:${listener.port}`,
      certificateAuthority: authority.certificate,
      clientCertificate: certificate,
      clientKey: privateKey,
    });
  };
  return {
    admin: await as("admin", [masters]),
    alice: await as("alice", ["devs"]),
    compact,
    close: async () => {
      await listener.close();
      await close();
    },
  };
}

clientConformance("the in-process transport", inProcess);
clientConformance("TLS", overTls);

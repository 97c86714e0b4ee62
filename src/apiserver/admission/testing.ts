// A whole API server for tests of what the cluster's own objects say to writes. Not used outside tests.
import { generateKeyPairSync } from "node:crypto";
import type { TestContext } from "node:test";
import type { WebhookCaller } from "#client/webhook-caller.ts";
import { silentLogger } from "#std/logger.ts";
import { systemRandom } from "#std/random.ts";
import { systemClock } from "#std/time.ts";
import { memoryStorage } from "#storage/memory/memory-storage.ts";
import { type RunningApiServer, startApiServer } from "../start-api-server.ts";
import { testVersion } from "../testing.ts";

/** Ends with the test; `call` answers for every webhook. */
export async function startAdmissionServer(t: TestContext, call: WebhookCaller["call"]): Promise<RunningApiServer> {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const end = new AbortController();
  const server = await startApiServer({
    ...{ storage: memoryStorage({ clock: systemClock }), admission: [], clock: systemClock },
    ...{ random: systemRandom(), log: silentLogger, version: testVersion, signal: end.signal },
    signingKeys: [privateKey.export({ type: "pkcs8", format: "pem" }).toString()],
    address: { host: "10.0.0.1", port: 6443 },
    webhookCaller: { call, close: () => Promise.resolve() },
  });
  t.after(async () => {
    end.abort(new Error("the test is over"));
    await server.client.close();
    await server.close();
  });
  return server;
}

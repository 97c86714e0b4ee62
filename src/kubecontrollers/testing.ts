// A whole API server in memory with controllers running on it. Not used outside tests.
import { generateKeyPairSync } from "node:crypto";
import { type RunningApiServer, startApiServer } from "#apiserver/start-api-server.ts";
import { testVersion } from "#apiserver/testing.ts";
import { type Controller, startManager } from "#runtime/index.ts";
import { invariant } from "#std/invariant.ts";
import { silentLogger } from "#std/logger.ts";
import { systemRandom } from "#std/random.ts";
import { systemClock } from "#std/time.ts";
import { memoryStorage } from "#storage/memory/memory-storage.ts";

export interface TestPlane extends RunningApiServer {
  /** Ends the controllers, then the server. */
  readonly stop: () => Promise<void>;
}

/** Starts a server and runs `controllers` as its administrator. */
export async function startTestPlane(controllers: readonly Controller[]): Promise<TestPlane> {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const end = new AbortController();
  const base = { clock: systemClock, random: systemRandom(), log: silentLogger, signal: end.signal };
  const server = await startApiServer({
    ...base,
    storage: memoryStorage({ clock: systemClock }),
    admission: [],
    version: testVersion,
    signingKeys: [privateKey.export({ type: "pkcs8", format: "pem" }).toString()],
    address: { host: "10.0.0.1", port: 6443 },
  });
  const manager = startManager({ ...base, client: server.client, informers: server.informers, controllers });
  return {
    ...server,
    async stop() {
      end.abort(new Error("the test is over"));
      await manager.stopped;
      await server.client.close();
      await server.close();
    },
  };
}

/** What `read` gives once it gives something. Fails after a few seconds. */
export async function eventually<T>(read: () => Promise<T | undefined>, what: string): Promise<T> {
  const deadline = systemClock.monotonic() + 60_000;
  for (;;) {
    const value = await read();
    if (value !== undefined) return value;
    invariant(systemClock.monotonic() < deadline, `timed out waiting for ${what}`);
    await systemClock.sleep(2);
  }
}

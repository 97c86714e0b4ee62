// A whole API server in memory, with roles, custom resources and what every cluster has, for tests. Not used outside them.
import { generateKeyPairSync } from "node:crypto";
import { silentLogger } from "#std/logger.ts";
import { systemRandom } from "#std/random.ts";
import { systemClock } from "#std/time.ts";
import { memoryStorage } from "#storage/memory/memory-storage.ts";
import { type RunningApiServer, startApiServer, type StartApiServerOptions } from "./start-api-server.ts";
import { testVersion } from "./testing.ts";

export interface TestApiServer extends RunningApiServer {
  /** Aborts when the server ends. */
  readonly signal: AbortSignal;
  /** Ends whatever listens to the signal; `before` is waited for, then the server closes. */
  end(before?: () => Promise<unknown>): Promise<void>;
}

/** Starts one, by the system's clock; `overrides` say what is special. */
export async function startTestApiServer(
  overrides: Partial<Omit<StartApiServerOptions, "signal">> = {},
): Promise<TestApiServer> {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const controller = new AbortController();
  const { signal } = controller;
  const server = await startApiServer({
    storage: memoryStorage({ clock: systemClock }),
    admission: [],
    clock: systemClock,
    random: systemRandom(),
    log: silentLogger,
    version: testVersion,
    signingKeys: [privateKey.export({ type: "pkcs8", format: "pem" }).toString()],
    address: { host: "10.0.0.1", port: 6443 },
    signal,
    ...overrides,
  });
  return {
    ...server,
    signal,
    async end(before) {
      controller.abort(new Error("the test is over"));
      await before?.();
      await server.client.close();
      await server.close();
    },
  };
}

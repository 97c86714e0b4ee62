// A whole API server in memory with controllers running on it. Not used outside tests.
import { startTestApiServer, type TestApiServer } from "#apiserver/testing-server.ts";
import { type Controller, startManager } from "#runtime/index.ts";
import { silentLogger } from "#std/logger.ts";
import { systemRandom } from "#std/random.ts";
import { systemClock } from "#std/time.ts";

export interface TestPlane extends TestApiServer {
  /** Ends the controllers, then the server. */
  readonly stop: () => Promise<void>;
}

/** Starts a server and runs `controllers` as its administrator. */
export async function startTestPlane(controllers: readonly Controller[]): Promise<TestPlane> {
  const server = await startTestApiServer();
  const { client, informers, signal } = server;
  const base = { clock: systemClock, random: systemRandom(), log: silentLogger, signal };
  const manager = startManager({ ...base, client, informers, controllers });
  return { ...server, stop: () => server.end(() => manager.stopped) };
}

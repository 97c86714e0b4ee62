// A real API server with Karmada's kinds, for tests and measurements of the scheduler. Not used outside them.
import { generateKeyPairSync } from "node:crypto";
import { Cluster } from "#api/cluster/cluster.ts";
import { crdOf } from "#api/crd.ts";
import { CustomResourceDefinition } from "#api/kinds.ts";
import { ClusterResourceBinding, ResourceBinding } from "#api/work/binding.ts";
import { startApiServer } from "#apiserver/start-api-server.ts";
import { testAdmin, testVersion } from "#apiserver/testing.ts";
import type { Client } from "#client/client.ts";
import { inProcessTransport } from "#client/in-process-transport.ts";
import type { InformerFactory } from "#client/informer.ts";
import { createInformerFactory } from "#client/informers.ts";
import { createClient } from "#client/rest-client.ts";
import { cloneJson } from "#machinery/equality.ts";
import type { Controller } from "#runtime/controller.ts";
import { type Manager, startManager } from "#runtime/manager.ts";
import { silentLogger } from "#std/logger.ts";
import { systemRandom } from "#std/random.ts";
import { systemClock as clock } from "#std/time.ts";
import { memoryStorage } from "#storage/memory/memory-storage.ts";

const eventuallyMilliseconds = 60_000;

export interface SchedulerWorld {
  readonly client: Client;
  readonly informers: InformerFactory;
  /** Runs controllers until the world is closed; with a client of their own, if one is given. */
  run(controllers: readonly Controller[], client?: Client): Promise<Manager>;
  close(): Promise<void>;
}

/** Starts it; the kinds are served when it is there. */
export async function startSchedulerWorld(): Promise<SchedulerWorld> {
  const end = new AbortController();
  const { signal } = end;
  const random = systemRandom();
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const server = await startApiServer({
    storage: memoryStorage({ clock }),
    admission: [],
    clock,
    random,
    log: silentLogger,
    version: testVersion,
    signingKeys: [privateKey.export({ type: "pkcs8", format: "pem" }).toString()],
    address: { host: "10.0.0.1", port: 6443 },
    signal,
  });
  const client = createClient(inProcessTransport(server.handle, testAdmin));
  for (const kind of [Cluster, ResourceBinding, ClusterResourceBinding]) {
    await client.create(CustomResourceDefinition, cloneJson(crdOf(kind)));
  }
  await eventually("the kinds are served", async () => {
    const { items } = await client.list(CustomResourceDefinition);
    return items.every(({ status }) => status?.conditions?.some(({ type }) => type === "Established"));
  });
  const informers = createInformerFactory({ client, clock, random, log: silentLogger, signal });
  const managers: Manager[] = [];
  return {
    client,
    informers,
    async run(controllers, own = client) {
      const manager = startManager({
        ...{ client: own, informers, controllers, clock, random, log: silentLogger, signal },
      });
      managers.push(manager);
      await manager.synced;
      return manager;
    },
    async close() {
      end.abort(new Error("the test is over"));
      await Promise.all(managers.map(({ stopped }) => stopped));
      await client.close();
      await server.close();
    },
  };
}

/** Looks again and again until there is something; an error at the deadline. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined | false>,
  withinMilliseconds = eventuallyMilliseconds,
): Promise<T> {
  const deadline = clock.monotonic() + withinMilliseconds;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (clock.monotonic() > deadline) throw new Error(`not in time: ${what}`);
    await clock.sleep(5);
  }
}

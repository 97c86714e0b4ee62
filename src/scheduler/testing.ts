// A real API server with Karmada's kinds, for tests and measurements of the scheduler. Not used outside them.
import { Cluster } from "#api/cluster/cluster.ts";
import { crdOf } from "#api/crd.ts";
import { CustomResourceDefinition } from "#api/kinds.ts";
import { ClusterResourceBinding, ResourceBinding } from "#api/work/binding.ts";
import { startTestApiServer } from "#apiserver/testing-server.ts";
import { testAdmin } from "#apiserver/testing.ts";
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
import { eventually } from "#std/testing.ts";
import { systemClock as clock } from "#std/time.ts";

export interface SchedulerWorld {
  readonly client: Client;
  readonly informers: InformerFactory;
  /** Runs controllers until the world is closed; with a client of their own, if one is given. */
  run(controllers: readonly Controller[], client?: Client): Promise<Manager>;
  close(): Promise<void>;
}

/** Starts it; the kinds are served when it is there. */
export async function startSchedulerWorld(): Promise<SchedulerWorld> {
  const random = systemRandom();
  const server = await startTestApiServer();
  const { signal } = server;
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
      await server.end(async () => {
        await Promise.all(managers.map(({ stopped }) => stopped));
        await client.close();
      });
    },
  };
}

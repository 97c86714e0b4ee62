// One API server of a simulated world, on a disk of its own: it can be crashed at any moment and started again.
import { kubernetesVersion } from "#apiserver/kubernetes-version.ts";
import { startApiServer } from "#apiserver/start-api-server.ts";
import type { RunningApiServer } from "#apiserver/start-api-server.ts";
import type { AdmissionPlugin } from "#machinery/admission.ts";
import type { RequestHandler } from "#machinery/http.ts";
import { silentLogger } from "#std/logger.ts";
import type { Random } from "#std/random.ts";
import type { Clock } from "#std/time.ts";
import type { StoredRecord } from "#storage/record.ts";
import type { Storage } from "#storage/storage.ts";
import { SimulatedDisk } from "./simulated-disk.ts";

export interface SimulatedServerOptions {
  readonly name: string;
  /** The machine's: its disk has it, too. */
  readonly clock: Clock;
  /** Of the server's process; its wall time may be wrong. */
  readonly ownClock: Clock;
  readonly random: Random;
  readonly signingKey: string;
  readonly admission: readonly AdmissionPlugin[];
  readonly records: readonly StoredRecord[];
  /** Stands in front of each store: a known fault, to see that it is found. */
  readonly mutant?: (storage: Storage) => Storage;
  readonly onCommit: (server: string, what: readonly CommittedChange[]) => void;
}

/** A write that has become durable. */
export interface CommittedChange {
  readonly type: "put" | "delete";
  readonly key: string;
  readonly revision: number;
  readonly value: Uint8Array;
}

const version = kubernetesVersion("simulation");

export class SimulatedServer {
  readonly name: string;
  readonly disk: SimulatedDisk;
  readonly #options: SimulatedServerOptions;
  #running: { readonly server: RunningApiServer; readonly storage: Storage; readonly end: AbortController } | undefined;

  constructor(options: SimulatedServerOptions) {
    const { name, clock, random, records, onCommit } = options;
    this.name = name;
    this.#options = options;
    this.disk = new SimulatedDisk({
      ...{ clock, random, log: silentLogger, records },
      onCommit: (events) => {
        onCommit(
          name,
          events.map(({ type, key, revision, entry }) => ({ type, key, revision, value: entry.value })),
        );
      },
    });
  }

  /** What answers requests; undefined while the server is down. */
  get handler(): RequestHandler | undefined {
    return this.#running?.server.handle;
  }

  /** Resolves when it answers. */
  async start(): Promise<void> {
    const { ownClock: clock, random, signingKey, admission, mutant } = this.#options;
    const opened = this.disk.open();
    const storage = mutant === undefined ? opened : mutant(opened);
    const end = new AbortController();
    const server = await startApiServer({
      ...{ storage, admission, clock, random, version, log: silentLogger, signal: end.signal },
      signingKeys: [signingKey],
      address: { host: "10.0.0.1", port: 6443 },
    });
    this.#running = { server, storage, end };
  }

  /** Forgets the past of all watches, as a server does every few minutes. */
  async compact(): Promise<void> {
    const storage = this.#running?.storage;
    await storage?.compact(storage.revision);
  }

  /** The process is gone from one moment to the next, with what it had not made durable. */
  crash(): void {
    this.disk.crash();
    this.#running?.end.abort(new Error("the server has crashed"));
    this.#running = undefined;
  }

  /** Ends it in order. */
  async close(): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    running.end.abort(new Error("the simulation is over"));
    await running.server.client.close();
    await running.server.close();
    await running.storage.close();
  }
}

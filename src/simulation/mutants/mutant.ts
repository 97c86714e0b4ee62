// What a known fault of the whole system is: a wrapper around a port, or a setting that takes a safeguard away. Product code
// knows nothing of it.
import type { Client, Transport } from "#client/client.ts";
import type { KarmadaControllersOptions } from "#controllers/all.ts";
import type { LeaderElection } from "#runtime/leader-election.ts";
import type { Clock } from "#std/time.ts";
import type { Storage } from "#storage/storage.ts";

/** The two ends of a connection. */
export interface LinkEnds {
  readonly component: string;
  readonly server: string;
}

export interface Mutant {
  /** Stands in front of each server's store. */
  readonly storage?: (storage: Storage) => Storage;
  /** Stands between a process and the control plane. */
  readonly client?: (client: Client) => Client;
  /** Stands between a process and a server. */
  readonly transport?: (transport: Transport, ends: LinkEnds, clock: Clock) => Transport;
  readonly leaderElection?: Partial<LeaderElection>;
  readonly eviction?: NonNullable<KarmadaControllersOptions["eviction"]>;
}

// Leads while it holds a Lease: waits for it, renews it, gives it back. Who leads can prove it at any moment (`holds`), and
// a client can be fenced by that. Upstream: k8s.io/client-go/tools/leaderelection/leaderelection.go.
import { Lease } from "#api/kinds.ts";
import type { Client } from "#client/client.ts";
import { ApiError, errorText, isApiError } from "#machinery/api-error.ts";
import { deadlineSignal } from "#std/abort.ts";
import type { Logger } from "#std/logger.ts";
import { type Random, randomFraction } from "#std/random.ts";
import type { Clock } from "#std/time.ts";
import { judgeLease, type Observation, releasedLease, takenLease } from "./lease-decision.ts";

const leaseDurationDefaultMilliseconds = 15_000;
const renewDeadlineDefaultMilliseconds = 10_000;
const retryPeriodDefaultMilliseconds = 2_000;
/** Candidates spread their tries by up to this share of the retry period. Upstream: JitterFactor. */
const retryJitter = 1.2;

export interface LeaderElection {
  readonly namespace: string;
  readonly name: string;
  /** Different for each process. */
  readonly identity: string;
  readonly leaseDurationMilliseconds?: number;
  readonly renewDeadlineMilliseconds?: number;
  readonly retryPeriodMilliseconds?: number;
}

export interface CampaignOptions extends LeaderElection {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

export interface Leadership {
  /** Whether no one else can lead at this moment. Asked before each write, it fences a process that was paused. */
  holds(): boolean;
  /** Aborts when the Lease is lost. */
  readonly signal: AbortSignal;
  /** Gives the Lease back, so that another need not wait. Call it when everything that writes has stopped. */
  release(): Promise<void>;
}

/** The reason with which a leadership's signal aborts. */
export class LeadershipLostError extends Error {
  override readonly name = "LeadershipLostError";
}

/** Waits until it leads. Rejects with the signal's reason. */
export async function campaign(options: CampaignOptions, signal: AbortSignal): Promise<Leadership> {
  const holder = new LeaseHolder(options);
  const { clock, random, retryPeriodMilliseconds = retryPeriodDefaultMilliseconds } = options;
  while (!(await holder.tryToTake(signal))) {
    await clock.sleep(retryPeriodMilliseconds * (1 + retryJitter * randomFraction(random)), signal);
  }
  holder.keep();
  return holder;
}

class LeaseHolder implements Leadership {
  readonly #options: CampaignOptions;
  readonly #leaseDurationMilliseconds: number;
  readonly #renewDeadlineMilliseconds: number;
  readonly #retryPeriodMilliseconds: number;
  readonly #lost = new AbortController();
  readonly #released = new AbortController();
  #seen: (Observation & { readonly lease: Lease }) | undefined;
  /** Whether `#seen` is what we wrote ourselves, and no answer has said otherwise since. */
  #isOwnWrite = false;
  /** When the last successful write of ours was begun. */
  #heldSince: number | undefined;
  #kept: Promise<void> = Promise.resolve();

  constructor(options: CampaignOptions) {
    this.#options = options;
    this.#leaseDurationMilliseconds = options.leaseDurationMilliseconds ?? leaseDurationDefaultMilliseconds;
    this.#renewDeadlineMilliseconds = options.renewDeadlineMilliseconds ?? renewDeadlineDefaultMilliseconds;
    this.#retryPeriodMilliseconds = options.retryPeriodMilliseconds ?? retryPeriodDefaultMilliseconds;
  }

  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  holds(): boolean {
    if (this.#heldSince === undefined || this.#lost.signal.aborted) return false;
    return this.#options.clock.monotonic() < this.#heldSince + this.#renewDeadlineMilliseconds;
  }

  /** Takes or renews the Lease if that is allowed. Failures are an ordinary no. */
  async tryToTake(parent: AbortSignal, timeoutMilliseconds = this.#renewDeadlineMilliseconds): Promise<boolean> {
    const { clock, log, namespace, name } = this.#options;
    parent.throwIfAborted();
    using signal = deadlineSignal(clock, timeoutMilliseconds, parent);
    const startedAt = clock.monotonic();
    try {
      if (!(await this.#take(signal))) return false;
    } catch (error) {
      parent.throwIfAborted();
      this.#isOwnWrite = false; // it may have been written or not: look
      if (!isApiError(error, "Conflict", "AlreadyExists")) {
        log.warn("the lease could not be taken or renewed", { lease: `${namespace}/${name}`, error: errorText(error) });
      }
      return false;
    }
    this.#heldSince = startedAt;
    return true;
  }

  /** Renews until it is released or lost. */
  keep(): void {
    this.#options.log.info("leading", { lease: `${this.#options.namespace}/${this.#options.name}` });
    this.#kept = this.#renewLoop();
  }

  async release(): Promise<void> {
    const { client, clock, log } = this.#options;
    this.#released.abort(new Error("the lease is being released"));
    await this.#kept;
    const seen = this.#seen;
    if (!this.holds() || seen === undefined) return;
    this.#heldSince = undefined;
    try {
      using signal = deadlineSignal(clock, this.#retryPeriodMilliseconds);
      await client.update(Lease, { ...seen.lease, spec: releasedLease(seen.spec, clock.now()) }, { signal });
    } catch (error) {
      log.debug("the lease could not be released; it will run out", { error: errorText(error) });
    }
  }

  async #renewLoop(): Promise<void> {
    const { clock, log, namespace, name } = this.#options;
    const stopped = this.#released.signal;
    while (this.holds()) {
      const wait = Math.min(this.#retryPeriodMilliseconds, this.#millisecondsLeft());
      await clock.sleep(wait, stopped).catch(() => undefined);
      // An answer that comes too late is none: by then another may lead.
      if (!stopped.aborted && this.holds()) await this.tryToTake(stopped, this.#millisecondsLeft()).catch(() => false);
      if (stopped.aborted) return;
    }
    log.error("the lease is lost", { lease: `${namespace}/${name}` });
    this.#lost.abort(new LeadershipLostError("the lease is lost"));
  }

  #millisecondsLeft(): number {
    return (this.#heldSince ?? 0) + this.#renewDeadlineMilliseconds - this.#options.clock.monotonic();
  }

  async #take(signal: AbortSignal): Promise<boolean> {
    const { client, clock, namespace, name, identity } = this.#options;
    const candidate = { identity, leaseDurationMilliseconds: this.#leaseDurationMilliseconds };
    // Who holds it need not read it first: a write on top of what it wrote last is refused if anyone came between.
    if (!this.#isOwnWrite) await this.#look(signal);
    const seen = this.#seen;
    if (seen === undefined) {
      const spec = takenLease(undefined, candidate, clock.now());
      this.#observe(await client.create(Lease, { metadata: { namespace, name }, spec }, { signal }), true);
      return true;
    }
    if (judgeLease(seen, candidate, clock.monotonic()).kind === "wait") return false;
    const spec = takenLease(seen.spec, candidate, clock.now());
    this.#observe(await client.update(Lease, { ...seen.lease, spec }, { signal }), true);
    return true;
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { client, namespace, name } = this.#options;
    const lease = await client.find(Lease, { namespace, name }, { signal });
    if (lease === undefined) this.#seen = undefined;
    else if (this.#seen?.lease.metadata.resourceVersion !== lease.metadata.resourceVersion) this.#observe(lease, false);
  }

  #observe(lease: Lease, isOwnWrite: boolean): void {
    this.#isOwnWrite = isOwnWrite;
    this.#seen = { lease, spec: lease.spec, observedAt: this.#options.clock.monotonic() };
  }
}

/** A client whose writes are refused unless `holds` says so: one that was paused too long writes nothing any more. */
export function fencedClient(client: Client, holds: () => boolean): Client {
  const requireLease = (): void => {
    if (!holds()) throw new ApiError("ServiceUnavailable", "this process does not hold the lease (any more)");
  };
  return {
    get: (kind, ref, options) => client.get(kind, ref, options),
    find: (kind, ref, options) => client.find(kind, ref, options),
    list: (kind, options) => client.list(kind, options),
    watch: (kind, options) => client.watch(kind, options),
    close: () => client.close(),
    async create(kind, object, options) {
      requireLease();
      return await client.create(kind, object, options);
    },
    async update(kind, object, options) {
      requireLease();
      return await client.update(kind, object, options);
    },
    async patch(kind, ref, patch, options) {
      requireLease();
      return await client.patch(kind, ref, patch, options);
    },
    async delete(kind, ref, options) {
      requireLease();
      await client.delete(kind, ref, options);
    },
    async raw(method, path, options) {
      if (method !== "GET" && method !== "HEAD" && method !== "OPTIONS") requireLease();
      return await client.raw(method, path, options);
    },
  };
}

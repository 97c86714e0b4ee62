// Serves what CustomResourceDefinitions define: judges their names, puts their versions into the registry, and when one is
// deleted removes its objects before it goes.
// Reads: customresourcedefinitions. Writes: their status, and the objects of those being deleted.
// Decides in ./names.ts and ./status.ts.
// Upstream: k8s.io/apiextensions-apiserver/pkg/controller/{status,establish,finalizer}, pkg/apiserver/customresource_handler.go.
import { CustomResourceDefinition } from "#api/kinds.ts";
import type { Client } from "#client/client.ts";
import type { Informer, InformerFactory } from "#client/informer.ts";
import { isOlderVersion } from "#client/resource-version.ts";
import { errorText, isApiError } from "#machinery/api-error.ts";
import { deepEqual } from "#machinery/equality.ts";
import { type Backoff, backoffDelay } from "#std/backoff.ts";
import type { Logger } from "#std/logger.ts";
import type { Random } from "#std/random.ts";
import type { Clock } from "#std/time.ts";
import type { ResourceRegistry } from "../registry.ts";
import type { ConversionWebhooks } from "./conversion-webhook.ts";
import { crdStrategy } from "./crd-strategy.ts";
import { CrdRegistrar } from "./registrar.ts";
import { finalizeCrd } from "./finalize.ts";
import { nextCrdStatus } from "./status.ts";

export interface CrdControllerOptions {
  /** Speaks to the server as a member of `system:masters`. */
  readonly client: Client;
  /** Of the same server. */
  readonly informers: InformerFactory;
  readonly registry: ResourceRegistry;
  readonly webhooks: ConversionWebhooks;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

const retryBackoff: Backoff = { firstMilliseconds: 50, maxMilliseconds: 10_000, jitter: 0.2 };

/** Resolves when every definition that was there is served; goes on until the signal aborts. */
export async function startCrdController(options: CrdControllerOptions): Promise<void> {
  const { registry } = options;
  const own = registry.find(
    CustomResourceDefinition.group,
    CustomResourceDefinition.version,
    CustomResourceDefinition.plural,
  );
  if (own !== undefined) registry.set({ ...own, strategy: crdStrategy });
  const informer = options.informers.for(CustomResourceDefinition);
  const controller = new CrdController(options, informer);
  const stop = informer.onEvent((event) => {
    controller.onChange(event.object.metadata.name);
  });
  options.signal.addEventListener("abort", stop, { once: true });
  await informer.waitForSync(options.signal);
}

interface Written {
  readonly crd: CustomResourceDefinition;
  /** The server has not answered yet. */
  readonly pending: boolean;
}

class CrdController {
  readonly #options: CrdControllerOptions;
  readonly #informer: Informer<CustomResourceDefinition>;
  readonly #registrar: CrdRegistrar;
  /** Definitions as this controller writes or has written them, until the informer has caught up. */
  readonly #written = new Map<string, Written>();
  /** Names that are worked on. True: look again when done. */
  readonly #running = new Map<string, boolean>();
  readonly #failures = new Map<string, number>();

  constructor(options: CrdControllerOptions, informer: Informer<CustomResourceDefinition>) {
    this.#options = options;
    this.#informer = informer;
    this.#registrar = new CrdRegistrar(options.registry, options.webhooks, options.log);
  }

  /** Serves it at once if it may be served; what needs writing follows. */
  onChange(name: string): void {
    const crd = this.#informer.get({ name });
    if (crd === undefined) {
      this.#written.delete(name);
      this.#registrar.remove(name);
      this.#failures.delete(name);
      this.#reviewConflicts();
      return;
    }
    const latest = this.#latest(crd);
    if (latest === crd) this.#written.delete(name);
    this.#registrar.serve(latest);
    this.#enqueue(name);
  }

  #enqueue(name: string): void {
    if (this.#running.has(name)) {
      this.#running.set(name, true);
      return;
    }
    this.#running.set(name, false);
    void this.#run(name);
  }

  async #run(name: string): Promise<void> {
    const { signal, clock, random, log } = this.#options;
    let wait = 0;
    try {
      wait = (await this.#reconcile(name)) ?? 0;
      this.#failures.delete(name);
    } catch (error) {
      if (!signal.aborted && !isApiError(error, "Conflict", "NotFound")) {
        const failures = (this.#failures.get(name) ?? 0) + 1;
        this.#failures.set(name, failures);
        wait = backoffDelay(retryBackoff, failures, random);
        log.warn("a CustomResourceDefinition could not be brought forward", { crd: name, error: errorText(error) });
      }
    }
    const again = this.#running.get(name) === true;
    this.#running.delete(name);
    if (signal.aborted) return;
    if (again) this.#enqueue(name);
    else if (wait > 0) this.#later(name, clock, wait);
  }

  #later(name: string, clock: Clock, milliseconds: number): void {
    const { signal } = this.#options;
    const cancel = clock.timer(milliseconds, () => {
      signal.removeEventListener("abort", cancel);
      this.#enqueue(name);
    });
    signal.addEventListener("abort", cancel, { once: true });
  }

  /** Milliseconds after which to look again, if so. */
  async #reconcile(name: string): Promise<number | undefined> {
    const found = this.#informer.get({ name });
    if (found === undefined) return undefined;
    const crd = this.#latest(found);
    if (crd.metadata.deletionTimestamp !== undefined) {
      const { client, clock, signal } = this.#options;
      return finalizeCrd(crd, { client, signal, now: clock.now(), kind: this.#registrar.kindOf(name) });
    }
    const status = { ...crd.status, ...nextCrdStatus(crd, this.#all(), this.#options.clock.now()) };
    if (deepEqual(crd.status, status)) return undefined;
    const wanted = { ...crd, status };
    // Others are judged by it, and clients that wait for Established find it served, before the write is done.
    this.#written.set(name, { crd: wanted, pending: true });
    this.#registrar.serve(wanted);
    await this.#write(wanted);
    return undefined;
  }

  async #write(wanted: CustomResourceDefinition): Promise<void> {
    const { client, signal } = this.#options;
    const { name } = wanted.metadata;
    try {
      const crd = await client.update(CustomResourceDefinition, wanted, { subresource: "status", signal });
      this.#written.set(name, { crd, pending: false });
    } catch (error) {
      this.#written.delete(name);
      throw error;
    }
    this.#reviewConflicts();
  }

  /** A name has come free, or is taken now: definitions that had to wait are judged again. */
  #reviewConflicts(): void {
    for (const crd of this.#informer.list()) {
      const refused = (crd.status?.conditions ?? []).some(
        (condition) => condition.type === "NamesAccepted" && condition.status === "False",
      );
      if (refused) this.#enqueue(crd.metadata.name);
    }
  }

  #latest(crd: CustomResourceDefinition): CustomResourceDefinition {
    const written = this.#written.get(crd.metadata.name);
    if (written === undefined || written.crd.metadata.uid !== crd.metadata.uid) return crd;
    const { resourceVersion = "" } = crd.metadata;
    const isNews = written.pending || isOlderVersion(resourceVersion, written.crd.metadata.resourceVersion ?? "");
    return isNews ? written.crd : crd;
  }

  #all(): readonly CustomResourceDefinition[] {
    return this.#informer.list().map((crd) => this.#latest(crd));
  }
}

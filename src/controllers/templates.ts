// The resource templates of the control plane: which kinds there are, found by discovery as they come and go, and a local
// copy of every object that may be propagated. Controllers look up templates here and nowhere else.
// Upstream: karmada pkg/detector/detector.go (discoverResources), pkg/util/helper/binding.go (FetchResourceTemplate).
import { CustomResourceDefinition } from "#api/kinds.ts";
import type { DiscoveredKind, Discovery, DiscoverySnapshot } from "#client/discovery.ts";
import type { Informer, InformerEvent, InformerFactory } from "#client/informer.ts";
import { errorText } from "#machinery/api-error.ts";
import { apiVersionOf, type Kind, type KubeObject, type ObjectRef } from "#machinery/object.ts";
import { deadlineSignal } from "#std/abort.ts";
import type { Logger } from "#std/logger.ts";
import type { Clock } from "#std/time.ts";
import { claimIdsOf } from "./policy/claim.ts";
import type { SkipRules } from "./policy/skip.ts";

/** Aggregated APIs come and go without a CustomResourceDefinition; the rest is heard of at once. */
const discoveryPeriodMilliseconds = 30_000;
/** A definition that has just been written is served a moment later. */
const discoverySettleMilliseconds = 50;
/** While a server is starting up its APIs are looked for more often. */
const discoveryRetryMilliseconds = 500;
/** Objects of a kind that cannot be listed for so long are looked for later. */
const templateSyncMilliseconds = 10_000;

export interface TemplatesOptions {
  /** Of the control plane. */
  readonly discovery: Discovery;
  readonly informers: InformerFactory;
  readonly skip: SkipRules;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

export interface TemplateEvent {
  readonly kind: Kind;
  readonly event: InformerEvent<KubeObject>;
}

/** How one refers to a template: as a binding's spec.resource does. */
export interface TemplateRef {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string | undefined;
  readonly name: string;
}

/** By the ids of the policies that have claimed a template, or this where none has. */
const claimIndex = "policy-claim";
const unclaimed = "unclaimed";
const unclaimedOnly: readonly string[] = [unclaimed];

export class Templates {
  readonly #options: TemplatesOptions;
  /** By `group/version/Kind`, all versions that are served. */
  #kinds: ReadonlyMap<string, Kind> = new Map();
  /** By the same, those whose objects may be propagated, at work. */
  readonly #informers = new Map<string, { readonly informer: Informer; readonly unsubscribe: () => void }>();
  readonly #listeners = new Set<(event: TemplateEvent) => void>();
  readonly #ready = Promise.withResolvers<void>();
  #snapshot: DiscoverySnapshot | undefined;
  /** Counts what has happened that a discovery may find. */
  #news = 0;
  #wake: () => void = () => undefined;

  constructor(options: TemplatesOptions) {
    this.#options = options;
    this.#ready.promise.catch(() => undefined); // nobody may be waiting
    options.signal.addEventListener("abort", () => {
      this.#ready.reject(options.signal.reason);
    });
    void this.#run();
  }

  /** The kind of these coordinates as far as discovery has come. */
  kindNow(apiVersion: string, kind: string): Kind | undefined {
    return this.#kinds.get(`${apiVersion}/${kind}`);
  }

  /** The kind of these coordinates, or undefined: nobody serves it. Waits for the first discovery. */
  async kindOf(apiVersion: string, kind: string): Promise<Kind | undefined> {
    await this.#ready.promise;
    return this.#kinds.get(`${apiVersion}/${kind}`);
  }

  /**
   * A template as it is in the local copy, or undefined: it is not there. Throws for a kind that nobody serves and for
   * one that cannot be listed: neither says that the template is gone.
   */
  async find(ref: TemplateRef): Promise<KubeObject | undefined> {
    return (await this.#listed(ref)).get(ref);
  }

  /** The objects of a kind, in one namespace if one is given, that `matches` is true of. Throws as `find` does. */
  async select(
    ref: Omit<TemplateRef, "name">,
    matches: (object: KubeObject) => boolean,
  ): Promise<readonly KubeObject[]> {
    return (await this.#listed(ref)).list(ref.namespace).filter(matches);
  }

  /** The informer of a kind, once it has listed its objects. */
  async #listed(ref: Omit<TemplateRef, "name">): Promise<Informer> {
    const { signal, clock, informers } = this.#options;
    const kind = await this.kindOf(ref.apiVersion, ref.kind);
    if (kind === undefined) throw new Error(`no matches for kind "${ref.kind}" in version "${ref.apiVersion}"`);
    const informer: Informer = informers.for(kind);
    if (!informer.synced) {
      using deadline = deadlineSignal(clock, templateSyncMilliseconds, signal);
      await informer.waitForSync(deadline);
    }
    return informer;
  }

  /** A template at once, from the local copy as far as it has come. */
  peek(ref: TemplateRef): KubeObject | undefined {
    return this.#informers.get(`${ref.apiVersion}/${ref.kind}`)?.informer.get(ref);
  }

  /** Templates that carry the claim of this policy id, of all kinds. */
  claimedBy(policyId: string): readonly { readonly kind: Kind; readonly object: KubeObject }[] {
    return [...this.#informers.values()].flatMap(({ informer }) =>
      informer.byIndex(claimIndex, policyId).map((object) => ({ kind: informer.kind, object })),
    );
  }

  /** All templates of a kind. */
  list(apiVersion: string, kind: string): readonly KubeObject[] {
    return this.#informers.get(`${apiVersion}/${kind}`)?.informer.list() ?? [];
  }

  /** The kinds whose objects may be propagated. */
  kinds(): readonly Kind[] {
    return [...this.#informers.values()].map(({ informer }) => informer.kind);
  }

  /** What all templates of a kind are called. */
  refs(kind: Kind): readonly ObjectRef[] {
    return this.#informers.get(keyOf(kind))?.informer.refs() ?? [];
  }

  /** Templates of a kind that no policy has claimed. */
  unclaimed(apiVersion: string, kind: string): readonly KubeObject[] {
    return this.#informers.get(`${apiVersion}/${kind}`)?.informer.byIndex(claimIndex, unclaimed) ?? [];
  }

  /** Calls `listener` for every change of every template from now on. Returns the removal. */
  onEvent(listener: (event: TemplateEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** What all templates are called, one after another: kinds that come meanwhile may be left out. */
  *all(): Generator<{ readonly kind: Kind; readonly ref: ObjectRef }, undefined> {
    const { skip } = this.#options;
    for (const kind of this.kinds()) {
      for (const ref of this.refs(kind)) if (!skip.skipsObject(kind, ref)) yield { kind, ref };
    }
  }

  /** Resolves when the kinds are known and all their objects have been listed, or cannot be. */
  async synced(): Promise<void> {
    await this.#ready.promise;
    const { clock, signal } = this.#options;
    using deadline = deadlineSignal(clock, templateSyncMilliseconds, signal);
    const waits = [...this.#informers.values()].map(({ informer }) => informer.waitForSync(deadline));
    await Promise.allSettled(waits);
    signal.throwIfAborted();
  }

  async #run(): Promise<void> {
    const { signal, clock, informers } = this.#options;
    const removeListener = informers.for(CustomResourceDefinition).onEvent(() => {
      this.#news++;
      this.#wake();
    });
    while (!signal.aborted) {
      const known = this.#news;
      const complete = await this.#refresh();
      if (this.#news === known) await this.#pause(complete ? discoveryPeriodMilliseconds : discoveryRetryMilliseconds);
      if (this.#news !== known) await clock.sleep(discoverySettleMilliseconds, signal).catch(() => undefined);
    }
    removeListener();
  }

  /** Waits for so long, or until something happens. */
  async #pause(milliseconds: number): Promise<void> {
    const { signal, clock } = this.#options;
    if (signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    const cancel = clock.timer(milliseconds, resolve);
    const stop = (): void => {
      resolve();
    };
    signal.addEventListener("abort", stop, { once: true });
    await promise;
    cancel();
    signal.removeEventListener("abort", stop);
  }

  /** Whether everything is known now. */
  async #refresh(): Promise<boolean> {
    const { discovery, log, signal } = this.#options;
    try {
      const snapshot = await discovery.refresh({ signal });
      if (snapshot !== this.#snapshot) this.#take(snapshot);
      this.#snapshot = snapshot;
      this.#ready.resolve();
      return snapshot.failures.length === 0;
    } catch (error) {
      if (!signal.aborted) log.warn("discovery failed, trying again", { error: errorText(error) });
      return false;
    }
  }

  #take({ kinds: found, failures }: DiscoverySnapshot): void {
    const kinds = new Map(found.map((kind) => [keyOf(kind), kind]));
    const complete = failures.length === 0;
    // A group that did not answer has not gone.
    this.#kinds = complete ? kinds : new Map([...this.#kinds, ...kinds]);
    const propagated = found.filter((kind) => this.#isPropagated(kind));
    for (const kind of propagated) if (!this.#informers.has(keyOf(kind))) this.#begin(kind);
    if (!complete) return;
    const wanted = new Set(propagated.map(keyOf));
    for (const key of this.#informers.keys()) if (!wanted.has(key)) this.#end(key);
  }

  #isPropagated(kind: DiscoveredKind): boolean {
    const listable = ["delete", "list", "watch"].every((verb) => kind.verbs.includes(verb));
    return kind.preferred && listable && !this.#options.skip.skipsKind(kind);
  }

  #begin(kind: Kind): void {
    const { informers, skip, log } = this.#options;
    log.debug("a kind to propagate", { kind: kind.kind, apiVersion: apiVersionOf(kind) });
    const informer = informers.for(kind);
    informer.addMetadataIndex(claimIndex, (metadata) => {
      const ids = claimIdsOf({ metadata });
      return ids.length === 0 ? unclaimedOnly : ids;
    });
    const unsubscribe = informer.onEvent((event) => {
      if (skip.skipsObject(kind, event.ref)) return;
      for (const listener of this.#listeners) listener({ kind, event });
    });
    this.#informers.set(keyOf(kind), { informer, unsubscribe });
  }

  #end(key: string): void {
    const entry = this.#informers.get(key);
    if (entry === undefined) return;
    entry.unsubscribe();
    this.#informers.delete(key);
    this.#options.informers.stop(entry.informer.kind);
  }
}

function keyOf(kind: Kind): string {
  return `${apiVersionOf(kind)}/${kind.kind}`;
}

// Informers by kind, shared by whoever asks and started on first use.
// Upstream: k8s.io/client-go/dynamic/dynamicinformer/informer.go, tools/cache/shared_informer.go.
import { type Kind, type KubeObject, type ObjectMeta, type ObjectRef, refOfKey } from "#machinery/object.ts";
import { abortable } from "#std/abort.ts";
import type { Logger } from "#std/logger.ts";
import { createPacer, type Pacer } from "#std/pacer.ts";
import type { Random } from "#std/random.ts";
import type { Clock } from "#std/time.ts";
import type { Client } from "./client.ts";
import type { Informer, InformerEvent, InformerFactory } from "./informer.ts";
import { ObjectCache } from "./object-cache.ts";
import { reflect } from "./reflector.ts";

export interface InformerFactoryOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Ends all informers. */
  readonly signal: AbortSignal;
  /** Only objects of this namespace. */
  readonly namespace?: string;
  /** Only objects with these labels. */
  readonly defaultLabelSelector?: string;
  /** Objects as PartialObjectMetadata: for those who read nothing but metadata of many kinds. */
  readonly metadataOnly?: boolean;
  /** metadata.managedFields is dropped unless asked for, here and of the client: it can be half of an object. */
  readonly keepManagedFields?: boolean;
}

/** A factory of informers of one API server. */
export function createInformerFactory(options: InformerFactoryOptions): InformerFactory {
  const informers = new Map<string, StoppableInformer>();
  const pacer = createPacer(options.clock);
  return {
    for(kind) {
      const key = keyOf(kind);
      const known = informers.get(key);
      if (known !== undefined && isInformerOf(kind, known)) return known;
      const informer = new SharedInformer(kind, options, pacer);
      informers.set(key, informer);
      return informer;
    },
    stop(kind) {
      const key = keyOf(kind);
      informers.get(key)?.stop();
      informers.delete(key);
    },
  };
}

/**
 * Lets several users share the informers of a factory. Each call gives one user's view: what a user stops goes on for the
 * others, and ends with its last user.
 */
export function shareInformers(factory: InformerFactory): () => InformerFactory {
  const users = new Map<string, Set<InformerFactory>>();
  return () => {
    const view: InformerFactory = {
      for(kind) {
        const key = keyOf(kind);
        let ofKind = users.get(key);
        if (ofKind === undefined) users.set(key, (ofKind = new Set()));
        ofKind.add(view);
        return factory.for(kind);
      },
      stop(kind) {
        const key = keyOf(kind);
        const ofKind = users.get(key);
        if (ofKind?.delete(view) !== true || ofKind.size > 0) return;
        users.delete(key);
        factory.stop(kind);
      },
    };
    return view;
  };
}

interface StoppableInformer<T extends KubeObject = KubeObject> extends Informer<T> {
  stop(): void;
}

class SharedInformer<T extends KubeObject> implements StoppableInformer<T> {
  readonly kind: Kind<T>;
  readonly #cache: ObjectCache<T>;
  readonly #stop = new AbortController();
  readonly #firstSync: Promise<void>;
  #synced = false;

  constructor(
    kind: Kind<T>,
    { signal: parent, defaultLabelSelector, ...options }: InformerFactoryOptions,
    pacer: Pacer,
  ) {
    this.kind = kind;
    const log = options.log.child({ informer: kind.group === "" ? kind.plural : `${kind.plural}.${kind.group}` });
    this.#cache = new ObjectCache(log);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    promise.catch(() => undefined); // nobody may be waiting when it is stopped
    this.#firstSync = promise;
    const signal = this.#stop.signal;
    signal.addEventListener("abort", () => {
      parent.removeEventListener("abort", follow);
      reject(signal.reason);
    });
    const follow = (): void => {
      this.#stop.abort(parent.reason);
    };
    if (parent.aborted) follow();
    else parent.addEventListener("abort", follow, { once: true });
    const onListed = (): void => {
      this.#synced = true;
      resolve();
    };
    const cache = this.#cache;
    void reflect({ ...options, kind, cache, log, pacer, signal, labelSelector: defaultLabelSelector, onListed });
  }

  get synced(): boolean {
    return this.#synced;
  }

  waitForSync(signal: AbortSignal): Promise<void> {
    return abortable(this.#firstSync, signal);
  }

  get(ref: ObjectRef): T | undefined {
    return this.#cache.get(ref);
  }

  list(namespace?: string): readonly T[] {
    return this.#cache.list(namespace);
  }

  has(ref: ObjectRef): boolean {
    return this.#cache.has(ref);
  }

  refs(): readonly ObjectRef[] {
    return this.#cache.keys().map(refOfKey);
  }

  addIndex(name: string, values: (object: T) => readonly string[]): void {
    this.#cache.addIndex(name, values);
  }

  addMetadataIndex(name: string, values: (metadata: ObjectMeta) => readonly string[]): void {
    this.#cache.addMetadataIndex(name, values);
  }

  byIndex(name: string, value: string): readonly T[] {
    return this.#cache.byIndex(name, value);
  }

  onEvent(handler: (event: InformerEvent<T>) => void): () => void {
    return this.#cache.onEvent(handler);
  }

  stop(): void {
    this.#stop.abort(new Error(`the informer of ${this.kind.plural} has been stopped`));
  }
}

/** Controllers ask for their informers with every key, by the same few kinds. */
const keys = new WeakMap<Kind, string>();

function keyOf(kind: Kind): string {
  let key = keys.get(kind);
  if (key === undefined) keys.set(kind, (key = `${kind.group}/${kind.version}/${kind.plural}`));
  return key;
}

/** Kinds of the same coordinates have objects of the same type. */
function isInformerOf<T extends KubeObject>(
  kind: Kind<T>,
  informer: StoppableInformer,
): informer is StoppableInformer<T> {
  return kind === informer.kind || keyOf(kind) === keyOf(informer.kind);
}

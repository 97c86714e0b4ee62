// The kinds that the collector watches: all that can be listed, watched and deleted, found by discovery. Finds the owners
// and the dependents of an object in what has been read. Upstream: kubernetes pkg/controller/garbagecollector/graph_builder.go.
import type { DiscoveredKind, DiscoverySnapshot } from "#client/discovery.ts";
import type { Informer, InformerEvent, InformerFactory } from "#client/informer.ts";
import {
  type Kind,
  type KubeObject,
  type ObjectMeta,
  type OwnerReference,
  parseApiVersion,
} from "#machinery/object.ts";

const ownerIndex = "garbage-collector/owner-uid";
const noOwners: readonly string[] = [];
/** Events own nothing, are owned by nothing and come in crowds. Upstream: DefaultIgnoredResources. */
const ignoredPlural = "events";

export interface Monitor {
  readonly kind: Kind;
  readonly informer: Informer;
}

export interface Found {
  readonly kind: Kind;
  readonly object: KubeObject;
}

export class Monitors {
  readonly #informers: InformerFactory;
  readonly #onEvent: (kind: Kind, event: InformerEvent<KubeObject>) => void;
  /** By group and kind: a reference may name another version than the one that is watched. */
  readonly #monitors = new Map<string, Monitor & { readonly forget: () => void }>();

  constructor(informers: InformerFactory, onEvent: (kind: Kind, event: InformerEvent<KubeObject>) => void) {
    this.#informers = informers;
    this.#onEvent = onEvent;
  }

  /** Whether everything watched has been listed: only then are an object's dependents known. */
  get synced(): boolean {
    return [...this.#monitors.values()].every(({ informer }) => informer.synced);
  }

  kinds(): readonly Kind[] {
    return [...this.#monitors.values()].map(({ kind }) => kind);
  }

  /** Watches what is served now and forgets what is not; groups that could not be discovered stay as they are. */
  update({ kinds, failures }: DiscoverySnapshot): void {
    const served = new Map(kinds.filter(isCollectable).map((kind) => [keyOf(kind), kind]));
    const unknownGroups = new Set(failures.map(({ apiVersion }) => parseApiVersion(apiVersion).group));
    for (const [key, monitor] of this.#monitors) {
      const now = served.get(key);
      const same = now?.version === monitor.kind.version && now.plural === monitor.kind.plural;
      if (same || (now === undefined && unknownGroups.has(monitor.kind.group))) continue;
      monitor.forget();
      this.#monitors.delete(key);
    }
    for (const [key, kind] of served) if (!this.#monitors.has(key)) this.#monitors.set(key, this.#monitor(kind));
  }

  close(): void {
    for (const { forget } of this.#monitors.values()) forget();
    this.#monitors.clear();
  }

  find(kind: Kind, ref: { readonly namespace?: string | undefined; readonly name: string }): KubeObject | undefined {
    return this.#monitors.get(keyOf(kind))?.informer.get(ref);
  }

  /** The kind that a reference names, or undefined where it is not watched (any more, or yet). */
  kindOf(reference: Pick<OwnerReference, "apiVersion" | "kind">): Kind | undefined {
    const { group } = parseApiVersion(reference.apiVersion);
    return this.#monitors.get(keyOf({ group, kind: reference.kind }))?.kind;
  }

  /** The owner that a reference in `dependent` names, as read last; only if it is that very object. */
  ownerOf(reference: OwnerReference, dependent: ObjectMeta): Found | undefined {
    const kind = this.kindOf(reference);
    if (kind === undefined) return undefined;
    const object = this.find(kind, {
      namespace: kind.namespaced ? dependent.namespace : undefined,
      name: reference.name,
    });
    return object?.metadata.uid === reference.uid ? { kind, object } : undefined;
  }

  /** All that name `owner` as their owner, in the places where it can be one. */
  dependentsOf(owner: ObjectMeta): readonly Found[] {
    const { uid, namespace } = owner;
    if (uid === undefined) return [];
    const found: Found[] = [];
    for (const { kind, informer } of this.#monitors.values()) {
      for (const object of informer.byIndex(ownerIndex, uid)) {
        if (namespace === undefined || object.metadata.namespace === namespace) found.push({ kind, object });
      }
    }
    return found;
  }

  #monitor(kind: DiscoveredKind): Monitor & { readonly forget: () => void } {
    const informer = this.#informers.for<KubeObject>(kind);
    informer.addMetadataIndex(ownerIndex, (metadata) => metadata.ownerReferences?.map(({ uid }) => uid) ?? noOwners);
    const forget = informer.onEvent((event) => {
      this.#onEvent(kind, event);
    });
    return { kind, informer, forget };
  }
}

function isCollectable({ plural, preferred, verbs }: DiscoveredKind): boolean {
  return preferred && plural !== ignoredPlural && ["list", "watch", "delete"].every((verb) => verbs.includes(verb));
}

function keyOf({ group, kind }: { readonly group: string; readonly kind: string }): string {
  return `${group}/${kind}`;
}

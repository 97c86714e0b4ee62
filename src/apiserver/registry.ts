// Which resources the server serves right now: the built-in ones and those of established CRDs. Discovery, OpenAPI and
// routing all read from here, so a resource is served everywhere or nowhere.
import type { Resource } from "#api/resource.ts";

/** A set of resources keyed by group, version and plural. */
export class ResourceRegistry {
  readonly #byKey = new Map<string, Resource>();
  readonly #listeners = new Set<() => void>();
  #version = 0;
  /** Made when it is first asked for after a change. */
  #byPrefix: ReadonlyMap<string, readonly Resource[]> | undefined;

  constructor(resources: readonly Resource[] = []) {
    for (const resource of resources) this.#byKey.set(keyOf(resource), resource);
  }

  /** Moves on with every change; caches of derived documents compare it. */
  get version(): number {
    return this.#version;
  }

  find(group: string, version: string, plural: string): Resource | undefined {
    return this.#byKey.get(`${group}/${version}/${plural}`);
  }

  /** In order of registration. */
  all(): readonly Resource[] {
    return [...this.#byKey.values()];
  }

  /** All versions of the resource: those that share what is stored. */
  versionsOf({ storagePrefix }: Resource): readonly Resource[] {
    this.#byPrefix ??= Map.groupBy(this.#byKey.values(), (each) => each.storagePrefix);
    return this.#byPrefix.get(storagePrefix) ?? [];
  }

  /** Adds or replaces. */
  set(resource: Resource): void {
    this.#byKey.set(keyOf(resource), resource);
    this.#changed();
  }

  remove(group: string, version: string, plural: string): void {
    if (this.#byKey.delete(`${group}/${version}/${plural}`)) this.#changed();
  }

  /** Calls `listener` after each change. Returns the removal. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  #changed(): void {
    this.#version++;
    this.#byPrefix = undefined;
    for (const listener of this.#listeners) listener();
  }
}

function keyOf(resource: Resource): string {
  return `${resource.kind.group}/${resource.kind.version}/${resource.kind.plural}`;
}

// What the servers of a simulated world have made durable, as a checker sees it: beside the API, so that looking costs no
// step and disturbs nothing.
import { Cluster } from "#api/cluster/cluster.ts";
import { Node } from "#api/kinds.ts";
import { isKubeObject, isObjectOf } from "#machinery/guards.ts";
import { parseJson } from "#machinery/json.ts";
import type { Kind, KubeObject, ObjectRef } from "#machinery/object.ts";
import type { StoredRecord } from "#storage/record.ts";
import { Job } from "./workload/jobs.ts";
import { templateKinds } from "./workload/objects.ts";

/** A write that has become durable, with what the key held before. */
export interface ObservedChange {
  readonly server: string;
  readonly type: "put" | "delete";
  readonly key: string;
  readonly revision: number;
  /** Undefined: removed. */
  readonly after: StoredObject | undefined;
  /** Undefined: there was nothing. */
  readonly before: StoredObject | undefined;
}

/** An object as it is stored, parsed when it is first looked at. */
class StoredObject {
  readonly #bytes: Uint8Array;
  #object: KubeObject | undefined;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get object(): KubeObject {
    if (this.#object !== undefined) return this.#object;
    const parsed = parseJson(this.#bytes);
    if (!isKubeObject(parsed)) throw new Error("a server has stored what is no object");
    this.#object = parsed;
    return parsed;
  }
}

/** All objects of all servers. */
export class Mirror {
  readonly #abandoned = new Set<string>();
  readonly #servers = new Map<string, Map<string, StoredObject>>();

  /** A server has these records and nothing else. */
  reset(server: string, records: readonly StoredRecord[]): void {
    const objects = new Map<string, StoredObject>();
    for (const { type, key, value } of records) {
      if (type === "put") objects.set(key, new StoredObject(value));
      else objects.delete(key);
    }
    this.#servers.set(server, objects);
  }

  /** Takes a change in, and says what it changed. */
  apply(
    server: string,
    change: { readonly type: "put" | "delete"; readonly key: string; readonly revision: number; value: Uint8Array },
  ): ObservedChange {
    const { type, key, revision, value } = change;
    const objects = this.#of(server);
    const before = objects.get(key);
    const after = type === "put" ? new StoredObject(value) : undefined;
    if (after === undefined) objects.delete(key);
    else objects.set(key, after);
    if (after === undefined && before !== undefined && key.startsWith(`${prefixOf(Cluster)}/`))
      this.#abandon(before.object.metadata.name);
    return { server, type, key, revision, before, after };
  }

  find<T extends KubeObject>(server: string, kind: Kind<T>, ref: ObjectRef): T | undefined {
    const object = this.#of(server).get(keyOf(kind, ref))?.object;
    return object !== undefined && isObjectOf(kind, object) ? object : undefined;
  }

  /** All objects of a kind, in the order in which they came. */
  list<T extends KubeObject>(server: string, kind: Kind<T>): readonly T[] {
    const prefix = `${prefixOf(kind)}/`;
    const found: T[] = [];
    for (const [key, stored] of this.#of(server)) {
      if (key.startsWith(prefix) && isObjectOf(kind, stored.object)) found.push(stored.object);
    }
    return found;
  }

  /** Whether an object was in a cluster when that left: what is in it then stays, if it cannot be reached. */
  isAbandoned({ metadata }: KubeObject): boolean {
    return metadata.uid !== undefined && this.#abandoned.has(metadata.uid);
  }

  #abandon(server: string): void {
    for (const kind of templateKinds) {
      for (const { metadata } of this.list(server, kind)) this.#abandoned.add(metadata.uid ?? "");
    }
  }

  #of(server: string): Map<string, StoredObject> {
    const objects = this.#servers.get(server) ?? new Map<string, StoredObject>();
    this.#servers.set(server, objects);
    return objects;
  }
}

/** An object of this kind before and after a change of it on a server; neither where the change is of something else. */
export function changeOf<T extends KubeObject>(
  server: string,
  kind: Kind<T>,
  change: ObservedChange,
): { readonly before?: T; readonly after?: T } {
  if (change.server !== server || !change.key.startsWith(`${prefixOf(kind)}/`)) return {};
  const [before, after] = [change.before?.object, change.after?.object];
  return {
    ...(isObjectOf(kind, before) ? { before } : {}),
    ...(isObjectOf(kind, after) ? { after } : {}),
  };
}

/** Where an object is stored. */
export function keyOf(kind: Kind, { namespace, name }: ObjectRef): string {
  return `${prefixOf(kind)}/${namespace === undefined ? "" : `${namespace}/`}${name}`;
}

/** Under which the objects of a kind are stored: those of definitions by group, too; Nodes by a name of old. */
export function prefixOf({ group, plural }: Kind): string {
  if (group === Node.group && plural === Node.plural) return `/registry/${Node.storagePrefix ?? plural}`;
  return group.endsWith("karmada.io") || group === Job.group ? `/registry/${group}/${plural}` : `/registry/${plural}`;
}

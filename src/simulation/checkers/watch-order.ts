// Invariant: a watch delivers every change of its keys once and in order; a bookmark is never ahead of what was delivered.
// One who comes back goes on where it was; one who is told that the past is forgotten lists, and begins anew there.
import type { Checker, ObservedDelivery } from "./checker.ts";

interface Change {
  readonly revision: number;
  readonly key: string;
  readonly type: "put" | "delete";
}

/** Follows what is committed and what is delivered. */
export function watchOrder(): Checker {
  const log = new ChangeLog();
  return {
    committed({ server, key, type, revision }) {
      log.add(server, { key, type, revision });
      return undefined;
    },
    delivered: (delivery) => log.take(delivery),
    restored(server) {
      log.forget(server);
      return undefined;
    },
    unsettled: () => log.behind(),
  };
}

/** Kept until every watch has had them. */
class ChangeLog {
  readonly #changes = new Map<string, Change[]>();
  /** By server and prefix: up to which revision has been delivered. Absent: the watch has to list anew. */
  readonly #reached = new Map<string, { readonly server: string; readonly prefix: string; revision: number }>();

  add(server: string, change: Change): void {
    const changes = this.#changes.get(server) ?? [];
    this.#changes.set(server, changes);
    changes.push(change);
  }

  take({ server, prefix, type, revision, key }: ObservedDelivery): string | undefined {
    const name = `${server} ${prefix}`;
    const reached = this.#reached.get(name);
    if (type === "listed") {
      this.#reached.set(name, { server, prefix, revision });
      return undefined;
    }
    // What was under way while the server was put back is of a past that is no more.
    if (reached === undefined) return undefined;
    const next = this.#next(server, prefix, reached.revision);
    if (type === "reached") {
      if (next !== undefined && next.revision <= revision)
        return `a watch of ${name} was told that it had reached ${revision}, and had not had ${textOf(next)}`;
      reached.revision = Math.max(reached.revision, revision);
      return undefined;
    }
    if (next?.revision !== revision || next.key !== key || next.type !== type)
      return `a watch of ${name} delivered ${textOf({ type, key, revision })} after ${reached.revision} instead of ${textOf(next)}`;
    reached.revision = revision;
    return undefined;
  }

  forget(server: string): void {
    this.#changes.delete(server);
    for (const [name, reached] of this.#reached) if (reached.server === server) this.#reached.delete(name);
  }

  /** A watch that has not had everything. */
  behind(): string | undefined {
    for (const [name, { server, prefix, revision }] of this.#reached) {
      const next = this.#next(server, prefix, revision);
      if (next !== undefined) return `a watch of ${name} has not had ${textOf(next)}`;
    }
    return undefined;
  }

  #next(server: string, prefix: string, after: number): Change | undefined {
    const changes = this.#changes.get(server) ?? [];
    const start = firstAfter(changes, after);
    for (let index = start; index < changes.length; index++) {
      const change = changes[index];
      if (change?.key.startsWith(`${prefix}/`) === true) return change;
    }
    return undefined;
  }
}

/** Where the changes after a revision begin. */
function firstAfter(changes: readonly Change[], revision: number): number {
  let [low, high] = [0, changes.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((changes[middle]?.revision ?? 0) <= revision) low = middle + 1;
    else high = middle;
  }
  return low;
}

function textOf(change: Change | undefined): string {
  return change === undefined ? "nothing" : `${change.type} ${change.key} at ${change.revision}`;
}

// A store so naive that it is right by looking at it: every revision's whole state is kept. The measure of the drivers.
import type { StorageOperation, StoredEntry, StoredEvent, Transaction, TransactionResult } from "../storage.ts";

type State = ReadonlyMap<string, StoredEntry>;

export interface ModelRange {
  readonly entries: StoredEntry[];
  readonly count: number;
}

export class StorageModel {
  readonly #states = new Map<number, State>();
  readonly events: StoredEvent[] = [];
  revision: number;

  constructor(revision: number) {
    this.revision = revision;
    this.#states.set(revision, new Map());
  }

  transact({ compare, operations }: Transaction): TransactionResult {
    const before = this.#stateAt(this.revision);
    const holds = compare.every(({ key, modRevision }) => (before.get(key)?.modRevision ?? 0) === modRevision);
    if (!holds) {
      return { succeeded: false, revision: this.revision, current: compare.map(({ key }) => before.get(key)) };
    }
    const after = new Map(before);
    for (const operation of operations) this.#change(after, operation);
    const isChanged = this.events.at(-1)?.revision === this.revision + 1;
    if (isChanged) this.#states.set(++this.revision, after);
    return { succeeded: true, revision: this.revision, current: [] };
  }

  range(prefix: string, from: string, limit: number, revision: number): ModelRange {
    const entries = [...this.#stateAt(revision).values()]
      .filter(({ key }) => key.startsWith(prefix) && compareBytes(key, from) >= 0)
      .sort((left, right) => compareBytes(left.key, right.key));
    return { entries: entries.slice(0, limit), count: entries.length };
  }

  eventsSince(revision: number, prefix: string): StoredEvent[] {
    return this.events.filter((event) => event.revision >= revision && event.key.startsWith(prefix));
  }

  #stateAt(revision: number): State {
    return this.#states.get(revision) ?? new Map<string, StoredEntry>();
  }

  #change(state: Map<string, StoredEntry>, operation: StorageOperation): void {
    const { type, key } = operation;
    const revision = this.revision + 1;
    const previous = state.get(key);
    if (type === "delete") {
      if (previous === undefined) return;
      state.delete(key);
      this.events.push({ type, key, revision, entry: previous, previous });
      return;
    }
    const createRevision = previous?.createRevision ?? revision;
    const version = (previous?.version ?? 0) + 1;
    const entry: StoredEntry = { key, value: operation.value, createRevision, modRevision: revision, version };
    state.set(key, entry);
    this.events.push({ type, key, revision, entry, previous });
  }
}

function compareBytes(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}

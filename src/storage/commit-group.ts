// A commit group: transactions evaluated one after the other, each seeing those before it, and made durable together.
// Pure planning: nothing else sees its effects until the engine publishes it, and dropping it undoes them.
import type { MvccEntry, MvccEvent } from "./event-log.ts";
import type { StorageOperation, Transaction, TransactionResult } from "./storage.ts";

/** A value that is a small view of a larger buffer would keep all of that alive: it is copied when this much would be wasted. */
const wastedBytesMax = 1_024;

/** What a group is planned on. */
export interface GroupBase {
  readonly revision: number;
  readonly sequence: number;
  get(key: string): MvccEntry | undefined;
}

export class CommitGroup {
  /** The newest record of what it is planned on. */
  readonly baseSequence: number;
  readonly #base: GroupBase;
  readonly #events: MvccEvent[] = [];
  /** What the group itself has done to a key; undefined: deleted it. */
  readonly #changed = new Map<string, MvccEntry | undefined>();
  #revision: number;
  #sequence: number;

  constructor(base: GroupBase) {
    this.#base = base;
    this.#revision = base.revision;
    this.#sequence = base.sequence;
    this.baseSequence = base.sequence;
  }

  /** All changes so far, in order. */
  get events(): readonly MvccEvent[] {
    return this.#events;
  }

  /** Adds a transaction and tells its outcome, valid once the group is durable. */
  evaluate({ compare, operations }: Transaction): TransactionResult {
    const holds = compare.every(({ key, modRevision }) => (this.#get(key)?.modRevision ?? 0) === modRevision);
    if (!holds) {
      return { succeeded: false, revision: this.#revision, current: compare.map(({ key }) => this.#get(key)) };
    }
    const revision = this.#revision + 1;
    for (const operation of operations) {
      const event = this.#plan(operation, revision);
      if (event === undefined) continue;
      this.#events.push(event);
      this.#changed.set(event.key, event.type === "put" ? event.entry : undefined);
      this.#revision = revision;
    }
    return { succeeded: true, revision: this.#revision, current: [] };
  }

  #get(key: string): MvccEntry | undefined {
    return this.#changed.has(key) ? this.#changed.get(key) : this.#base.get(key);
  }

  #plan(operation: StorageOperation, revision: number): MvccEvent | undefined {
    const { type, key } = operation;
    const previous = this.#get(key);
    if (type === "delete") {
      if (previous === undefined) return undefined;
      return { type, key, revision, entry: previous, previous, sequence: ++this.#sequence };
    }
    const sequence = ++this.#sequence;
    const entry: MvccEntry = {
      key,
      value: ownBytes(operation.value),
      createRevision: previous?.createRevision ?? revision,
      modRevision: revision,
      version: (previous?.version ?? 0) + 1,
      sequence,
    };
    return { type, key, revision, entry, previous, sequence };
  }
}

function ownBytes(value: Uint8Array): Uint8Array {
  return value.buffer.byteLength - value.byteLength > wastedBytesMax ? new Uint8Array(value) : value;
}

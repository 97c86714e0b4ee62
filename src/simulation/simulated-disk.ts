// A disk that outlives the server that writes to it. A crash keeps a prefix of the commit groups, with all that have been
// acknowledged in it; a group is kept whole or not at all. Full, it refuses what adds, and what is stored can be read on.
import { ApiError } from "#machinery/api-error.ts";
import { type Random, randomFraction } from "#std/random.ts";
import type { Clock } from "#std/time.ts";
import type { Logger } from "#std/logger.ts";
import type { MvccEvent } from "#storage/event-log.ts";
import { type CommitLog, GroupCommitStorage, type LoggedGroup } from "#storage/group-commit.ts";
import { MvccEngine, type MvccOptions } from "#storage/mvcc.ts";
import { recordOf, type StoredRecord } from "#storage/record.ts";
import type { Storage } from "#storage/storage.ts";

/** The longest that a group takes to become durable. */
const syncMillisecondsMax = 3;

export interface SimulatedDiskOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** What the disk holds from the beginning. */
  readonly records?: readonly StoredRecord[];
  /** Told of each change as it becomes durable. */
  readonly onCommit?: (events: readonly MvccEvent[]) => void;
}

/** What a disk held at some time. */
export interface DiskBackup {
  readonly records: ReadonlyMap<number, StoredRecord>;
  readonly compactedRevision: number;
}

/** One machine's disk. `open` starts a store on what is there; `crash` ends it as a loss of power does. */
export class SimulatedDisk {
  /** Whether writes that need room are refused. */
  isFull = false;
  readonly #options: SimulatedDiskOptions;
  readonly #records = new Map<number, StoredRecord>();
  #compactedRevision = 1;
  /** Which store may write: a crash lets go of it. */
  #generation = 0;
  #pending: LoggedGroup | undefined;

  constructor(options: SimulatedDiskOptions) {
    this.#options = options;
    for (const record of options.records ?? []) this.#records.set(record.sequence, record);
  }

  /** All that is durable now, in order. */
  records(): StoredRecord[] {
    return [...this.#records.values()];
  }

  /** What is on it now, to be put back later. */
  backup(): DiskBackup {
    return { records: new Map(this.#records), compactedRevision: this.#compactedRevision };
  }

  /** Everything is as it was when the backup was made. The store must have crashed. */
  restore({ records, compactedRevision }: DiskBackup): void {
    this.#records.clear();
    for (const [sequence, record] of records) this.#records.set(sequence, record);
    this.#compactedRevision = compactedRevision;
  }

  /** A store on what the disk holds. */
  open(bounds: MvccOptions = {}): Storage {
    const engine = new MvccEngine({ clock: this.#options.clock, ...bounds });
    engine.startRestore(this.#compactedRevision);
    for (const record of this.#records.values()) engine.restore(record);
    engine.endRestore();
    const generation = ++this.#generation;
    const log: CommitLog = {
      append: (group) => this.#append(group, generation),
      close: () => Promise.resolve(),
    };
    return new GroupCommitStorage({ engine, log, logger: this.#options.log });
  }

  /** Power is lost: the group on its way is kept whole or lost, by chance, and its writer never hears of it. */
  crash(): void {
    this.#generation++;
    const pending = this.#pending;
    this.#pending = undefined;
    if (pending !== undefined && this.#options.random.uint32() % 2 === 0) this.#keep(pending);
  }

  async #append(group: LoggedGroup, generation: number): Promise<void> {
    const { clock, random } = this.#options;
    if (generation !== this.#generation) throw new Error("the disk is gone");
    const needsRoom = group.events.some(({ type }) => type === "put");
    if (this.isFull && needsRoom) throw new ApiError("StorageFull", "the disk is full");
    this.#pending = group;
    await clock.sleep(randomFraction(random) * syncMillisecondsMax);
    // A machine without power gives no answer, not even an error.
    if (generation !== this.#generation) return await new Promise<never>(() => undefined);
    this.#pending = undefined;
    this.#keep(group);
  }

  #keep({ events, forgotten }: LoggedGroup): void {
    for (const event of events) this.#records.set(event.sequence, recordOf(event));
    if (forgotten !== undefined) {
      this.#compactedRevision = forgotten.compactedRevision;
      for (const sequence of forgotten.sequences) this.#records.delete(sequence);
    }
    if (events.length > 0) this.#options.onCommit?.(events);
  }
}

// The memory driver: everything the port promises but lasting beyond the process. For tests and throw-away servers.
import { silentLogger } from "#std/logger.ts";
import { type CommitLog, GroupCommitStorage } from "../group-commit.ts";
import { MvccEngine, type MvccOptions } from "../mvcc.ts";
import type { Storage } from "../storage.ts";

/** A store that lasts as long as the process. */
export function memoryStorage(options: MvccOptions = {}): Storage {
  return new GroupCommitStorage({ engine: new MvccEngine(options), log: forgetfulLog, logger: silentLogger });
}

const forgetfulLog: CommitLog = {
  append: () => Promise.resolve(),
  close: () => Promise.resolve(),
};

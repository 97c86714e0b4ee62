// A lock that is the operating system's: SQLite holds it as a file lock, so it ends with the process however that ends,
// and no leftover file ever blocks a start. Node.js has no flock of its own.
import { rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

const sqliteBusy = 5;
const sqliteNotADatabase = 26;

/** A held lock. */
export interface Lock {
  release(): void;
}

/** Takes the lock that `path` stands for, or returns undefined when a living process (this one included) holds it. */
export function tryLock(path: string): Lock | undefined {
  const database = new DatabaseSync(path);
  try {
    database.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
    return {
      release: () => {
        database.close();
      },
    };
  } catch (error) {
    database.close();
    const code = sqliteCode(error);
    if (code === sqliteBusy) return undefined;
    if (code !== sqliteNotADatabase) throw error;
    rmSync(path);
    return tryLock(path);
  }
}

function sqliteCode(error: unknown): number | undefined {
  return error instanceof Error && "errcode" in error && typeof error.errcode === "number" ? error.errcode : undefined;
}

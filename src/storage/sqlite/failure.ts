// What went wrong in the database's thread, as data that crosses to the main thread, and as the ApiError it is there.
import { ApiError, errorText, type Reason } from "#machinery/api-error.ts";

/**
 * full: no room, nothing was changed. busy: another program holds the file for a while, nothing was changed.
 * locked: another process has the store open. refused: a file that this program must not touch, or cannot.
 * failed: the disk or the file cannot be trusted any more.
 */
export type FailureKind = "full" | "busy" | "locked" | "refused" | "failed";

export interface Failure {
  readonly kind: FailureKind;
  readonly message: string;
}

/** A failure on its way through the database's thread. */
export class DatabaseError extends Error {
  override readonly name = "DatabaseError";
  readonly kind: FailureKind;

  constructor(kind: FailureKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/** SQLite's result codes (sqlite3.h), the extended ones where they matter. */
const sqlite = {
  busy: 5,
  locked: 6,
  corrupt: 11,
  full: 13,
  notADatabase: 26,
  /** A write that failed for another reason than want of space on the device: a quota, a file size limit, a bad sector. */
  ioWrite: 778,
  /** The shared memory file beside the database cannot grow. */
  ioSharedMemorySize: 4874,
} as const;

/** The kind of anything thrown while writing. Unknown failures count as the worst: after a failed fsync nothing is sure. */
export function kindOf(error: unknown): FailureKind {
  if (error instanceof DatabaseError) return error.kind;
  const code = sqliteCodeOf(error);
  if (code === sqlite.full || code === sqlite.ioWrite || code === sqlite.ioSharedMemorySize) return "full";
  if (code !== undefined && ((code & 0xff) === sqlite.busy || (code & 0xff) === sqlite.locked)) return "busy";
  return "failed";
}

/** Whether SQLite says that the file is none of its own or not whole. */
export function isDamage(error: unknown): boolean {
  const code = (sqliteCodeOf(error) ?? 0) & 0xff;
  return code === sqlite.corrupt || code === sqlite.notADatabase;
}

/** A thrown failure as data. */
export function failureOf(error: unknown): Failure {
  return { kind: kindOf(error), message: errorText(error) };
}

const reasons: Record<FailureKind, Reason> = {
  full: "StorageFull",
  busy: "ServiceUnavailable",
  locked: "Conflict",
  refused: "InternalError",
  failed: "InternalError",
};

/** A failure as callers of the store get it. */
export function apiErrorOf({ kind, message }: Failure): ApiError {
  return new ApiError(reasons[kind], message);
}

function sqliteCodeOf(error: unknown): number | undefined {
  return error instanceof Error && "errcode" in error && typeof error.errcode === "number" ? error.errcode : undefined;
}

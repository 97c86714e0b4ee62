// Invariant: a write that names a resourceVersion succeeds only on exactly that one. When one was acknowledged, the change
// of its key before it is the one it named; 0 names a key that does not exist.
import type { CommittedChange } from "./watch-delivery.ts";

/** A conditional write that was acknowledged. */
export interface ConditionalWrite {
  readonly key: string;
  /** The revision it was made on. */
  readonly expected: number;
  /** The revision it made. */
  readonly revision: number;
}

/** A sentence if the write succeeded on something else than it named. `committed`: in order of revisions. */
export function brokenCondition(committed: readonly CommittedChange[], write: ConditionalWrite): string | undefined {
  const before = committed.findLast(({ key, revision }) => key === write.key && revision < write.revision);
  const actual = before === undefined || before.type === "delete" ? 0 : before.revision;
  if (actual === write.expected) return undefined;
  return `a write of ${write.key} made on ${String(write.expected)} was accepted while it was at ${String(actual)}`;
}

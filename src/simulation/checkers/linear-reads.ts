// Invariant: what is acknowledged is kept. A read sees the value of a write that can still be the newest: one that was not
// refused, was begun before the read ended, and was not over before another one began that was acknowledged before the
// read. A write without an answer (its server crashed) may have happened at any time after it began, or never. The reads at
// the end of a run, after the last crash, make this the rule that no acknowledged write is lost.

/** When something began and ended, in steps of the observer. Infinity: it has never been answered. */
interface Span {
  readonly key: string;
  readonly begunAt: number;
  readonly endedAt: number;
}

/** A write that was not refused. Values are unique within a run. Undefined: the key was removed. */
export interface ObservedWrite extends Span {
  readonly value: string | undefined;
}

export interface ObservedRead extends Span {
  /** Undefined: there was nothing. */
  readonly value: string | undefined;
}

/** A sentence for each read that saw what it cannot have seen. */
export function brokenReads(writes: readonly ObservedWrite[], reads: readonly ObservedRead[]): string[] {
  const byKey = Map.groupBy(writes, ({ key }) => key);
  return reads.flatMap((read) => {
    const own: readonly ObservedWrite[] = byKey.get(read.key) ?? [];
    const before: ObservedWrite = { key: read.key, value: undefined, begunAt: -Infinity, endedAt: -Infinity };
    const sources = [before, ...own].filter(({ value, begunAt }) => value === read.value && begunAt < read.endedAt);
    const later = (source: ObservedWrite): ObservedWrite | undefined =>
      own.find(({ begunAt, endedAt }) => source.endedAt < begunAt && endedAt < read.begunAt);
    if (sources.some((source) => later(source) === undefined)) return [];
    const [source] = sources;
    const seen = `a read of ${read.key} saw ${read.value ?? "nothing"}`;
    if (source === undefined) return [`${seen}, which nobody has written`];
    return [`${seen}, and ${later(source)?.value ?? "its removal"} had been acknowledged before the read`];
  });
}

// Invariant: a watch delivers every change of its keys once and in order. A watcher that comes back continues where it was;
// one that was told that its past is forgotten lists again and begins a new span there. Within a span nothing is missing,
// nothing comes twice, nothing comes that has not been committed, whatever was cut, crashed or compacted meanwhile.

export interface CommittedChange {
  readonly revision: number;
  readonly key: string;
  readonly type: "put" | "delete";
}

/** What a watcher was given between two lists. */
export interface WatchSpan {
  readonly prefix: string;
  /** The first revision it asked for. */
  readonly from: number;
  /** It was told that everything up to here has been delivered. */
  readonly until: number;
  readonly changes: readonly CommittedChange[];
}

/** The first deviation of a span from what was committed, as a sentence. Changes of one revision are sorted by key. */
export function brokenDelivery(committed: readonly CommittedChange[], span: WatchSpan): string | undefined {
  const wanted = committed.filter(
    ({ key, revision }) => key.startsWith(span.prefix) && revision >= span.from && revision <= span.until,
  );
  const count = Math.max(wanted.length, span.changes.length);
  for (let index = 0; index < count; index++) {
    const [want, got] = [wanted[index], span.changes[index]].map((change) => textOf(change));
    if (want !== got) {
      return `a watch of ${span.prefix} from ${String(span.from)} delivered ${got ?? "nothing"} instead of ${want ?? "nothing"}`;
    }
  }
  return undefined;
}

function textOf(change: CommittedChange | undefined): string | undefined {
  return change === undefined ? undefined : `${change.type} ${change.key} at ${String(change.revision)}`;
}

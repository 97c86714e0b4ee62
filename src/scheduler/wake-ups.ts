// What clusters wake up. It may be everything that waits, so it goes in slices and gives way to what users have just changed.
import { Cluster } from "#api/cluster/cluster.ts";
import type { SourceArguments } from "#runtime/controller.ts";
import { abortable } from "#std/abort.ts";
import { createPacer } from "#std/pacer.ts";
import { bindingKinds, concernedBy, keyOf } from "./watches.ts";

/** How long bindings are gone through before others are let in. */
const sliceMilliseconds = 2;

interface Change {
  readonly cluster: Cluster;
  /** As it was when bindings were last woken up for it; undefined: it is new, or it is gone. */
  readonly old: Cluster | undefined;
}

/** Adds the bindings that a changed cluster concerns, until the signal aborts. */
export async function wakeByClusters(args: SourceArguments<object>): Promise<void> {
  const { informers, signal } = args;
  const changes = new Map<string, Change>();
  let more = Promise.withResolvers<undefined>();
  const remove = informers.for(Cluster).onEvent((event) => {
    // Bindings that were there when work began are all looked at anyway.
    if (event.type === "added" && event.initial) return;
    const { name } = event.object.metadata;
    const waiting = changes.get(name);
    const old = event.type !== "updated" ? undefined : waiting === undefined ? event.old : waiting.old;
    changes.set(name, { cluster: event.object, old });
    more.resolve(undefined);
  });
  try {
    for (;;) {
      await abortable(more.promise, signal);
      more = Promise.withResolvers<undefined>();
      const batch = [...changes.values()];
      changes.clear();
      await wake(batch, args);
    }
  } finally {
    remove();
  }
}

async function wake(changes: readonly Change[], args: SourceArguments<object>): Promise<void> {
  const tests = changes.flatMap(({ cluster, old }) => concernedBy(cluster, old) ?? []);
  if (tests.length === 0) return;
  const pacer = createPacer(args.clock, sliceMilliseconds);
  for (const kind of bindingKinds) {
    for (const binding of args.informers.for(kind).list()) {
      if (tests.some((concerns) => concerns(binding))) args.enqueue(keyOf(kind, binding), { priority: "low" });
      await pacer.pause();
    }
  }
}

// Invariant: in a world that is right and left alone nothing goes on: no object is written again and again. Leases, the
// regular status of clusters and events are not meant.
import type { Checker } from "./checker.ts";

/** What was under way when all was right may still be written. */
const writesMax = 3;

const regular = ["/registry/leases/", "/registry/cluster.karmada.io/clusters/", "/registry/events/"];

export function nothingFlaps(): Checker {
  const writes = new Map<string, number>();
  return {
    committed({ server, key }) {
      if (regular.some((prefix) => key.startsWith(prefix))) return undefined;
      const name = `${server} ${key}`;
      writes.set(name, (writes.get(name) ?? 0) + 1);
      return undefined;
    },
    unsettled() {
      writes.clear(); // whatever came before was still on the way to here
      return undefined;
    },
    rested() {
      for (const [name, count] of writes)
        if (count > writesMax) return `${name} is written ${count} times, with no need`;
      return undefined;
    },
  };
}

// Invariant: no work queue grows without bound. A world has a handful of objects, so that more keys than these wait only
// where keys are made that stand for nothing.
import type { Checker, Observed } from "./checker.ts";

const depthMax = 400;

export function boundedQueues({ queueDepths }: Pick<Observed, "queueDepths">): Checker {
  const look = (): string | undefined => {
    for (const [name, depth] of queueDepths()) {
      if (depth > depthMax) return `${depth} keys wait in the queue of ${name}`;
    }
    return undefined;
  };
  return { looked: look, unsettled: look };
}

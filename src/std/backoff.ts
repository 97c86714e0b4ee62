// How long to wait before trying again: doubling, capped, with jitter so that many do not come back at once. Pure.
// Upstream: k8s.io/apimachinery/pkg/util/wait/backoff.go.
import { type Random, randomFraction } from "./random.ts";

export interface Backoff {
  readonly firstMilliseconds: number;
  readonly maxMilliseconds: number;
  /** Adds up to this share of the wait, by chance. */
  readonly jitter: number;
}

/** The wait before try number `attempt` + 1, where `attempt` tries (at least 1) have failed. */
export function backoffDelay(backoff: Backoff, attempt: number, random: Random): number {
  const doublings = Math.min(Math.max(attempt - 1, 0), 52);
  const wait = Math.min(backoff.firstMilliseconds * 2 ** doublings, backoff.maxMilliseconds);
  return wait * (1 + backoff.jitter * randomFraction(random));
}

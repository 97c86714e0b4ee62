// Who leads, judged from a Lease and from when we saw it change. Pure: times are arguments, and they are our own monotonic
// ones, so that clocks that disagree cannot make two leaders. Upstream: k8s.io/client-go/tools/leaderelection.
import type { LeaseSpec } from "#api/generated/types.ts";
import { formatMicroTime } from "#std/time.ts";

export interface Candidate {
  readonly identity: string;
  readonly leaseDurationMilliseconds: number;
}

/** What we have seen of the Lease. */
export interface Observation {
  readonly spec: LeaseSpec;
  /** When this very state was first seen. */
  readonly observedAt: number;
}

export type Verdict =
  { readonly kind: "take"; readonly isOurs: boolean } | { readonly kind: "wait"; readonly holder: string };

/** May the candidate write its name into the Lease now? */
export function judgeLease(seen: Observation, candidate: Candidate, monotonicNow: number): Verdict {
  const holder = seen.spec.holderIdentity ?? "";
  if (holder === candidate.identity) return { kind: "take", isOurs: true };
  const declared = seen.spec.leaseDurationSeconds;
  const duration = declared === undefined ? candidate.leaseDurationMilliseconds : declared * 1000;
  const free = holder === "" || seen.observedAt + duration <= monotonicNow;
  return free ? { kind: "take", isOurs: false } : { kind: "wait", holder };
}

/** The Lease with the candidate as its holder. */
export function takenLease(old: LeaseSpec | undefined, candidate: Candidate, wallNow: number): LeaseSpec {
  const renewTime = formatMicroTime(wallNow);
  const ours = old?.holderIdentity === candidate.identity;
  const transitions = old?.leaseTransitions ?? 0;
  return {
    ...old,
    holderIdentity: candidate.identity,
    leaseDurationSeconds: Math.ceil(candidate.leaseDurationMilliseconds / 1000),
    acquireTime: ours ? (old.acquireTime ?? renewTime) : renewTime,
    renewTime,
    leaseTransitions: ours || old === undefined ? transitions : transitions + 1,
  };
}

/** The Lease given up: free at once for whoever looks next. */
export function releasedLease(old: LeaseSpec, wallNow: number): LeaseSpec {
  const now = formatMicroTime(wallNow);
  return { ...old, holderIdentity: "", leaseDurationSeconds: 1, renewTime: now, acquireTime: now };
}

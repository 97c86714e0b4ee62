// Invariant: of the processes that stand for one Lease, only the one that holds it writes, to the control plane and to the
// members, when the write arrives. (That a process is paused between asking itself whether it leads and sending is not
// simulated: nothing but a check in the server itself could help then.)
import { Lease } from "#api/kinds.ts";
import { lease, needsLease } from "../parts.ts";
import type { Checker, Observed } from "./checker.ts";

const reads: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

export function oneLeader({ mirror, controlPlane }: Observed): Checker {
  return {
    requested({ component, identity, server, method, path }) {
      if (!needsLease(component) || reads.has(method) || path.includes(`/leases`)) return undefined;
      const holder = mirror.find(controlPlane, Lease, lease)?.spec.holderIdentity;
      if (holder === identity) return undefined;
      return `${identity} sends ${method} ${path} to ${server}, and the Lease is held by ${holder ?? "nobody"}`;
    },
  };
}

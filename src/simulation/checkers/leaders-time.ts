// What time it is by the clock of the controller manager that leads. Clocks are wrong: what one process has noted may be in the
// future of the next, which then waits for it.
import { Lease } from "#api/kinds.ts";
import { parseTime } from "#std/time.ts";
import type { Mirror } from "../mirror.ts";
import { controlPlane, lease } from "../parts.ts";

/** A Lease is renewed often enough to tell the time of who has it; what falls due then takes a moment. */
const leaseMilliseconds = 15_000;

/** Whether this time is over, for whoever leads. */
export function isPast(mirror: Mirror, time: number): boolean {
  const now = parseTime(mirror.find(controlPlane, Lease, lease)?.spec.renewTime);
  return now !== undefined && time + leaseMilliseconds < now;
}

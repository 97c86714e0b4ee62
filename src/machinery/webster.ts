// Dividing whole things by weights: the Webster (Sainte-Laguë) method, as Karmada divides replicas and completions.
// The next seat goes to the party with the largest votes / (2 * seats + 1). Upstream: karmada
// pkg/util/helper/webstermethod.go, pkg/util/helper/binding.go (SpreadReplicasByTargetClusters).
import { fnv32a } from "./hash.ts";

export interface Share {
  readonly name: string;
  readonly votes: number;
  /** Seats that it has already. */
  readonly seats: number;
}

interface Party {
  readonly name: string;
  readonly votes: number;
  seats: number;
}

/** Whether `left` gets the seat when both have the same claim to it. */
type TieBreak = (left: Share, right: Share) => boolean;

/**
 * Gives `newSeats` more seats, on top of those that the shares have. The result is by name. Ties go to who has fewer
 * seats, then by name: ascending or descending, as the uid's hash decides, so that objects do not all favour one party.
 */
export function divideByWebster(newSeats: number, shares: readonly Share[], uid: string | undefined): Share[] {
  const parties: Party[] = shares.map(({ name, votes, seats }) => ({ name, votes, seats }));
  const tieBreak = tieBreakOf(uid);
  if (parties.length > 0) handOut(jumpStart(newSeats, parties), parties, tieBreak);
  return parties.sort((left, right) => (left.name < right.name ? -1 : 1));
}

/** Which way ties go by name. */
export type TieOrder = "ascending" | "descending";

/** As the uid's hash decides. */
export function tieOrderOf(uid: string | undefined): TieOrder {
  return uid !== undefined && uid !== "" && fnv32a(uid) % 2 === 1 ? "descending" : "ascending";
}

function tieBreakOf(uid: string | undefined): TieBreak {
  const descending = tieOrderOf(uid) === "descending";
  return (left, right) => {
    if (left.seats !== right.seats) return left.seats < right.seats;
    return descending ? left.name > right.name : left.name < right.name;
  };
}

/** Halvings of the claim in the search for where the seats run out: beyond what a double can tell apart. */
const bisectionSteps = 64;
/** Seats of each party that are left to the exact procedure, against rounding. */
const exactSeats = 2;

/**
 * Hands out, in one go, most of the seats that are certain: those with a claim well above where the seats run out.
 * Gives how many remain. Without it a replica count of 2³¹ would stop the process for minutes.
 */
function jumpStart(newSeats: number, parties: readonly Party[]): number {
  let low = 0;
  let high = Math.max(...parties.map(({ votes }) => votes));
  const certain = (party: Party, claim: number): number =>
    Math.max(0, Math.floor((party.votes / claim + 1) / 2) - exactSeats - party.seats);
  const total = (claim: number): number => parties.reduce((sum, party) => sum + certain(party, claim), 0);
  const exactInAll = newSeats - exactSeats * parties.length;
  if (exactInAll <= 0 || high <= 0) return newSeats;
  for (let step = 0; step < bisectionSteps; step++) {
    const middle = (low + high) / 2;
    if (total(middle) > exactInAll) low = middle;
    else high = middle;
  }
  let remaining = newSeats;
  for (const party of parties) {
    const seats = certain(party, high);
    party.seats += seats;
    remaining -= seats;
  }
  return remaining;
}

/** The exact procedure. `parties` is kept as a heap whose first has the best claim. */
function handOut(seats: number, parties: Party[], tieBreak: TieBreak): void {
  for (let index = (parties.length >> 1) - 1; index >= 0; index--) siftDown(parties, index, tieBreak);
  for (let remaining = seats; remaining > 0; remaining--) {
    const first = parties[0];
    if (first === undefined) return;
    first.seats++;
    siftDown(parties, 0, tieBreak);
  }
}

function siftDown(heap: Party[], start: number, tieBreak: TieBreak): void {
  for (let index = start; ;) {
    const left = 2 * index + 1;
    const right = left + 1;
    let best = index;
    if (goesBefore(heap[left], heap[best], tieBreak)) best = left;
    if (goesBefore(heap[right], heap[best], tieBreak)) best = right;
    const [moved, child] = [heap[index], heap[best]];
    if (best === index || moved === undefined || child === undefined) return;
    heap[index] = child;
    heap[best] = moved;
    index = best;
  }
}

function goesBefore(left: Party | undefined, right: Party | undefined, tieBreak: TieBreak): boolean {
  if (left === undefined || right === undefined) return false;
  const claims = left.votes / (2 * left.seats + 1) - right.votes / (2 * right.seats + 1);
  return claims === 0 ? tieBreak(left, right) : claims > 0;
}

// The checkers that every seed is held to.
import type { Ledger } from "../ledger.ts";
import { boundedQueues } from "./bounded-queues.ts";
import type { MakeChecker } from "./checker.ts";
import { customizedKinds } from "./customized-kinds.ts";
import { doneRebalancers } from "./done-rebalancers.ts";
import { exactClusters } from "./exact-clusters.ts";
import { exactDependencies } from "./exact-dependencies.ts";
import { forwardAffinities } from "./forward-affinities.ts";
import { heldEvictions } from "./held-evictions.ts";
import { keptWrites } from "./kept-writes.ts";
import { lastHealthyCopy } from "./last-healthy-copy.ts";
import { lastGoodState } from "./last-good-state.ts";
import { nothingFlaps } from "./nothing-flaps.ts";
import { nothingLeft } from "./nothing-left.ts";
import { oneLeader } from "./one-leader.ts";
import { placedWhenPossible } from "./placed-when-possible.ts";
import { preservedCopies } from "./preserved-copies.ts";
import { replicaSums } from "./replica-sums.ts";
import { roomForGrowth } from "./room-for-growth.ts";
import { statefulMoves } from "./stateful-moves.ts";
import { toldFailovers } from "./told-failovers.ts";
import { trueStatus } from "./true-status.ts";
import { unmanagedObjects } from "./unmanaged-objects.ts";
import { watchOrder } from "./watch-order.ts";

/** All of them. `nothingFlaps` comes last: it counts from when all others are content. */
export function allCheckers(ledger: Ledger): readonly MakeChecker[] {
  return [
    ...[keptWrites(ledger), watchOrder, oneLeader, boundedQueues, unmanagedObjects, preservedCopies, lastHealthyCopy],
    ...[
      exactClusters,
      replicaSums,
      trueStatus,
      nothingLeft,
      toldFailovers,
      statefulMoves,
      lastGoodState,
      forwardAffinities,
    ],
    ...[
      placedWhenPossible,
      roomForGrowth,
      heldEvictions,
      doneRebalancers,
      exactDependencies,
      customizedKinds,
      nothingFlaps,
    ],
  ];
}

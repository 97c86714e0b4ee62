// Mutating policies and webhooks run once, and those that ask for it once more where others have changed the object since.
// Upstream: k8s.io/apiserver/pkg/admission/reinvocation.go.
import { deepEqual } from "#machinery/equality.ts";

/** What one round has done. `Caller`: what tells its members apart. */
export interface MutationRound<Caller> {
  /** Those that ask for another round, with what the object was after each. */
  readonly called: ReadonlyMap<Caller, object>;
  /** Whether one of them has changed the object. */
  readonly changed: boolean;
}

/** In the first round everybody has a turn; in the second who asks for it and has not seen what the object is now. */
export function hasTurn<Caller>(caller: Caller, object: object, previous: MutationRound<Caller> | undefined): boolean {
  if (previous === undefined) return true;
  const seen = previous.called.get(caller);
  return seen !== undefined && !deepEqual(seen, object);
}

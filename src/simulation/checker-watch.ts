// The checkers of one world: asks them, remembers what the user does by hand, and ends the run when an invariant is broken.
import { isApiError } from "#machinery/api-error.ts";
import type { Checker, MakeChecker, Observed } from "./checkers/checker.ts";

/** How long something done by hand whose outcome is not known may still happen. */
const handMilliseconds = 60_000;

/** Why a seed was ended. */
export class BrokenInvariantError extends Error {
  override readonly name = "BrokenInvariantError";
}

export class CheckerWatch {
  readonly #checkers: readonly Checker[];
  readonly #now: () => number;
  readonly #hands = new Map<string, number>();
  readonly #broken = Promise.withResolvers<never>();

  constructor(checkers: readonly MakeChecker[], world: Omit<Observed, "isByHand">) {
    const isByHand: Observed["isByHand"] = (server, key, milliseconds = 0) => {
      const until = this.#hands.get(`${server} ${key}`);
      return until !== undefined && until + milliseconds >= this.#now();
    };
    this.#now = world.now;
    this.#checkers = checkers.map((make) => make({ ...world, isByHand }));
    this.#broken.promise.catch(() => undefined); // nobody may be waiting for it
  }

  /** Rejects when an invariant is broken. */
  get broken(): Promise<never> {
    return this.#broken.promise;
  }

  /** Asks all; the first who finds something ends the run. */
  ask(question: (checker: Checker) => string | undefined): void {
    for (const checker of this.#checkers) {
      const what = question(checker);
      if (what !== undefined) this.report(what);
    }
  }

  /** What is not yet as it must be in a calm world. */
  unsettled(): string | undefined {
    for (const checker of this.#checkers) {
      const what = checker.unsettled?.();
      if (what !== undefined) return what;
    }
    return undefined;
  }

  /** An invariant is broken: the run ends. */
  report(what: string): void {
    this.#broken.reject(new BrokenInvariantError(what));
  }

  /** Does something to an object, which checkers are told is the user's doing. */
  async byHand<T>(server: string, key: string, act: () => Promise<T>): Promise<T> {
    const hand = `${server} ${key}`;
    this.#hands.set(hand, this.#now() + handMilliseconds);
    try {
      const result = await act();
      this.#hands.set(hand, this.#now());
      return result;
    } catch (error) {
      if (isApiError(error)) this.#hands.set(hand, this.#now());
      throw error;
    }
  }
}

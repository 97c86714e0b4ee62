// Bounds what many small pieces of work do together within one turn of the event loop. Each of a thousand watchers of an
// event has little to do, and none of them holds the loop: all of them would.
import type { Clock } from "./time.ts";

interface Waiting {
  readonly weight: number;
  readonly begin: () => void;
}

export class TurnBudget {
  readonly #clock: Clock;
  readonly #weightMax: number;
  #spent = 0;
  /** The next turn is under way. */
  #isCounting = false;
  #waiting: Waiting[] = [];

  /** Work of `weightMax` in all begins in one turn, or one piece more. */
  constructor(clock: Clock, weightMax: number) {
    this.#clock = clock;
    this.#weightMax = weightMax;
  }

  /** What to await before a piece of work, if anything: this turn has had enough. Who came first goes first. */
  spend(weight: number): Promise<void> | undefined {
    if (this.#waiting.length === 0 && this.#spent < this.#weightMax) {
      this.#take(weight);
      return undefined;
    }
    return new Promise((resolve) => {
      this.#waiting.push({ weight, begin: resolve });
    });
  }

  #take(weight: number): void {
    this.#spent += weight;
    if (this.#isCounting) return;
    this.#isCounting = true;
    void this.#clock.yield().then(() => {
      this.#isCounting = false;
      this.#spent = 0;
      this.#letIn();
    });
  }

  #letIn(): void {
    let count = 0;
    for (const { weight, begin } of this.#waiting) {
      if (this.#spent >= this.#weightMax) break;
      this.#take(weight);
      begin();
      count++;
    }
    if (count > 0) this.#waiting = this.#waiting.slice(count);
  }
}

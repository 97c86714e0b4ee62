// The clock of one process of a simulated world: its wall time may be wrong, and the process may be paused, as a virtual
// machine or a long collection of garbage pauses it. What falls due meanwhile happens when it goes on. Durations are right.
import { sleepOn } from "#std/sleep-on.ts";
import type { Clock } from "#std/time.ts";

/** A process's own clock over the world's. */
export class ComponentClock implements Clock {
  /** How far its wall time is ahead, in milliseconds. */
  skew: number;
  readonly #world: Clock;
  readonly #held: (() => void)[] = [];
  #state: "runs" | "paused" | "ended" = "runs";

  constructor(world: Clock, skew = 0) {
    this.#world = world;
    this.skew = skew;
  }

  now(): number {
    return this.#world.now() + this.skew;
  }

  monotonic(): number {
    return this.#world.monotonic();
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, milliseconds, signal);
  }

  timer(milliseconds: number, run: () => void): () => void {
    let isCancelled = false;
    const fire = (): void => {
      if (!isCancelled) run();
    };
    const cancel = this.#world.timer(milliseconds, () => {
      if (this.#state === "paused") this.#held.push(fire);
      else if (this.#state === "runs") fire();
    });
    return () => {
      isCancelled = true;
      cancel();
    };
  }

  yield(): Promise<void> {
    return this.sleep(0);
  }

  pause(): void {
    if (this.#state === "runs") this.#state = "paused";
  }

  resume(): void {
    if (this.#state !== "paused") return;
    this.#state = "runs";
    for (const fire of this.#held.splice(0)) this.#world.timer(0, fire);
  }

  /** The process has ended: nothing in it happens any more. */
  end(): void {
    this.#state = "ended";
    this.#held.length = 0;
  }
}

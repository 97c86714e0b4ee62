// Seeded faults of a simulated world: each strikes one part for a while, and a part has one fault at a time.
import { type Random, randomFraction } from "#std/random.ts";
import type { LinkState } from "./network.ts";
import { pick } from "./seeded-random.ts";
import { componentNames, controlPlane, type World } from "./world.ts";

const faultMillisecondsMax = 20_000;

const linkFaults: readonly LinkState[] = ["slow", "lossy", "partitioned", "half-open"];

/** Kinds of faults, for `--faults`. */
export const faultKinds: readonly string[] = [...linkFaults, "disk-full", "server-crash", "component-crash"];

/** What strikes a world. */
export class Faults {
  readonly counts: Record<string, number> = {};
  readonly #world: World;
  readonly #random: Random;
  readonly #kinds: readonly string[];
  readonly #struck = new Map<string, Promise<void>>();
  #stopped = false;

  constructor(world: World, random: Random, kinds: readonly string[]) {
    this.#world = world;
    this.#random = random;
    this.#kinds = kinds;
  }

  /** Lets a fault begin, if the part that chance chooses has none. */
  strike(): void {
    if (this.#stopped || this.#kinds.length === 0) return;
    const kind = pick(this.#random, this.#kinds);
    const isComponent = kind === "component-crash";
    const target = pick<string>(this.#random, isComponent ? componentNames : [controlPlane, ...this.#world.members]);
    if (this.#struck.has(target)) return;
    this.counts[kind] = (this.counts[kind] ?? 0) + 1;
    const over = this.#last(kind, target).finally(() => {
      this.#struck.delete(target);
    });
    this.#struck.set(target, over);
  }

  /** Waits until all faults are over; none begins any more. */
  async end(): Promise<void> {
    this.#stopped = true;
    await Promise.all([...this.#struck.values()]);
  }

  async #last(kind: string, target: string): Promise<void> {
    const world = this.#world;
    const pause = (): Promise<void> => world.clock.sleep(randomFraction(this.#random) * faultMillisecondsMax);
    const link = linkFaults.find((state) => state === kind);
    const component = componentNames.find((name) => name === target);
    if (link !== undefined) {
      world.setLinks(target, link);
      await pause();
      world.setLinks(target, "up");
    } else if (component !== undefined) {
      world.crashComponent(component);
      await pause();
      world.startComponent(component);
    } else if (kind === "disk-full") {
      world.note(`disk of ${target} full`);
      world.server(target).disk.isFull = true;
      await pause();
      world.note(`disk of ${target} has room`);
      world.server(target).disk.isFull = false;
    } else {
      world.crashServer(target);
      await pause();
      await world.restartServer(target);
    }
  }
}

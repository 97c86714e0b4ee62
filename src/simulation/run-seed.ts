// One seed from its first to its last step: a user and faults for a while, then peace, in which everything must come right.
import { systemClock } from "#std/time.ts";
import { randomFraction } from "#std/random.ts";
import { divergence } from "./convergence.ts";
import { faultKinds, Faults } from "./faults.ts";
import { guardReality } from "./guard.ts";
import type { PreparedState } from "./prepared-state.ts";
import { seededRandom } from "./seeded-random.ts";
import { User } from "./user.ts";
import { World } from "./world.ts";

const operationsDefault = 200;
/** Tries to strike: some find their part struck already. */
const strikeOneIn = 3;
const pauseMillisecondsMax = 3_000;
const startMilliseconds = 60_000;
const stormMilliseconds = 86_400_000;
/** How long a world left in peace may take to come right. Longer than any back-off. */
const calmMilliseconds = 1_800_000;
const pollMilliseconds = 1_000;
const reportLines = 60;

export interface SeedOptions {
  readonly seed: number;
  readonly prepared: PreparedState;
  /** Absent: all. */
  readonly faults?: readonly string[];
  readonly operations?: number;
  readonly print?: (line: string) => void;
}

export interface SeedResult {
  readonly seed: number;
  readonly hash: string;
  readonly steps: number;
  readonly operations: Readonly<Record<string, number>>;
  readonly faults: Readonly<Record<string, number>>;
  /** The broken invariant, and what happened last. */
  readonly failure?: { readonly what: string; readonly lines: readonly string[] };
}

/** Runs a seed. Nothing else may run in the process meanwhile: the machine's time and entropy are out of reach. */
export async function runSeed(options: SeedOptions): Promise<SeedResult> {
  const { seed, prepared, print, operations = operationsDefault, faults: kinds = faultKinds } = options;
  const world = new World({
    seed,
    prepared,
    turn: () => systemClock.yield(),
    ...(print === undefined ? {} : { print }),
  });
  const user = new User(world);
  const faults = new Faults(world, seededRandom(seed, 5), kinds);
  using guard = guardReality();
  let what: string | undefined;
  try {
    await world.run(() => world.start(), startMilliseconds);
    await world.run(() => storm(world, user, faults, operations), stormMilliseconds);
    what = await world.run(() => calm(world, user), 2 * calmMilliseconds);
  } catch (error) {
    what = error instanceof Error ? (error.stack ?? error.message) : "something was thrown that is no error";
  }
  if (guard.touched.length > 0) what = `used what is not simulated: ${[...new Set(guard.touched)].join(", ")}`;
  const result = {
    ...{ seed, hash: world.trace.digest(), steps: world.clock.steps, operations: user.counts, faults: faults.counts },
    ...(what === undefined ? {} : { failure: { what, lines: world.trace.last(reportLines) } }),
  };
  await world.run(() => world.close(), startMilliseconds).catch(() => undefined); // the result stands
  return result;
}

async function storm(world: World, user: User, faults: Faults, operations: number): Promise<void> {
  for (let index = 0; index < operations; index++) {
    if (world.random.uint32() % strikeOneIn === 0) faults.strike();
    await user.act();
    await world.clock.sleep(randomFraction(world.random) * pauseMillisecondsMax);
  }
  await faults.end();
}

async function calm(world: World, user: User): Promise<string | undefined> {
  world.note("calm");
  const lost = await user.lostWrite();
  if (lost !== undefined) return `an acknowledged write is lost: ${lost}`;
  const end = world.clock.monotonic() + calmMilliseconds;
  for (;;) {
    const problem = await divergence(world);
    if (problem === undefined) return undefined;
    if (world.clock.monotonic() > end) return `does not come right: ${problem}`;
    await world.clock.sleep(pollMilliseconds);
  }
}

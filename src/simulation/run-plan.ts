// One seed from its first to its last step: a user and faults for a while, then peace, in which everything must come right
// and stay so. Checkers look on all the time.
import { audit } from "./auditor.ts";
import { BrokenInvariantError } from "./checker-watch.ts";
import { allCheckers } from "./checkers/all.ts";
import { Faults } from "./faults.ts";
import { guardReality, realTurn } from "./guard.ts";
import { Ledger } from "./ledger.ts";
import { isFault, isOperation, type Plan } from "./plan.ts";
import type { Mutant } from "./mutants/mutant.ts";
import type { PreparedState } from "./prepared-state.ts";
import { relevantLines } from "./relevant-lines.ts";
import { User } from "./user.ts";
import { World } from "./world.ts";

const startMilliseconds = 60_000;
const stormMilliseconds = 86_400_000;
/** How long a world left in peace may take to come right. Longer than any back-off. */
const calmMillisecondsDefault = 1_800_000;
const pollMilliseconds = 1_000;
/** For how long what was under way when the world came right may go on: evictions one after another, late status. */
const tailMilliseconds = 45_000;
/** For how long it is watched then, to see that nothing goes on in it. */
const restMilliseconds = 45_000;
const reportLines = 80;

export interface SeedOptions {
  readonly plan: Plan;
  readonly prepared: PreparedState;
  readonly mutant?: Mutant | undefined;
  /** Less for who looks for the smallest plan of many. */
  readonly calmMilliseconds?: number;
  readonly print?: ((line: string) => void) | undefined;
}

export interface SeedResult {
  readonly seed: number;
  readonly hash: string;
  readonly steps: number;
  /** Simulated. */
  readonly milliseconds: number;
  readonly operations: Readonly<Record<string, number>>;
  readonly faults: Readonly<Record<string, number>>;
  /** The broken invariant, and what happened last. */
  readonly failure?: { readonly what: string; readonly lines: readonly string[] };
}

/** Runs a plan. Nothing else may run in the process meanwhile: the machine's time and entropy are out of reach. */
export async function runPlan(options: SeedOptions): Promise<SeedResult> {
  const { plan, prepared, mutant, print, calmMilliseconds = calmMillisecondsDefault } = options;
  const { seed, failover, skews } = plan;
  const ledger = new Ledger();
  const world = new World({
    ...{ seed, prepared, failover, skews, mutant, print },
    checkers: allCheckers(ledger),
    turn: realTurn,
  });
  const user = new User(world, ledger);
  const faults = new Faults(world);
  using guard = guardReality();
  let what: string | undefined;
  try {
    await world.run(() => world.start(), startMilliseconds);
    audit(world);
    await world.run(() => storm(world, plan, user, faults), stormMilliseconds);
    await world.run(
      () => calm(world, user, calmMilliseconds),
      2 * calmMilliseconds + tailMilliseconds + restMilliseconds,
    );
  } catch (error) {
    what = textOf(error);
  }
  if (guard.touched.length > 0) what = `used what is not simulated: ${[...new Set(guard.touched)].join(", ")}`;
  const result = {
    ...{ seed, hash: world.trace.digest(), steps: world.clock.steps, milliseconds: world.now() },
    ...{ operations: user.counts, faults: faults.counts },
    ...(what === undefined ? {} : { failure: { what, lines: relevantLines(world.trace.lines(), what, reportLines) } }),
  };
  await world.clock.run(world.close(), startMilliseconds).catch(() => undefined); // the result stands
  return result;
}

function textOf(error: unknown): string {
  if (error instanceof BrokenInvariantError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : "something was thrown that is no error";
}

async function storm(world: World, plan: Plan, user: User, faults: Faults): Promise<void> {
  const begun = world.now();
  for (const step of plan.steps) {
    const left = begun + step.at - world.now();
    if (world.signal.aborted) return;
    if (left > 0) await world.clock.sleep(left);
    if (isFault(step)) {
      faults.strike(step);
    } else if (isOperation(step)) {
      const what = await user.act(step);
      if (what !== undefined) world.watch.report(`a read is stale, or an acknowledged write is lost: ${what}`);
    }
    world.watch.ask((checker) => checker.looked?.());
  }
  await faults.end();
}

/** What has no room says so, and is then given it. */
async function calm(world: World, user: User, calmMilliseconds: number): Promise<void> {
  world.note("calm");
  await user.beat();
  await settle(world, calmMilliseconds);
  await user.giveRoom();
  await world.clock.sleep(tailMilliseconds);
  await settle(world, calmMilliseconds);
  await world.clock.sleep(restMilliseconds);
  world.watch.ask((checker) => checker.rested?.());
  const what = world.watch.unsettled();
  if (what !== undefined) world.watch.report(`does not stay right: ${what}`);
}

async function settle(world: World, calmMilliseconds: number): Promise<void> {
  const end = world.now() + calmMilliseconds;
  let before: string | undefined;
  for (;;) {
    const what = world.watch.unsettled();
    if (what === undefined) return;
    if (what !== before) world.note(`not yet: ${what}`);
    before = what;
    if (world.now() > end) world.watch.report(`does not come right: ${what}`);
    await world.clock.sleep(pollMilliseconds);
  }
}

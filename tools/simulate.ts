// `npm run simulate -- --seeds 100 [--from N] [--seed N] [--plan FILE] [--faults slow,lossy] [--trace] [--mutants]`: runs
// seeds of the simulation, one process per core. Exits 0 only if every seed held. `--seed N` runs one and prints its trace's
// hash as the last line. A plan that fails is made smaller and printed; `--plan` runs one that was kept. `--mutants` runs the
// system with known faults, each until a seed finds it.
import { fork } from "node:child_process";
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { type FaultKind, faultKinds, parsePlan, type Plan } from "../src/simulation/plan.ts";
import { systemMutants } from "../src/simulation/mutants/system-mutants.ts";
import { type PreparedState, prepareState } from "../src/simulation/prepared-state.ts";
import { runPlan, type SeedResult } from "../src/simulation/run-plan.ts";
import { shrink } from "../src/simulation/shrink.ts";
import { systemPlan } from "../src/simulation/workload/system-plan.ts";

const members = ["member1", "member2", "member3"];
const seedsDefault = 20;
/** Within so many seeds each mutant must be found. */
const mutantSeedsMax = 500;
/** Spent on making a failing plan smaller: about two minutes. */
const shrinkStepsMax = 1_000_000;
/** What has not come right by then will not, most probably. */
const shrinkCalmMilliseconds = 240_000;
/** Objects of a seed are many and live short: collecting them less often saves a tenth of the time. */
const nodeFlags = ["--max-semi-space-size=32"];

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: String(seedsDefault) },
    from: { type: "string", default: "1" },
    seed: { type: "string" },
    plan: { type: "string" },
    faults: { type: "string" },
    trace: { type: "boolean", default: false },
    mutants: { type: "boolean", default: false },
    stride: { type: "string" },
  },
});

function refuse(text: string): never {
  console.error(text);
  process.exit(2);
}

function wholeNumber(flag: string, text: string): number {
  const number = Number(text);
  return Number.isSafeInteger(number) && number >= 0 ? number : refuse(`--${flag} ${text}: expected a whole number`);
}

function chosenFaults(): readonly FaultKind[] | undefined {
  if (values.faults === undefined) return undefined;
  const names = values.faults.split(",").filter((name) => name !== "" && name !== "none");
  return names.map(
    (name) =>
      faultKinds.find((kind) => kind === name) ??
      refuse(`--faults ${name}: expected some of ${faultKinds.join(",")}, or none`),
  );
}

function planOf(seed: number): Plan {
  const kinds = chosenFaults();
  return systemPlan({ seed, members, ...(kinds === undefined ? {} : { kinds }) });
}

function isResult(value: unknown): value is SeedResult {
  return typeof value === "object" && value !== null && "seed" in value && "hash" in value;
}

const prepare = (): Promise<PreparedState> => prepareState(members);

/** Runs every `stride`-th seed from `from` on, below `end`. */
async function runSeeds(from: number, end: number, stride: number): Promise<void> {
  const prepared = await prepare();
  for (let seed = from; seed < end; seed += stride) process.send?.(await runPlan({ plan: planOf(seed), prepared }));
}

function report({ seed, steps, failure }: SeedResult): void {
  if (failure === undefined) return;
  console.log(`seed ${seed} failed at step ${steps}: ${failure.what}`);
  console.log(failure.lines.map((line) => `  ${line}`).join("\n"));
}

async function reportSmallest(plan: Plan, what: string, prepared: PreparedState): Promise<void> {
  const run = async (candidate: Plan) => {
    const { failure, steps } = await runPlan({ plan: candidate, prepared, calmMilliseconds: shrinkCalmMilliseconds });
    return { what: failure?.what, steps };
  };
  const smallest = await shrink(plan, what, run, shrinkStepsMax);
  console.log(`the smallest plan found, of ${smallest.steps.length} steps; keep it in a file for --plan:`);
  const { steps, ...rest } = smallest;
  const lines = steps.map((step) => `  ${JSON.stringify(step)}`).join(",\n");
  console.log(`${JSON.stringify(rest).slice(0, -1)},"steps":[\n${lines}\n]}`);
}

function addUp(counts: readonly Readonly<Record<string, number>>[]): string {
  const sums = new Map<string, number>();
  for (const one of counts) {
    for (const [kind, count] of Object.entries(one)) sums.set(kind, (sums.get(kind) ?? 0) + count);
  }
  const total = [...sums.values()].reduce((sum, count) => sum + count, 0);
  return [`${total}`, ...[...sums].map(([kind, count]) => `${kind} ${count}`)].join(", ");
}

async function runAll(from: number, count: number): Promise<void> {
  const startedAt = performance.now();
  const results: SeedResult[] = [];
  const processes = Math.min(availableParallelism(), count);
  const shared = values.faults === undefined ? [] : [`--faults=${values.faults}`];
  const codes = await forkAll(
    processes,
    (index) => [`--from=${from + index}`, `--seeds=${count - index}`, `--stride=${processes}`, ...shared],
    (message) => {
      if (!isResult(message)) return;
      results.push(message);
      report(message);
    },
  );
  const seconds = (performance.now() - startedAt) / 1_000;
  const failed = results.filter(({ failure }) => failure !== undefined).toSorted((a, b) => a.steps - b.steps);
  const [first] = failed;
  if (first?.failure !== undefined) await reportSmallest(planOf(first.seed), first.failure.what, await prepare());
  const steps = results.reduce((sum, result) => sum + result.steps, 0);
  const hours = results.reduce((sum, result) => sum + result.milliseconds, 0) / 3_600_000;
  const seeds = failed.map(({ seed }) => seed).toSorted((a, b) => a - b);
  const isWhole = results.length === count && codes.every((code) => code === 0);
  console.log(
    `${results.length} of ${count} seeds, ${seeds.length} failed${seeds.length === 0 ? "" : ` (${seeds.join()})`}, ` +
      `${steps} steps, ${Math.round(steps / seconds)} steps/s, ${seconds.toFixed(1)} s for ${hours.toFixed(1)} hours; ` +
      `operations: ${addUp(results.map(({ operations }) => operations))}; ` +
      `faults: ${addUp(results.map(({ faults }) => faults))}`,
  );
  process.exitCode = isWhole && seeds.length === 0 ? 0 : 1;
}

/** Starts this program once per core with flags of its own; their exit codes. */
function forkAll(processes: number, flagsOf: (index: number) => readonly string[], hear: (message: unknown) => void) {
  return Promise.all(
    Array.from({ length: processes }, (_none, index) => {
      const child = fork(import.meta.filename, flagsOf(index), { execArgv: nodeFlags });
      child.on("message", hear);
      return new Promise<number | null>((resolve) => child.on("exit", resolve));
    }),
  );
}

/** Every `stride`-th mutant from the `first` on: the first seed that finds each. */
async function findMutants(first: number, stride: number): Promise<void> {
  const prepared = await prepare();
  const mutants = Object.entries(systemMutants).filter((_each, index) => index % stride === first);
  for (const [name, mutant] of mutants) {
    let found: SeedResult | undefined;
    for (let seed = 1; seed <= mutantSeedsMax && found === undefined; seed++) {
      const result = await runPlan({ plan: planOf(seed), prepared, mutant, calmMilliseconds: shrinkCalmMilliseconds });
      if (result.failure !== undefined) found = result;
    }
    const what = found?.failure?.what.split("\n", 1)[0];
    console.log(
      `${name}: ${what === undefined ? `not found in ${mutantSeedsMax} seeds` : `seed ${found?.seed}, ${what}`}`,
    );
    if (found === undefined) process.exitCode = 1;
  }
}

async function runMutants(): Promise<void> {
  const processes = availableParallelism();
  const codes = await forkAll(
    processes,
    (index) => ["--mutants", `--from=${index}`, `--stride=${processes}`],
    () => undefined,
  );
  process.exitCode = codes.every((code) => code === 0) ? 0 : 1;
}

/** The hash comes last, so that two runs can be compared. */
async function runOne(plan: Plan): Promise<void> {
  const prepared = await prepare();
  const print = values.trace ? (line: string) => process.stdout.write(`${line}\n`) : undefined;
  const result = await runPlan({ plan, prepared, print });
  report(result);
  if (result.failure !== undefined) await reportSmallest(plan, result.failure.what, prepared);
  console.log(`seed ${plan.seed}: ${result.failure === undefined ? "held" : "failed"}, ${result.steps} steps`);
  console.log(result.hash);
  process.exitCode = result.failure === undefined ? 0 : 1;
}

function planIn(file: string): Plan {
  try {
    return parsePlan(readFileSync(file, "utf8"));
  } catch (error) {
    return refuse(`--plan ${file}: ${error instanceof Error ? error.message : "not a plan"}`);
  }
}

const from = wholeNumber("from", values.from);
const count = wholeNumber("seeds", values.seeds);
chosenFaults();
if (values.mutants) {
  if (values.stride === undefined) await runMutants();
  else await findMutants(from, wholeNumber("stride", values.stride));
} else if (values.stride !== undefined) {
  await runSeeds(from, from + count, Math.max(1, wholeNumber("stride", values.stride)));
  process.disconnect();
} else if (values.plan !== undefined) {
  await runOne(planIn(values.plan));
} else if (values.seed !== undefined) {
  await runOne(planOf(wholeNumber("seed", values.seed)));
} else {
  await runAll(from, count);
}

// `npm run simulate -- --seeds 100 [--from N] [--seed N] [--faults slow,lossy] [--trace]`: runs seeds of the simulation, one
// process per core. Exits 0 only if every seed held. `--seed N` runs one and prints its trace's hash as the last line.
import { fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { faultKinds } from "../src/simulation/faults.ts";
import { prepareState } from "../src/simulation/prepared-state.ts";
import { runSeed, type SeedResult } from "../src/simulation/run-seed.ts";
import { systemClock } from "../src/std/time.ts";

const members = ["member1", "member2", "member3"];
const seedsDefault = 20;

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: String(seedsDefault) },
    from: { type: "string", default: "1" },
    seed: { type: "string" },
    faults: { type: "string" },
    trace: { type: "boolean", default: false },
    stride: { type: "string" },
  },
});

function wholeNumber(flag: string, text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  console.error(`--${flag} ${text}: expected a whole number`);
  process.exit(2);
}

function chosenFaults(): readonly string[] {
  if (values.faults === undefined) return faultKinds;
  const kinds = values.faults.split(",").filter((kind) => kind !== "" && kind !== "none");
  const unknown = kinds.find((kind) => !faultKinds.includes(kind));
  if (unknown === undefined) return kinds;
  console.error(`--faults ${unknown}: expected some of ${faultKinds.join(",")}, or none`);
  process.exit(2);
}

function isResult(value: unknown): value is SeedResult {
  return typeof value === "object" && value !== null && "seed" in value && "hash" in value;
}

/** Runs every `stride`-th seed from `from` on, below `end`. */
async function runSeeds(from: number, end: number, stride: number, tell: (result: SeedResult) => void): Promise<void> {
  const prepared = await prepareState(members, () => systemClock.yield());
  const faults = chosenFaults();
  const print = values.trace ? (line: string) => process.stdout.write(`${line}\n`) : undefined;
  for (let seed = from; seed < end; seed += stride) {
    tell(await runSeed({ seed, prepared, faults, ...(print === undefined ? {} : { print }) }));
  }
}

function report({ seed, steps, failure }: SeedResult): void {
  if (failure === undefined) return;
  console.log(`seed ${seed} failed at step ${steps}: ${failure.what}`);
  console.log(failure.lines.map((line) => `  ${line}`).join("\n"));
}

function addUp(counts: readonly Readonly<Record<string, number>>[]): string {
  const sums = new Map<string, number>();
  for (const one of counts) {
    for (const [kind, count] of Object.entries(one)) sums.set(kind, (sums.get(kind) ?? 0) + count);
  }
  return [...sums].map(([kind, count]) => `${kind} ${count}`).join(", ") || "none";
}

async function runAll(from: number, count: number): Promise<void> {
  const startedAt = performance.now();
  const results: SeedResult[] = [];
  const processes = Math.min(availableParallelism(), count);
  const codes = await Promise.all(
    Array.from({ length: processes }, (_none, index) => {
      const shared = values.faults === undefined ? [] : [`--faults=${values.faults}`];
      const own = [`--from=${from + index}`, `--seeds=${count - index}`, `--stride=${processes}`];
      const child = fork(import.meta.filename, [...own, ...shared]);
      child.on("message", (message) => {
        if (!isResult(message)) return;
        results.push(message);
        report(message);
      });
      return new Promise<number | null>((resolve) => child.on("exit", resolve));
    }),
  );
  const seconds = (performance.now() - startedAt) / 1_000;
  const steps = results.reduce((sum, result) => sum + result.steps, 0);
  const failed = results.filter(({ failure }) => failure !== undefined).map(({ seed }) => seed);
  const isWhole = results.length === count && codes.every((code) => code === 0);
  console.log(
    `${results.length} of ${count} seeds, ${failed.length} failed${failed.length === 0 ? "" : ` (${failed.join()})`}, ` +
      `${steps} steps, ${Math.round(steps / seconds)} steps/s, ${seconds.toFixed(1)} s; ` +
      `operations: ${addUp(results.map(({ operations }) => operations))}; ` +
      `faults: ${addUp(results.map(({ faults }) => faults))}`,
  );
  process.exitCode = isWhole && failed.length === 0 ? 0 : 1;
}

const from = wholeNumber("from", values.from);
const count = wholeNumber("seeds", values.seeds);
chosenFaults();
if (values.stride !== undefined) {
  const stride = Math.max(1, wholeNumber("stride", values.stride));
  await runSeeds(from, from + count, stride, (result) => process.send?.(result));
  process.disconnect();
} else if (values.seed === undefined) {
  await runAll(from, count);
} else {
  const seed = wholeNumber("seed", values.seed);
  await runSeeds(seed, seed + 1, 1, (result) => {
    report(result);
    console.log(`seed ${seed}: ${result.failure === undefined ? "held" : "failed"}, ${result.steps} steps`);
    console.log(result.hash);
    process.exitCode = result.failure === undefined ? 0 : 1;
  });
}

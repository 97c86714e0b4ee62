// `npm run bench [-- --rounds 3 --deployments 1000 --replicas 1 --objects 100000 --name latest -- <flags of karmada up>]`:
// starts the real thing and measures it from outside, as a table and as JSON under bench/results/. `--only memory` (or
// start, propagation, scheduler, apiserver, interpreter, failover, with commas) picks. A machine's speed changes from
// minute to minute: the load average stands beside the figures, and starts are medians.
import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { arch, cpus, loadavg, platform, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { measureApiServer } from "./apiserver.ts";
import { bindingFlags, scheduleBindings } from "./bindings.ts";
import { type ControlPlane, startControlPlane } from "./control-plane.ts";
import { failoverFlags, failOver } from "./failover.ts";
import { median } from "./figures.ts";
import { interpreterCosts } from "./interpreter.ts";
import { missingTools } from "./load.ts";
import { residentAfterPropagation, residentWithObjects } from "./memory.ts";
import { decisionsPerSecond } from "./scheduler.ts";
import { changedAmongWaiting } from "./scheduler-queue.ts";
import { createPolicy, firstReady, propagate } from "./propagation.ts";

const root = join(import.meta.dirname, "..");
const warmUpMilliseconds = 1_000;
const steady = { count: 100, perSecond: 20 } as const;

const { values: flags, positionals: upFlags } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string", default: "3" },
    deployments: { type: "string", default: "1000" },
    replicas: { type: "string", default: "1" },
    objects: { type: "string", default: "100000" },
    name: { type: "string", default: "latest" },
    only: { type: "string", default: "start,propagation,scheduler,apiserver" },
  },
});
const rounds = Number(flags.rounds);
if (!(Number(flags.replicas) >= 1)) throw new Error("--replicas takes 1 or more: without replicas nothing is sent out");
const figures: { what: string; figure: number; unit: string; goal?: string }[] = [];

function note(what: string, figure: number, unit: string, goal?: string): void {
  const digits = figure < 10 ? 100 : 1;
  figures.push({ what, figure: Math.round(figure * digits) / digits, unit, ...(goal === undefined ? {} : { goal }) });
}

const at = (sorted: readonly number[], part: number): number => sorted[Math.floor(sorted.length * part)] ?? 0;

async function withPlane<T>(dataDir: string, use: (plane: ControlPlane) => Promise<T>): Promise<T> {
  const plane = await startControlPlane(dataDir, upFlags);
  try {
    return await use(plane);
  } finally {
    await plane.stop();
  }
}

/**
 * Cold: no compiled code kept, an empty directory. Installed: as npm leaves a clone. Warm: as another start left it.
 * Resume: what the last run left is there.
 */
async function measureStarts(parent: string): Promise<void> {
  const ready = { cold: [] as number[], installed: [] as number[], warm: [] as number[], resume: [] as number[] };
  const first = { cold: [] as number[], installed: [] as number[], warm: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    for (const temperature of ["cold", "installed", "warm"] as const) {
      if (temperature !== "warm") await rm(join(root, ".cache", "node"), { recursive: true, force: true });
      if (temperature === "installed") spawnSync(process.execPath, [join(root, "tools", "prepare.js")]);
      const dataDir = join(parent, `${temperature}-${round}`);
      await withPlane(dataDir, async (plane) => {
        ready[temperature].push(plane.readyMilliseconds);
        await firstReady(plane, "first");
        first[temperature].push(performance.now() - plane.startedAt);
      });
      if (temperature === "warm") {
        await withPlane(dataDir, (plane) => Promise.resolve(ready.resume.push(plane.readyMilliseconds)));
      }
    }
  }
  note("exec to ready, cold", median(ready.cold), "ms", "<= 1500");
  note("exec to ready, the first after npm ci", median(ready.installed), "ms", "<= 1500");
  note("exec to ready, warm", median(ready.warm), "ms");
  note("exec to ready, resume", median(ready.resume), "ms");
  const deployed = "exec to first Deployment ready in 3 members";
  note(`${deployed}, cold`, median(first.cold), "ms", "<= 2500");
  note(`${deployed}, the first start after npm ci`, median(first.installed), "ms", "<= 2500");
  note(`${deployed}, warm`, median(first.warm), "ms");
}

async function measurePropagation(parent: string): Promise<void> {
  const [count, replicas] = [Number(flags.deployments), Number(flags.replicas)];
  await withPlane(join(parent, "propagation"), async (plane) => {
    await createPolicy(await plane.client("karmada-apiserver"));
    await new Promise((resolve) => setTimeout(resolve, warmUpMilliseconds));
    const paced = await propagate(plane, { prefix: "steady-", replicas, ...steady });
    note(`template to member at ${steady.perSecond}/s, p50`, at(paced.latencies, 0.5), "ms");
    note(`template to member at ${steady.perSecond}/s, p99`, at(paced.latencies, 0.99), "ms");
    const before = await plane.figures();
    await plane.memberLag(); // reading it begins anew
    let after = before;
    const onPropagated = async (): Promise<void> => {
      after = await plane.figures();
    };
    const burst = await propagate(plane, { prefix: "burst-", count, replicas, onPropagated });
    const end = await plane.figures();
    const works = `${count} Deployments x 3 members`;
    note(`${works}: creates`, count / burst.createSeconds, "/s");
    note(`${works}: Works applied`, burst.worksPerSecond, "/s", ">= 500");
    note(`${works}: template to member, p50`, at(burst.latencies, 0.5), "ms");
    note(`${works}: template to member, p99`, at(burst.latencies, 0.99), "ms");
    note(`${works}: event loop late, p50`, after.lagP50, "ms");
    note(`${works}: event loop late, p99`, after.lagP99, "ms", "<= 20");
    note(`${works}: event loop late, worst`, after.lagMax, "ms", "<= 100");
    const members = await plane.memberLag();
    note(`${works}: event loop of the members late until all are ready, p99`, members.lagP99, "ms", "<= 20");
    note(`${works}: event loop of the members late until all are ready, worst`, members.lagMax, "ms", "<= 100");
    note(`${works}: processor time`, after.cpuSeconds - before.cpuSeconds, "s");
    note(`${works}: until all are ready on their templates`, burst.reportedSeconds, "s");
    note(`${works}: event loop late after it, worst`, end.lagMax, "ms", "<= 100");
    note(
      `${works}: processor time until then, per Deployment`,
      ((end.cpuSeconds - before.cpuSeconds) * 1e3) / count,
      "ms",
    );
    note("RSS after it", end.residentMegabytes, "MB", "<= 400");
  });
}

async function measureFailover(parent: string): Promise<void> {
  const count = Number(flags.deployments);
  const plane = await startControlPlane(join(parent, "failover"), [...failoverFlags, ...upFlags]);
  try {
    const found = await failOver(plane, count);
    const what = `${count} bindings leave a tainted cluster`;
    note(`${what}: until all are scheduled elsewhere`, found.scheduledSeconds, "s", "<= 10");
    note(`${what}: processor time until then`, found.schedulingProcessorSeconds, "s");
    note(`${what}: until all run there and the old copies may go`, found.replacedSeconds, "s");
    note(`${what}: processor time until then, per binding`, (found.processorSeconds * 1e3) / count, "ms");
  } finally {
    await plane.stop();
  }
}

/** Not among what runs unasked: it takes minutes. */
async function measureMemory(parent: string): Promise<void> {
  const [count, objects] = [Number(flags.deployments), Number(flags.objects)];
  const works = `${count} Deployments x 3 members`;
  const burst = await withPlane(join(parent, "memory-burst"), (plane) => residentAfterPropagation(plane, count));
  note("RSS of a new control plane with 3 members", burst.before, "MB");
  note(`${works}: RSS right after`, burst.after, "MB", "<= 400");
  note(`${works}: RSS 20 s later`, burst.settled, "MB", "<= 400");
  const held = `${objects} objects of 4 KB`;
  const stored = await residentWithObjects(join(parent, "memory-objects"), objects);
  note("RSS of a new control plane without members", stored.before, "MB");
  note(`${held}: RSS right after`, stored.after, "MB", "<= 700");
  note(`${held}: RSS 20 s later`, stored.settled, "MB", "<= 700");
  note(`${held}: event loop late while they are created, worst`, stored.lagMax, "ms", "<= 100");
  note(`${held}: RSS 20 s after a start with them`, stored.resumed, "MB", "<= 700");
}

async function writeResults(loadBefore: readonly number[]): Promise<void> {
  const manifest: unknown = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  const version = typeof manifest === "object" && manifest !== null && "version" in manifest ? manifest.version : "";
  const machine = {
    processors: cpus().length,
    model: cpus()[0]?.model ?? "",
    memoryGigabytes: Math.round(totalmem() / 1e9),
    platform: `${platform()}/${arch()}`,
  };
  const result = {
    date: new Date().toISOString(),
    versions: { "karmada-ts": version, node: process.version },
    machine,
    loadAverage: { before: loadBefore, after: loadavg() },
    flags: { ...flags, up: upFlags },
    figures,
  };
  const folder = join(import.meta.dirname, "results");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${flags.name}.json`), `${JSON.stringify(result, undefined, 2)}\n`);
}

/** Not among what runs unasked, since it says nothing of the whole. */
async function measureInterpreter(): Promise<void> {
  for (const { what, milliseconds } of await interpreterCosts()) {
    note(`10,000 calls, ${what}`, milliseconds, "ms", what.startsWith("native") ? "<= 100" : "<= 3000");
  }
}

async function measureScheduler(parent: string): Promise<void> {
  note("bindings decided at 100 clusters", decisionsPerSecond(100), "1/s", ">= 2000");
  note("bindings decided at 1,000 clusters", decisionsPerSecond(1_000), "1/s", ">= 300");
  const changed = await changedAmongWaiting();
  note("one binding changed while 5,000 wait: scheduled, p50", changed.millisecondsP50, "ms");
  note("one binding changed while 5,000 wait: scheduled, p99", changed.millisecondsP99, "ms", "<= 50");
  const plane = await startControlPlane(join(parent, "bindings"), bindingFlags);
  try {
    const bindings = await scheduleBindings(plane, Number(flags.deployments));
    note("bindings created and scheduled in `karmada up`", bindings.perSecond, "/s", ">= 500");
    note("bindings created and scheduled in `karmada up`: processor time of each", bindings.cpuMilliseconds, "ms");
  } finally {
    await plane.stop();
  }
}

/** Needs programs that not every machine has: says so, and measures what it can without them. */
async function measureRequests(parent: string): Promise<void> {
  const missing = missingTools();
  for (const text of missing) console.error(`not measured: GET/s and creates/s, since ${text}`);
  await measureApiServer(parent, { note, hasLoad: missing.length === 0 });
}

const loadBefore = loadavg();
const parent = await mkdtemp(join(tmpdir(), "bench-"));
try {
  if (flags.only.includes("start")) await measureStarts(parent);
  if (flags.only.includes("propagation")) await measurePropagation(parent);
  if (flags.only.includes("scheduler")) await measureScheduler(parent);
  if (flags.only.includes("apiserver")) await measureRequests(parent);
  if (flags.only.includes("failover")) await measureFailover(parent);
  if (flags.only.includes("interpreter")) await measureInterpreter();
  if (flags.only.includes("memory")) await measureMemory(parent);
} finally {
  await rm(parent, { recursive: true, force: true });
}
console.table(figures);
const loads = [...loadBefore.slice(0, 1), ...loadavg().slice(0, 1)].map((load) => load.toFixed(1)).join(" before, ");
console.log(`load average ${loads} after; ${cpus().length} processors; Node ${process.version}`);
await writeResults(loadBefore);

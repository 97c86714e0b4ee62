// `node bench/storage.ts`: what the storage drivers do on this machine, as a table. Values of 4 KB; in SQLite every write
// is durable. A disk's speed changes from minute to minute, so SQLite without the driver is measured in turns with it.
import { spawnSync } from "node:child_process";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { DatabaseSync } from "node:sqlite";
import { memoryStorage } from "#storage/memory/memory-storage.ts";
import { sqliteStorage } from "#storage/sqlite/sqlite-storage.ts";
import type { Storage } from "#storage/storage.ts";
import { median } from "./figures.ts";

const objects = 30_000;
const rounds = 3;
const roundMilliseconds = 1_000;
const value = Buffer.alloc(4_096, "0123456789abcdef");
const rows: { driver: string; what: string; figure: string }[] = [];

/** A copy, so that each entry has bytes of its own, as from a request. */
const freshValue = (): Uint8Array => new Uint8Array(value);
const thousands = (number: number): string => Math.round(number).toLocaleString("en");

function keyOf(index: number): string {
  return `/registry/deployments/ns-${index % 50}/deployment-${String(index).padStart(6, "0")}`;
}

function put(storage: Storage, key: string): Promise<unknown> {
  return storage.transact({ compare: [], operations: [{ type: "put", key, value: freshValue() }] });
}

/** Writes to 5,000 keys in turn by clients that each wait for their last write. */
async function puts(storage: Storage, clients: number): Promise<{ perSecond: number; latencies: number[] }> {
  const latencies: number[] = [];
  const startedAt = performance.now();
  let next = 0;
  const client = async (): Promise<void> => {
    while (performance.now() - startedAt < roundMilliseconds) {
      const before = performance.now();
      await put(storage, `/registry/configmaps/bench/${next++ % 5_000}`);
      latencies.push(performance.now() - before);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return { perSecond: latencies.length / ((performance.now() - startedAt) / 1_000), latencies };
}

/** Inserts of SQLite alone in this thread, so many to a commit. */
function rawPuts(file: string, batch: number): number {
  const database = new DatabaseSync(file);
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
  database.exec("CREATE TABLE IF NOT EXISTS records (id INTEGER PRIMARY KEY, key TEXT NOT NULL, value BLOB NOT NULL)");
  const insert = database.prepare("INSERT INTO records (key, value) VALUES (?, ?)");
  const startedAt = performance.now();
  let count = 0;
  while (performance.now() - startedAt < roundMilliseconds) {
    database.exec("BEGIN");
    for (let index = 0; index < batch; index++) insert.run(keyOf(count++), value);
    database.exec("COMMIT");
  }
  const perSecond = count / ((performance.now() - startedAt) / 1_000);
  database.close();
  return perSecond;
}

async function measurePuts(driver: string, storage: Storage, rawFile: string | undefined): Promise<void> {
  for (const clients of [1, 64]) {
    const driven: number[] = [];
    const raw: number[] = [];
    let latencies: number[] = [];
    const delay = monitorEventLoopDelay({ resolution: 5 });
    for (let round = 0; round < rounds; round++) {
      if (rawFile !== undefined) raw.push(rawPuts(rawFile, clients));
      delay.enable();
      const measured = await puts(storage, clients);
      delay.disable();
      driven.push(measured.perSecond);
      latencies = [...latencies, ...measured.latencies];
    }
    latencies.sort((a, b) => a - b);
    const at = (part: number): string => (latencies[Math.floor(latencies.length * part)] ?? 0).toFixed(2);
    const beside = raw.length === 0 ? "" : `; SQLite alone, commits of ${clients}: ${thousands(median(raw))}/s`;
    const figure = `${thousands(median(driven))}/s, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms${beside}`;
    rows.push({ driver, what: `puts, ${clients} clients`, figure });
    if (rawFile === undefined) continue; // without a disk, the loop of these clients never lets the event loop turn
    const milliseconds = (delay.percentile(99) / 1e6).toFixed(0);
    rows.push({ driver, what: `event loop delay p99, ${clients} clients`, figure: `${milliseconds} ms (5 is none)` });
  }
}

async function fill(storage: Storage): Promise<string> {
  const startedAt = performance.now();
  for (let index = 0; index < objects; index += 500) {
    await Promise.all(Array.from({ length: 500 }, (_, offset) => put(storage, keyOf(index + offset))));
  }
  return `${thousands(objects / ((performance.now() - startedAt) / 1_000))}/s`;
}

async function ranges(storage: Storage, limit: number, revision?: number): Promise<string> {
  const times: number[] = [];
  let found = 0;
  for (let round = 0; round < 20; round++) {
    const before = performance.now();
    const { entries } = await storage.range({ prefix: "/registry/deployments/", from: keyOf(0), limit, revision });
    times.push(performance.now() - before);
    found = entries.length;
  }
  return `${median(times).toFixed(2)} ms for ${thousands(found)}`;
}

/** Writes that each are told to many watches of their prefix. */
async function fanOut(storage: Storage, watchers: number, writes: number): Promise<string> {
  const controller = new AbortController();
  const options = { prefix: "/fan/", startRevision: storage.revision + 1, signal: controller.signal };
  const target = storage.revision + writes;
  const readings = Array.from({ length: watchers }, async () => {
    for await (const batch of storage.watch(options)) if (batch.revision >= target) return;
  });
  const startedAt = performance.now();
  for (let index = 0; index < writes; index += 50) {
    await Promise.all(Array.from({ length: 50 }, (_, offset) => put(storage, `/fan/${offset}`)));
  }
  await Promise.all(readings);
  const perSecond = (watchers * writes) / ((performance.now() - startedAt) / 1_000);
  controller.abort();
  return `${thousands(perSecond)} deliveries/s`;
}

async function measure(driver: string, storage: Storage, rawFile?: string): Promise<void> {
  const note = (what: string, figure: string): void => void rows.push({ driver, what, figure });
  await measurePuts(driver, storage, rawFile);
  note(`fill with ${thousands(objects)}`, await fill(storage));
  const { revision } = storage;
  note("range, limit 5,000", await ranges(storage, 5_000));
  note("range, all", await ranges(storage, objects));
  for (let index = 0; index < 2_000; index += 100) {
    await Promise.all(Array.from({ length: 100 }, (_, offset) => put(storage, keyOf((index + offset) * 3))));
  }
  note("range, limit 500, 2,000 writes ago", await ranges(storage, 500, revision));
  note("watch, 1,000 watchers of a prefix", await fanOut(storage, 1_000, 2_000));
}

/** In a process of its own: what opening takes, and what the store takes in memory afterwards. */
async function measureOpen(path: string): Promise<void> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const startedAt = performance.now();
  const storage = await sqliteStorage({ path });
  const milliseconds = (performance.now() - startedAt).toFixed(0);
  delay.disable();
  const { count } = await storage.range({ prefix: "", limit: 0 });
  const rss = (process.memoryUsage().rss / 1e6).toFixed(0);
  const longest = (delay.max / 1e6).toFixed(0);
  console.log(`${milliseconds} ms for ${thousands(count)}, longest stretch ${longest} ms, RSS ${rss} MB`);
  await storage.close();
}

const [mode, file] = process.argv.slice(2);
if (mode === "open" && file !== undefined) {
  await measureOpen(file);
} else {
  const directory = await mkdtemp(join(process.env["BENCH_DIR"] ?? tmpdir(), "bench-storage-"));
  const path = join(directory, "store.db");
  const sqlite = await sqliteStorage({ path });
  await measure("sqlite", sqlite, join(directory, "raw.db"));
  await sqlite.close();
  rows.push({ driver: "sqlite", what: "size of the file", figure: `${((await stat(path)).size / 1e6).toFixed(0)} MB` });
  for (let round = 0; round < rounds; round++) {
    const { stdout } = spawnSync(process.execPath, [import.meta.filename, "open", path], { encoding: "utf8" });
    rows.push({ driver: "sqlite", what: "open", figure: stdout.trim() });
  }
  await rm(directory, { recursive: true });
  const memory = memoryStorage();
  await measure("memory", memory);
  await memory.close();
  console.table(rows);
  console.log(
    `load average ${loadavg()
      .map((load) => load.toFixed(1))
      .join(", ")}; Node ${process.version}`,
  );
}

// `node bench/storage.ts`: what the storage drivers do on this machine, as a table. Values of 4 KB, every write durable in SQLite.
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { memoryStorage } from "#storage/memory/memory-storage.ts";
import { sqliteStorage } from "#storage/sqlite/sqlite-storage.ts";
import type { Storage } from "#storage/storage.ts";

const objects = 30_000;
const value = Buffer.alloc(4_096, "0123456789abcdef");
const directory = await mkdtemp(join(process.env["BENCH_DIR"] ?? tmpdir(), "bench-storage-"));
const rows: { driver: string; what: string; figure: string }[] = [];

/** A copy, so that each entry has bytes of its own, as from a request. */
const freshValue = (): Buffer => Buffer.from(value);
const keyOf = (index: number): string =>
  `/registry/deployments/ns-${index % 50}/deployment-${String(index).padStart(6, "0")}`;

async function puts(storage: Storage, clients: number, milliseconds: number): Promise<string> {
  const latencies: number[] = [];
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const startedAt = performance.now();
  let next = 0;
  const client = async (): Promise<void> => {
    while (performance.now() - startedAt < milliseconds) {
      const key = `/registry/configmaps/bench/${next++ % 5_000}`;
      const before = performance.now();
      await storage.transact({ compare: [], operations: [{ type: "put", key, value: freshValue() }] });
      latencies.push(performance.now() - before);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  const seconds = (performance.now() - startedAt) / 1_000;
  delay.disable();
  latencies.sort((left, right) => left - right);
  const at = (part: number): string => (latencies[Math.floor(latencies.length * part)] ?? 0).toFixed(2);
  const perSecond = Math.round(latencies.length / seconds).toLocaleString("en");
  return `${perSecond}/s, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, event loop p99 ${(delay.percentile(99) / 1e6).toFixed(1)} ms`;
}

async function fill(storage: Storage): Promise<string> {
  const startedAt = performance.now();
  for (let index = 0; index < objects; index += 500) {
    const some = Array.from({ length: 500 }, (_, offset) =>
      storage.transact({
        compare: [{ key: keyOf(index + offset), modRevision: 0 }],
        operations: [{ type: "put", key: keyOf(index + offset), value: freshValue() }],
      }),
    );
    await Promise.all(some);
  }
  return `${Math.round(objects / ((performance.now() - startedAt) / 1_000)).toLocaleString("en")}/s`;
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
  times.sort((left, right) => left - right);
  return `${(times[10] ?? 0).toFixed(2)} ms for ${found}`;
}

/** One write, told to many watches of its prefix. */
async function fanOut(storage: Storage, watchers: number, writes: number): Promise<string> {
  const controller = new AbortController();
  const options = { prefix: "/fan/", startRevision: storage.revision + 1, signal: controller.signal };
  const target = storage.revision + writes;
  const readings = Array.from({ length: watchers }, async () => {
    for await (const batch of storage.watch(options)) if (batch.revision >= target) return;
  });
  const startedAt = performance.now();
  for (let index = 0; index < writes; index += 50) {
    const some = Array.from({ length: 50 }, (_, offset) =>
      storage.transact({ compare: [], operations: [{ type: "put", key: `/fan/${offset}`, value: freshValue() }] }),
    );
    await Promise.all(some);
  }
  await Promise.all(readings);
  const perSecond = Math.round((watchers * writes) / ((performance.now() - startedAt) / 1_000));
  controller.abort();
  return `${perSecond.toLocaleString("en")} deliveries/s`;
}

async function measure(driver: string, storage: Storage): Promise<void> {
  const note = (what: string, figure: string): void => void rows.push({ driver, what, figure });
  note("1 client", await puts(storage, 1, 2_000));
  note("64 clients", await puts(storage, 64, 3_000));
  note(`fill with ${objects}`, await fill(storage));
  const { revision } = storage;
  note("range 5,000", await ranges(storage, 5_000));
  note("range all", await ranges(storage, objects));
  for (let index = 0; index < 2_000; index++) {
    await storage.transact({ compare: [], operations: [{ type: "put", key: keyOf(index * 3), value: freshValue() }] });
  }
  note("range 500, 2,000 writes ago", await ranges(storage, 500, revision));
  note("watch, 1,000 watchers", await fanOut(storage, 1_000, 2_000));
}

const memory = memoryStorage();
await measure("memory", memory);
await memory.close();

const path = join(directory, "store.db");
const sqlite = await sqliteStorage({ path });
await measure("sqlite", sqlite);
await sqlite.close();
rows.push({ driver: "sqlite", what: "file", figure: `${((await stat(path)).size / 1e6).toFixed(0)} MB` });
for (const round of ["first", "second"]) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const startedAt = performance.now();
  const opened = await sqliteStorage({ path });
  const milliseconds = performance.now() - startedAt;
  delay.disable();
  const { count } = await opened.range({ prefix: "", limit: 0 });
  const longest = (delay.max / 1e6).toFixed(0);
  const figure = `${milliseconds.toFixed(0)} ms for ${count} objects, longest stretch ${longest} ms`;
  rows.push({ driver: "sqlite", what: `open (${round})`, figure });
  await opened.close();
}
rows.push({ driver: "both", what: "RSS", figure: `${(process.memoryUsage().rss / 1e6).toFixed(0)} MB` });
console.table(rows);
await rm(directory, { recursive: true });

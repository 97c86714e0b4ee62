// The process that kill.test.ts kills: 32 writers who note in a file what has been acknowledged to them (what is written
// to a file outlives the process; a pipe may be full). Arguments: the store, and the file for the notes.
// Each writer raises a number in two keys at once, with a compare, and now and then deletes and creates a third.
import { openSync, writeSync } from "node:fs";
import { sqliteStorage } from "#storage/sqlite/sqlite-storage.ts";
import type { StorageOperation } from "#storage/storage.ts";

const writers = 32;
const padding = "x".repeat(1_000);
const [path = "", notesPath = ""] = process.argv.slice(2);
const notes = openSync(notesPath, "a");
const storage = await sqliteStorage({ path, ballastBytes: 4_096, historyEventsMax: 400 });
writeSync(notes, `open ${storage.revision}\n`);
console.log("open");

async function write(writer: number): Promise<never> {
  for (;;) {
    const entry = await storage.get(`/w/${writer}/a`);
    const next = Number(entry === undefined ? 0 : Buffer.from(entry.value).toString().split(" ")[0]) + 1;
    const value = Buffer.from(`${next} ${padding}`);
    const third: StorageOperation[] =
      next % 3 === 0
        ? [{ type: "delete", key: `/w/${writer}/c` }]
        : next % 3 === 1
          ? [{ type: "put", key: `/w/${writer}/c`, value }]
          : [];
    const result = await storage.transact({
      compare: [{ key: `/w/${writer}/a`, modRevision: entry?.modRevision ?? 0 }],
      operations: [
        { type: "put", key: `/w/${writer}/a`, value },
        ...third,
        { type: "put", key: `/w/${writer}/b`, value },
      ],
    });
    if (!result.succeeded) throw new Error(`writer ${writer} is not alone`);
    writeSync(notes, `${writer} ${next} ${result.revision}\n`);
  }
}

await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)));

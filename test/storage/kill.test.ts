// kill -9 at random moments: what was acknowledged is there, whole, and revisions never go back.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { openWatch, textOf } from "#storage/conformance/case.ts";
import { sqliteStorage } from "#storage/sqlite/sqlite-storage.ts";
import type { Storage } from "#storage/storage.ts";

const script = join(import.meta.dirname, "kill-writer.ts");
const totalMilliseconds = 12_000;
const lifeMillisecondsMax = 400;

interface Acknowledged {
  /** Per writer: the last number acknowledged, over all lives. */
  readonly numbers: Map<number, number>;
  revision: number;
  count: number;
}

async function makeDirectory(context: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "storage-kill-"));
  context.after(() => rm(directory, { recursive: true }));
  return directory;
}

/** Starts the writers, kills them some time after they have begun, and notes what they were told. */
async function live(path: string, acknowledged: Acknowledged): Promise<void> {
  const notes = `${path}.notes`;
  await rm(notes, { force: true });
  const child = spawn(process.execPath, [script, path, notes], { stdio: ["ignore", "pipe", "inherit"] });
  child.stdout.once("data", () => {
    setTimeout(() => child.kill("SIGKILL"), Math.random() * lifeMillisecondsMax);
  });
  const code = await new Promise((resolve) =>
    child.on("close", (exitCode) => {
      resolve(exitCode);
    }),
  );
  assert.equal(code, null, "the writers ended by themselves");
  for (const line of (await readFile(notes, "utf8")).split("\n").slice(0, -1)) {
    const [writer, number, revision] = line.split(" ");
    if (writer === "open") {
      assert.ok(Number(number) >= acknowledged.revision, "the revision went back");
      continue;
    }
    acknowledged.numbers.set(Number(writer), Number(number));
    acknowledged.revision = Math.max(acknowledged.revision, Number(revision));
    acknowledged.count++;
  }
}

async function numberAt(storage: Storage, key: string): Promise<number | undefined> {
  const text = textOf(await storage.get(key));
  return text === undefined ? undefined : Number(text.split(" ")[0]);
}

async function check(storage: Storage, { numbers, revision }: Acknowledged): Promise<void> {
  assert.ok(storage.revision >= revision, `revision ${storage.revision} is before the acknowledged ${revision}`);
  for (const [writer, number] of numbers) {
    const [first, second, third] = await Promise.all(
      ["a", "b", "c"].map((name) => numberAt(storage, `/w/${writer}/${name}`)),
    );
    assert.ok(first === number || first === number + 1, `writer ${writer}: ${String(first)} instead of ${number}`);
    assert.equal(second, first, `writer ${writer}: a transaction was torn`);
    assert.equal(third, first % 3 === 0 ? undefined : first - (first % 3 === 2 ? 1 : 0), `writer ${writer}: deletion`);
    // The next life goes on from what is there, and that must be kept as well, whether its writer was told of it or not.
    numbers.set(writer, first);
  }
  // What a watch resumes with: every revision since the compaction, each there once.
  const watch = openWatch(storage, "/", storage.compactedRevision);
  const revisions = new Set((await watch.until(storage.revision)).map((event) => event.revision));
  watch.abort();
  if (storage.revision > 1) assert.equal(revisions.size, storage.revision - Math.max(2, storage.compactedRevision) + 1);
}

test("can be killed while it makes or opens a store", { timeout: 60_000 }, async (context) => {
  const directory = await makeDirectory(context);
  for (let round = 0; round < 10; round++) {
    const path = join(directory, `${Math.floor(round / 3)}.db`);
    const child = spawn(process.execPath, [script, path, `${path}.notes`], { stdio: "ignore" });
    await new Promise((resolve) => {
      child.on("close", resolve);
      setTimeout(() => child.kill("SIGKILL"), 80 + Math.random() * 250);
    });
    const storage = await sqliteStorage({ path, ballastBytes: 4_096 });
    await storage.close();
  }
});

test("keeps what was acknowledged when the process is killed", { timeout: 60_000 }, async (context) => {
  const directory = await makeDirectory(context);
  const path = join(directory, "store.db");
  const acknowledged: Acknowledged = { numbers: new Map(), revision: 0, count: 0 };
  const endAt = Date.now() + totalMilliseconds;
  let kills = 0;
  for (; Date.now() < endAt; kills++) {
    await live(path, acknowledged);
    const storage = await sqliteStorage({ path, ballastBytes: 4_096 });
    await check(storage, acknowledged);
    await storage.close();
  }
  context.diagnostic(`${kills} kills, ${acknowledged.count} acknowledged writes, none lost`);
  assert.ok(kills >= 3 && acknowledged.count > 0);
});

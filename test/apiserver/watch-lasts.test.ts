// A watch that lasts: through ten thousand events, compactions and a restart of the server, as clients that go on from the
// last revision they have seen. Every change of an object is seen once, in order.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import type { ApiServer } from "#apiserver/options.ts";
import { call, testServer, watchEvents } from "#apiserver/testing.ts";
import { fieldOf } from "#machinery/guards.ts";
import { eventually } from "#std/testing.ts";
import { sqliteStorage } from "#storage/sqlite/sqlite-storage.ts";

const changesMax = 10_000;
const objects = 40;
const compactEvery = 2_500;
const restartAt = 5_000;
const collection = "/api/v1/namespaces/default/configmaps";

/** Type, name, and the revision where the writer was told one. */
interface Change {
  readonly type: string;
  readonly name: string;
  readonly revision: number | undefined;
}

class Watcher {
  readonly seen: { readonly type: string; readonly name: string; readonly revision: number }[] = [];
  #revision: number;
  readonly #server: () => ApiServer;
  readonly #end = new AbortController();
  readonly done: Promise<void>;

  constructor(server: () => ApiServer, revision: number) {
    this.#server = server;
    this.#revision = revision;
    this.done = this.#run();
  }

  get revision(): number {
    return this.#revision;
  }

  stop(): void {
    this.#end.abort();
  }

  async #run(): Promise<void> {
    while (!this.#end.signal.aborted) {
      const path = `${collection}?watch=true&resourceVersion=${String(this.#revision)}`;
      const events = await watchEvents(this.#server(), path, this.#end.signal);
      // A server that closes refuses; a client tries again.
      if (events === undefined) await new Promise(setImmediate);
      else await this.#read(events);
    }
  }

  async #read(events: AsyncIterable<unknown>): Promise<void> {
    for await (const event of events) {
      const type = String(fieldOf(event, "type"));
      assert.ok(["ADDED", "MODIFIED", "DELETED"].includes(type), JSON.stringify(event));
      this.#revision = Number(fieldOf(event, "object", "metadata", "resourceVersion"));
      const name = String(fieldOf(event, "object", "metadata", "name"));
      this.seen.push({ type, name, revision: this.#revision });
    }
  }
}

test("a watch lasts through 10,000 events, compactions and a restart, and sees every change once, in order", async (t) => {
  const directory = await mkdtemp(path.join(tmpdir(), "watch-lasts-"));
  const open = async () => {
    const storage = await sqliteStorage({ path: path.join(directory, "store.db") });
    return { storage, server: await testServer({ storage }) };
  };
  let current = await open();
  const close = async (): Promise<void> => {
    await current.server.close();
    await current.storage.close();
  };
  const watcher = new Watcher(() => current.server, current.storage.revision);
  t.after(async () => {
    watcher.stop();
    await close();
    await watcher.done;
    await rm(directory, { recursive: true });
  });
  const changes: Change[] = [];
  const alive = new Set<string>();
  for (let index = 0; index < changesMax; index++) {
    if (index === restartAt) {
      await close();
      current = await open();
    }
    changes.push(await change(current.server, alive, index));
    if (index % compactEvery !== compactEvery - 1) continue;
    // What the watch has read may go; what it has not read yet stays, as the storage's own retention sees to.
    await current.storage.compact(watcher.revision);
  }
  await eventually("the last event", () => watcher.seen.length >= changesMax);
  assert.deepEqual(
    watcher.seen.map(({ type, name }) => `${type} ${name}`),
    changes.map(({ type, name }) => `${type} ${name}`),
  );
  watcher.seen.forEach(({ revision }, index) => {
    assert.ok(revision > (watcher.seen[index - 1]?.revision ?? 0), "revisions rise");
    assert.equal(revision, changes[index]?.revision ?? revision);
  });
});

/** Makes, changes or deletes one of the objects. */
async function change(server: ApiServer, alive: Set<string>, index: number): Promise<Change> {
  const name = `object-${String(index % objects)}`;
  const one = `${collection}/${name}`;
  const round = Math.floor(index / objects);
  if (!alive.has(name)) {
    const { status, body } = await call(server, "POST", collection, { body: { metadata: { name } } });
    assert.equal(status, 201);
    alive.add(name);
    return { type: "ADDED", name, revision: Number(fieldOf(body, "metadata", "resourceVersion")) };
  }
  if (round % 7 === 6) {
    assert.equal((await call(server, "DELETE", one)).status, 200);
    alive.delete(name);
    return { type: "DELETED", name, revision: undefined };
  }
  const headers = { "content-type": "application/merge-patch+json" };
  const { status, body } = await call(server, "PATCH", one, { body: { data: { round: String(round) } }, headers });
  assert.equal(status, 200);
  return { type: "MODIFIED", name, revision: Number(fieldOf(body, "metadata", "resourceVersion")) };
}

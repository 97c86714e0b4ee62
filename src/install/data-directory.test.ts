// Data directories: ours, not ours, too new, in use; and ports that stay.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { DataDirectoryError, findRunning, openDataDirectory, writeRunning } from "./data-directory.ts";
import { tryLock } from "./lock.ts";
import { stablePorts } from "./ports.ts";

describe("data directory", () => {
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "karmada-data-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  test("is made for its owner alone, and resumes", async () => {
    const path = join(folder, "new");
    const first = await openDataDirectory({ path, fresh: false });
    assert.equal((await stat(path)).mode & 0o777, 0o700);
    await writeFile(first.file("kept"), "x");
    await first.release();
    const second = await openDataDirectory({ path, fresh: false });
    assert.equal(await readFile(second.file("kept"), "utf8"), "x");
    await second.release();
    const third = await openDataDirectory({ path, fresh: true });
    assert.equal(existsSync(third.file("kept")), false);
    await third.release();
  });

  test("in use: names the process and the fix", async () => {
    const open = await openDataDirectory({ path: folder, fresh: false });
    const running = { pid: 4711, startedAt: 1, version: "v", servers: { a: "https://127.0.0.1:1" }, members: [] };
    await writeRunning(open, running);
    await assert.rejects(openDataDirectory({ path: folder, fresh: false }), /process 4711.*karmada down --data-dir/);
    assert.deepEqual(await findRunning(folder), running);
    await open.release();
    assert.equal(await findRunning(folder), undefined);
  });

  test("a leftover of a dead process does not block", async () => {
    await (await openDataDirectory({ path: folder, fresh: false })).release();
    await writeFile(join(folder, "running.json"), '{"pid": 1, "half');
    await writeFile(
      join(folder, "lock"),
      "not a database, but long enough to be read as the header of one, and then some more bytes",
    );
    assert.equal(await findRunning(folder), undefined);
    await (await openDataDirectory({ path: folder, fresh: false })).release();
  });

  for (const { name, file, text, error } of [
    { name: "not ours", file: "thesis.tex", text: "", error: /is not a data directory of karmada.*--data-dir/ },
    { name: "unreadable", file: "karmada.json", text: "{", error: /not readable/ },
    {
      name: "from a newer version",
      file: "karmada.json",
      text: '{"product":"karmada-ts data directory","format":99}',
      error: /newer version \(format 99/,
    },
  ]) {
    test(`${name}: refused, nothing touched`, async () => {
      await writeFile(join(folder, file), text);
      await assert.rejects(openDataDirectory({ path: folder, fresh: true }), (thrown) => {
        assert.ok(thrown instanceof DataDirectoryError);
        assert.match(thrown.message, error);
        return true;
      });
      assert.equal(await readFile(join(folder, file), "utf8"), text);
    });
  }

  test("a lock is held once, and again after release", () => {
    const path = join(folder, "lock");
    const held = tryLock(path);
    assert.ok(held !== undefined);
    assert.equal(tryLock(path), undefined);
    held.release();
    tryLock(path)?.release();
  });

  test("ports stay the same, new names get new ones", async () => {
    const file = join(folder, "ports.json");
    const first = await stablePorts(file, ["a", "b"]);
    assert.equal(new Set(first.values()).size, 2);
    const second = await stablePorts(file, ["a", "b", "c"]);
    assert.equal(second.get("a"), first.get("a"));
    assert.equal(new Set(second.values()).size, 3);
    await chmod(file, 0o600);
    await writeFile(file, "{ half");
    assert.equal((await stablePorts(file, ["a"])).size, 1);
  });
});

import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { ensurePrivateDirectory, readFileIfExists, writeFileAtomic } from "./files.ts";

describe("files", () => {
  let root = "";
  before(async () => {
    root = await mkdtemp(join(tmpdir(), "files-"));
  });
  after(() => rm(root, { recursive: true }));

  test("writes, replaces and reads, for the owner alone", async () => {
    const directory = join(root, "a", "b");
    await ensurePrivateDirectory(directory);
    await ensurePrivateDirectory(directory);
    assert.equal((await stat(directory)).mode & 0o777, 0o700);
    const path = join(directory, "secret");
    await writeFileAtomic(path, "one");
    await writeFileAtomic(path, Buffer.from("two"));
    assert.equal(String(await readFileIfExists(path)), "two");
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.deepEqual(await readdir(directory), ["secret"], "no drafts are left");
  });

  test("a missing file is an ordinary answer", async () => {
    assert.equal(await readFileIfExists(join(root, "missing")), undefined);
  });

  test("a missing directory is an error and leaves nothing", async () => {
    await assert.rejects(writeFileAtomic(join(root, "no", "file"), "x"), { code: "ENOENT" });
  });
});

test(
  "a directory that cannot be made is an error, not a loop",
  { skip: process.platform !== "linux" && "only Linux has a /proc" },
  async () => {
    await assert.rejects(ensurePrivateDirectory("/proc/nope"), /no directory can be made/);
    await assert.rejects(ensurePrivateDirectory("/proc/version"), { code: "EEXIST" });
  },
);

test("many may make directories with the same parents at once", async () => {
  const folder = await mkdtemp(join(tmpdir(), "karmada-files-"));
  const paths = Array.from({ length: 20 }, (_none, index) => join(folder, "a", "b", String(index % 5), String(index)));
  await Promise.all(paths.map((path) => ensurePrivateDirectory(path)));
  for (const path of paths) assert.ok((await stat(path)).isDirectory());
  await rm(folder, { recursive: true });
});

// An fsync that fails, by a library put before the system's own. Needs a C compiler and a loader with LD_PRELOAD.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { textOf } from "#storage/conformance/case.ts";
import { sqliteStorage } from "#storage/sqlite/sqlite-storage.ts";

const run = promisify(execFile);

const library = `
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
static int fails(void) { const char *file = getenv("FAIL_FSYNC"); return file != 0 && access(file, F_OK) == 0; }
int fsync(int file) {
  if (fails()) { errno = EIO; return -1; }
  return ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(file);
}
int fdatasync(int file) {
  if (fails()) { errno = EIO; return -1; }
  return ((int (*)(int))dlsym(RTLD_NEXT, "fdatasync"))(file);
}
`;

test("takes no more writes once an fsync has failed", { timeout: 60_000 }, async (context) => {
  const directory = await mkdtemp(join(tmpdir(), "storage-fsync-"));
  try {
    const source = join(directory, "failing.c");
    const shared = join(directory, "failing.so");
    await writeFile(source, library);
    try {
      await run("cc", ["-shared", "-fPIC", "-o", shared, source, "-ldl"]);
      await run("true", [], { env: { ...process.env, LD_PRELOAD: shared } });
    } catch (error) {
      context.diagnostic(`not shown here: ${error instanceof Error ? error.message : String(error)}`);
      return;
    }
    const path = join(directory, "store.db");
    const failing = join(directory, "fail");
    const { stdout } = await run(process.execPath, [join(import.meta.dirname, "fsync-user.ts"), path, failing], {
      env: { ...process.env, LD_PRELOAD: shared, FAIL_FSYNC: failing },
    });
    assert.match(stdout, /^ok \d+$/m);
    const storage = await sqliteStorage({ path, ballastBytes: 4_096 });
    // The write whose fsync failed was never acknowledged: it may be there or not.
    const text = textOf(await storage.get("/a"));
    await storage.close();
    assert.ok(text === "2" || text === "3", text);
  } finally {
    await rm(directory, { recursive: true });
  }
});

import assert from "node:assert/strict";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { keepSigningKey } from "./signing-key.ts";

test("makes a key once and never replaces what it cannot read", async (t) => {
  const directory = await mkdtemp(join(tmpdir(), "signing-"));
  t.after(() => rm(directory, { recursive: true }));
  const path = join(directory, "sa.key");
  const first = await keepSigningKey(path);
  assert.match(first, /^-----BEGIN PRIVATE KEY-----\n/);
  assert.equal(await keepSigningKey(path), first);
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  await writeFile(path, "damaged");
  await assert.rejects(keepSigningKey(path));
});

// What npm does once it has installed a clone: afterwards the first start compiles nothing.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";

const root = path.join(import.meta.dirname, "..", "..");

test("a start after npm ci finds everything compiled", async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), "karmada-prepare-"));
  t.after(() => {
    rmSync(folder, { recursive: true });
  });
  const cache = path.join(folder, "cache");
  const env = { ...process.env, NODE_COMPILE_CACHE: cache };
  const compiled = (): string[] => readdirSync(cache, { recursive: true, encoding: "utf8" }).sort();

  const manifest = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as {
    scripts: { prepare: string };
  };
  assert.equal(manifest.scripts.prepare, "node tools/prepare.js");
  const prepared = spawnSync(process.execPath, [path.join(root, "tools", "prepare.js")], { encoding: "utf8", env });
  assert.deepEqual([prepared.status, prepared.stdout, prepared.stderr], [0, "", ""]);
  const before = compiled();
  assert.ok(before.length > 500, String(before.length));

  const argv = [path.join(root, "bin", "karmada"), "up", "--members", "1", "--data-dir", path.join(folder, "data")];
  const up = spawn(process.execPath, argv, { env, stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve) => up.once("exit", resolve));
  for await (const text of up.stdout.setEncoding("utf8")) if (String(text).includes("ready in")) break;
  up.kill("SIGTERM");
  assert.equal(await ended, 0);
  assert.deepEqual(compiled(), before);
});

// The launchers: any Node.js that can read plain JavaScript ends up running the pinned one, or says in one line what is missing.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

const root = path.join(import.meta.dirname, "..", "..");

/** A Node.js of the machine that is too old to run the sources itself, if there is one beside the pinned one. */
function olderNode(): string | undefined {
  const places = (process.env["PATH"] ?? "").split(path.delimiter).filter((place) => !place.includes("node_modules"));
  for (const place of places) {
    const binary = path.join(place, "node");
    const found = spawnSync(binary, ["--version"], { encoding: "utf8" });
    const major = Number(/^v(\d+)\./.exec(found.stdout)?.[1] ?? "99");
    if (found.status === 0 && major >= 20 && major < 24) return binary;
  }
  return undefined;
}

test("an older Node.js hands over to the pinned one", (t) => {
  const old = olderNode();
  if (old === undefined) {
    t.diagnostic("skipped: no Node.js from 20 to 23 on this machine");
    return;
  }
  const text = execFileSync(old, [path.join(root, "bin", "karmadactl"), "version"], { encoding: "utf8" });
  assert.match(text, /^karmadactl version: /);
  const failed = spawnSync(old, [path.join(root, "bin", "karmadactl"), "no-such-command"], { encoding: "utf8" });
  assert.equal(failed.status, 1, "the exit code is the command's own");
});

test("without the pinned Node.js, one line names the command that mends it", (t) => {
  const old = olderNode();
  if (old === undefined) {
    t.diagnostic("skipped: no Node.js from 20 to 23 on this machine");
    return;
  }
  const copy = mkdtempSync(path.join(tmpdir(), "karmada-bin-"));
  cpSync(path.join(root, "bin"), path.join(copy, "bin"), { recursive: true });
  const found = spawnSync(old, [path.join(copy, "bin", "karmada"), "up"], { encoding: "utf8" });
  rmSync(copy, { recursive: true });
  assert.equal(found.status, 1);
  assert.match(
    found.stderr,
    /^karmada: needs Node\.js >= 24, this is v2\d\.[\d.]+; "npm install" in .* brings the right one\n$/,
  );
});

interface Beginning {
  readonly pid: number;
  readonly flags: readonly string[];
  /** Of malloc, at most. */
  readonly heaps: string;
}

/** Every time that `karmada` begins. */
function beginnings(words: readonly string[]): Beginning[] {
  const folder = mkdtempSync(path.join(tmpdir(), "karmada-launch-"));
  const preload = path.join(folder, "tell.cjs");
  writeFileSync(
    preload,
    `require("node:fs").appendFileSync(${JSON.stringify(path.join(folder, "told"))}, JSON.stringify({ pid: process.pid,
      flags: process.execArgv, heaps: process.env.MALLOC_ARENA_MAX ?? "" }) + "\\n");`,
  );
  const { MALLOC_ARENA_MAX: _, ...env } = process.env;
  const argv = ["--require", preload, path.join(root, "bin", "karmada"), ...words];
  const found = spawnSync(process.execPath, argv, { encoding: "utf8", env });
  assert.equal(found.status, 0, found.stderr);
  const lines = readFileSync(path.join(folder, "told"), "utf8").trim().split("\n");
  rmSync(folder, { recursive: true });
  return lines.map((line) => JSON.parse(line) as Beginning);
}

test("a server begins again, as the same process, with flags for little memory; other commands do not", (t) => {
  if (process.platform === "win32") {
    t.diagnostic("skipped: a process cannot be replaced here");
    return;
  }
  assert.equal(beginnings(["version"]).length, 1);
  const [first, second, ...more] = beginnings(["up", "--help"]);
  assert.ok(first !== undefined && second !== undefined && more.length === 0);
  assert.equal(first.pid, second.pid);
  assert.deepEqual([first.heaps, second.heaps], ["", "2"]);
  const helpers = Math.max(2, Math.min(4, availableParallelism()));
  const forMemory = ["--max-semi-space-size=16", "--heap-growing-percent=30", "--initial-heap-size=64"];
  const own = [...forMemory, `--v8-pool-size=${helpers}`];
  assert.deepEqual(second.flags, [...own, ...first.flags], "flags of the user's go along");
});

test("bin/resolve.js finds modules where package.json says that they are", () => {
  const manifest: unknown = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
  assert.ok(typeof manifest === "object" && manifest !== null && "imports" in manifest);
  for (const [name, place] of Object.entries(manifest.imports as Record<string, string>)) {
    assert.equal(place, name.replace(/^#/, "./src/"));
  }
  const argv = ["--require", path.join(root, "bin", "resolve.js"), "--input-type=module-typescript", "--eval"];
  const program = `import("${pathToFileURL(path.join(root, "src", "cli", "command.ts")).href}").then(({ flag }) =>
    console.log(typeof flag.number));`;
  const found = spawnSync(process.execPath, [...argv, program], { encoding: "utf8" });
  assert.equal(found.stdout, "function\n", found.stderr);
});

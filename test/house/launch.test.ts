// The launchers: any Node.js that can read plain JavaScript ends up running the pinned one, or says in one line what is missing.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";

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

// A disk that is really full: a small tmpfs where this user may mount one, and a limit on the size of files anywhere else.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";

const user = join(import.meta.dirname, "disk-full-user.ts");

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

async function run(command: string, args: readonly string[]): Promise<Ended> {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8");
    stream.on("data", (some: string) => (output += some));
  }
  return new Promise((resolve) => {
    child.on("error", (error) => {
      resolve({ code: null, output: error.message });
    });
    child.on("close", (code) => {
      resolve({ code, output });
    });
  });
}

async function inDirectory(work: (directory: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "storage-full-"));
  try {
    await work(directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}

function report(context: TestContext, { code, output }: Ended): void {
  assert.equal(code, 0, output);
  context.diagnostic(output.trim());
}

test("keeps its promises on a full file system", { timeout: 60_000 }, async (context) => {
  const namespaces = [
    ["--user", "--map-root-user", "--mount"],
    ["--mount"], // as root where user namespaces are forbidden
  ];
  const tries = await Promise.all(namespaces.map((flags) => run("unshare", [...flags, "true"])));
  const flags = namespaces[tries.findIndex(({ code }) => code === 0)];
  if (flags === undefined) {
    context.diagnostic(`not shown here: no mount namespace for this user (${tries[0]?.output.trim() ?? ""})`);
    return;
  }
  await inDirectory(async (directory) => {
    const script = `mount -t tmpfs -o size=24m tmpfs "$1" || exit 77; shift; exec "$@"`;
    const args = ["sh", "-c", script, "sh", directory, process.execPath, user, directory, "disk"];
    const ended = await run("unshare", [...flags, ...args]);
    if (ended.code === 77) context.diagnostic(`not shown here: no tmpfs for this user (${ended.output.trim()})`);
    else report(context, ended);
  });
});

test("keeps its promises when the database file may not grow", { timeout: 60_000 }, async (context) => {
  const limits = await run("sh", ["-c", "ulimit -f 16384"]);
  if (limits.code !== 0) {
    context.diagnostic(`not shown here: no limit on file sizes (${limits.output.trim()})`);
    return;
  }
  await inDirectory(async (directory) => {
    const args = ["-c", `ulimit -f 16384; exec "$@"`, "sh", process.execPath, user, directory, "limit"];
    report(context, await run("sh", args));
  });
});

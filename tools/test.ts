// `npm test`: first the tests of src, all in one process, then those under test/, each file in its own.
// With arguments: only the files that they name. The last lines are the test runner's own.
import { spawn } from "node:child_process";
import { globSync } from "node:fs";
import { rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import path from "node:path";
import { testParts } from "./test-parts.ts";

const root = path.join(import.meta.dirname, "..");
const times = path.join(root, ".cache", "test-times.json");
const asked = process.argv.slice(2);

function filesUnder(folder: string): string[] {
  const files = globSync(`${folder}/**/*.test.ts`, {
    cwd: root,
    exclude: (name) => name.includes("node_modules"),
  }).sort();
  return asked.length === 0 ? files : files.filter((file) => asked.some((part) => file.includes(part)));
}

async function runTests(
  files: readonly string[],
  args: readonly string[],
  env: Record<string, string>,
): Promise<boolean> {
  if (files.length === 0) return true;
  const reporter = `--test-reporter=${path.join(import.meta.dirname, "test-reporter.ts")}`;
  const child = spawn(process.execPath, ["--test", reporter, ...args, ...files], {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, ...env, KARMADA_TEST_TIMES: times },
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve) => {
    child.on("exit", (code) => {
      resolve(code === 0);
    });
  });
}

await rm(times, { force: true });
const sourceTests = filesUnder("src");
const pure =
  sourceTests.length === 0 ||
  (await runTests(["tools/src-tests.ts"], ["--test-isolation=none"], { KARMADA_TEST_FILES: sourceTests.join("\n") }));
const processTests = filesUnder("test");
const parts = processTests.length === 0 ? {} : await testParts();
const concurrency = `--test-concurrency=${String(Math.max(1, Math.min(2, availableParallelism())))}`;
const whole = await runTests(processTests, [concurrency, "--test-timeout=300000"], parts);
process.exitCode = pure && whole ? 0 : 1;

// `npm run check`: types (TypeScript 7), lint and format, in one go. Exit code 1 with every finding printed.
import { spawn } from "node:child_process";

const steps: readonly (readonly [string, readonly string[]])[] = [
  ["types", ["node_modules/ts7/bin/tsc", "--noEmit"]],
  ["lint", ["node_modules/eslint/bin/eslint.js", "--cache", "--cache-location", ".cache/eslint", "."]],
  ["format", ["node_modules/prettier/bin/prettier.cjs", "--check", "--cache", "--log-level", "warn", "."]],
];

const results = await Promise.all(
  steps.map(async ([name, [script, ...args]]) => {
    const code = await new Promise<number>((resolve) => {
      const child = spawn(process.execPath, [script ?? "", ...args], { stdio: "inherit" });
      child.on("exit", (exitCode) => {
        resolve(exitCode ?? 1);
      });
    });
    return { name, code };
  }),
);
for (const { name, code } of results) console.log(`${name}: ${code === 0 ? "ok" : "failed"}`);
process.exitCode = results.some(({ code }) => code !== 0) ? 1 : 0;

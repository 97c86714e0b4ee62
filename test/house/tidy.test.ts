// The house rules, the types, the lint and the format hold over the whole tree; and the rules themselves bite.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import path from "node:path";
import { test } from "node:test";
import { projectFiles } from "../../tools/tidy/files.ts";
import { tidy } from "../../tools/tidy/rules.ts";

const root = path.join(import.meta.dirname, "..", "..");
const ok = "// A file.\n";

test("the tree is tidy", () => {
  assert.deepEqual(
    tidy(projectFiles()).map(({ path: file, line, message }) => `${file}:${String(line)}: ${message}`),
    [],
  );
});

for (const [name, script, ...args] of [
  ["types", "node_modules/ts7/bin/tsc", "--noEmit"],
  ["lint", "node_modules/eslint/bin/eslint.js", "--cache", "--cache-location", ".cache/eslint", "."],
  ["format", "node_modules/prettier/bin/prettier.cjs", "--check", "--log-level", "warn", "."],
] as const) {
  test(`${name} without findings`, () => {
    const result = spawnSync(process.execPath, [script, ...args], { cwd: root, encoding: "utf8" });
    assert.equal(result.status, 0, result.stdout + result.stderr);
  });
}

for (const { name, file, message } of [
  { name: "no header", file: { path: "src/std/a.ts", text: "const a = 1;\n" }, message: /header/ },
  { name: "an attic", file: { path: "src/std/util/a.ts", text: ok }, message: /folder named util/ },
  { name: "too long a file", file: { path: "src/std/a.ts", text: ok + "\n".repeat(401) }, message: /402 lines/ },
  {
    name: "too long a function",
    file: { path: "src/std/a.ts", text: `${ok}(function a() {\n${"void 0;\n".repeat(60)}})();\n` },
    message: /a has 62 lines/,
  },
  {
    name: "an import upwards",
    file: { path: "src/storage/a.ts", text: `${ok}import "#apps/up.ts";\n` },
    message: /storage may import only std, machinery, api/,
  },
  {
    name: "an import out of the layer",
    file: { path: "src/storage/a.ts", text: `${ok}import "../api/a.ts";\n` },
    message: /#layer/,
  },
  {
    name: "a socket where none belongs",
    file: { path: "src/scheduler/a.ts", text: `${ok}import "node:net";\n` },
    message: /sockets/,
  },
  {
    name: "a decision with a client",
    file: { path: "src/controllers/a/decide.ts", text: `${ok}import "#client/client.ts";\n` },
    message: /a decision knows only/,
  },
  {
    name: "an unused export",
    file: { path: "src/std/a.ts", text: `${ok}export const nobodyUsesThis = 1;\n` },
    message: /nobodyUsesThis/,
  },
  {
    name: "a controller without a test",
    file: { path: "src/controllers/a/controller.ts", text: ok },
    message: /no test/,
  },
]) {
  test(`tidy finds ${name}`, () => {
    const messages = tidy([file]).map((finding) => finding.message);
    assert.ok(
      messages.some((text) => message.test(text)),
      messages.join("\n"),
    );
  });
}

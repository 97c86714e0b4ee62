// What `npm pack` makes is a package that works elsewhere: it installs, its commands run, programs import it, types fit.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";

const root = path.join(import.meta.dirname, "..", "..");
const packedBytesMax = 1_500_000;
const unpackedBytesMax = 10_000_000;
const stepMilliseconds = 120_000;
/** How npm names what is the network's fault, not ours. */
const networkFault =
  /npm error (network|code (E5\d\d|ENOTFOUND|EAI_AGAIN|ECONN\w+|ETIMEDOUT|E(NET|HOST)UNREACH|ERR_SOCKET_TIMEOUT|ENOTCACHED))/;

const home = mkdtempSync(path.join(tmpdir(), "karmada-pack-"));
const consumer = path.join(home, "consumer");
const installed = path.join(consumer, "node_modules", "karmada-ts");
/** Why the rest cannot be tested, if it cannot. */
let unreachable: string | undefined;

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a program as a user's shell does: without what npm and the test runner leave in the environment. */
function run(file: string, args: readonly string[], cwd: string): Promise<Ran> {
  const kept = Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_|INIT_CWD$)/i.test(name));
  const places = (process.env["PATH"] ?? "").split(path.delimiter).filter((place) => !place.includes("node_modules"));
  const env = { ...Object.fromEntries(kept), PATH: places.join(path.delimiter) };
  return new Promise((resolve) => {
    execFile(file, args, { cwd, env, timeout: stepMilliseconds }, (error, out, err) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
      resolve({ code, out, err: code < 0 ? `${err}${error?.message ?? ""}` : err });
    });
  });
}

/** Runs a program that must succeed, and gives what it printed. */
async function succeed(file: string, args: readonly string[], cwd: string): Promise<string> {
  const { code, out, err } = await run(file, args, cwd);
  assert.equal(code, 0, `${file} ${args.join(" ")}\n${out}${err}`);
  return out;
}

/** A command of the installed package; `--no`: never one from the registry. */
const command = (...words: string[]): Promise<string> => succeed("npx", ["--no", "--", ...words], consumer);

before(async () => {
  await succeed("npm", ["pack", "--silent", "--pack-destination", home], root);
  mkdirSync(consumer);
  // As a user's project that trusts the package `node`, which fetches the platform's binary when it is installed.
  const manifest = { private: true, type: "module", allowScripts: { node: true } };
  writeFileSync(path.join(consumer, "package.json"), JSON.stringify(manifest));
  const patience = ["--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--fetch-timeout=20000"];
  const args = ["install", "--prefer-offline", "--no-audit", "--no-fund", ...patience, packedFile()];
  const { code, out, err } = await run("npm", args, consumer);
  if (code !== 0 && networkFault.test(err)) unreachable = err.trim().split("\n").slice(0, 3).join(" ");
  else assert.equal(code, 0, `npm install\n${out}${err}`);
});

after(() => {
  rmSync(home, { recursive: true, force: true });
});

function packedFile(): string {
  const [name, ...others] = readdirSync(home).filter((file) => file.endsWith(".tgz"));
  assert.ok(name !== undefined && others.length === 0, "npm pack makes one file");
  return path.join(home, name);
}

/** A test of the installed package: says so where the registry could not be reached. */
function testInstalled(name: string, body: () => Promise<void> | void): void {
  test(name, async (t) => {
    if (unreachable === undefined) await body();
    else t.diagnostic(`skipped: the package registry cannot be reached (${unreachable})`);
  });
}

test("the package is small", () => {
  const { size } = statSync(packedFile());
  assert.ok(size < packedBytesMax, `${String(size)} bytes packed, at most ${String(packedBytesMax)} are allowed`);
});

testInstalled("it holds what users need and nothing else", () => {
  const files = readdirSync(installed, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(installed, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, "/"));
  const foreign =
    /^(src|test|tools|bench|node_modules)\/|\.test\.|\/(testing|fake-|(conformance|simulation)(?!\.md))|(?<!\.d)\.ts$/;
  assert.deepEqual(
    files.filter((file) => foreign.test(file)),
    [],
  );
  const programs = files.filter((file) => /^(bin|dist)\//.test(file));
  assert.deepEqual(
    programs.filter((file) => /["'](fast-check|node:test)["']/.test(readFileSync(path.join(installed, file), "utf8"))),
    [],
  );
  assert.ok(!existsSync(path.join(consumer, "node_modules", "fast-check")));
  const top = new Set(files.map((file) => file.split("/")[0]));
  const wanted = ["CHANGELOG.md", "LICENSE", "README.md", "bin", "dist", "docs", "examples", "package.json"];
  assert.deepEqual([...top].sort(), wanted);
  const bytes = files.reduce((sum, file) => sum + statSync(path.join(installed, file)).size, 0);
  assert.ok(bytes < unpackedBytesMax, `${String(bytes)} bytes, at most ${String(unpackedBytesMax)} are allowed`);
});

testInstalled("the commands run", async () => {
  const { version } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as { version: string };
  for (const name of ["karmada", "karmadactl"]) {
    assert.ok((await command(name, "version")).startsWith(`${name} version: v${version} (Node.js v24.`));
  }
});

testInstalled("a control plane comes up from it, with its store and an example, and goes down again", async () => {
  const data = ["--data-dir", path.join(home, "data")];
  await command("karmada", "up", "--background", "--members", "1", "--example", "nginx", ...data);
  try {
    assert.match(await command("karmada", "status", ...data), /member1/);
  } finally {
    await command("karmada", "down", ...data);
  }
});

testInstalled("the program in the README of the SDK runs", async () => {
  const [, program = ""] =
    /^```js\n(.*?)^```$/ms.exec(readFileSync(path.join(root, "src/sdk/README.md"), "utf8")) ?? [];
  writeFileSync(path.join(consumer, "program.js"), program);
  assert.equal(await command("node", "program.js"), "blue settings\n");
});

testInstalled("a program in TypeScript gets its types", async () => {
  const program = [
    'import { type Client, ConfigMap, PropagationPolicy } from "karmada-ts";',
    "export async function read(client: Client, name: string): Promise<string | undefined> {",
    '  const { data } = await client.get(ConfigMap, { namespace: "default", name });',
    '  const { spec } = await client.get(PropagationPolicy, { namespace: "default", name });',
    "  // @ts-expect-error a kind is a text",
    "  const wrong: number | undefined = spec.resourceSelectors[0]?.kind;",
    '  return wrong === undefined ? data?.["colour"] : spec.resourceSelectors[0]?.name;',
    "}",
  ];
  writeFileSync(path.join(consumer, "program.ts"), program.join("\n"));
  const types = ["--types", "node", "--typeRoots", path.join(root, "node_modules", "@types")];
  const args = ["--noEmit", "--strict", "--module", "nodenext", "--target", "esnext", "--lib", "esnext", ...types];
  const compiler = path.join(root, "node_modules", "ts7", "bin", "tsc");
  await succeed(process.execPath, [compiler, ...args, "program.ts"], consumer);
});

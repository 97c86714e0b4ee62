// Finds a Node.js that can run this program and hands over to it. Plain JavaScript that any Node.js >= 20 reads.
"use strict";
const { spawn } = require("node:child_process");
const { existsSync } = require("node:fs");
const { availableParallelism } = require("node:os");
const path = require("node:path");
const { pathToFileURL } = require("node:url");

const root = path.dirname(__dirname);
const wanted = 24;

/**
 * What servers run with (docs/decisions/0013-memory.md): V8's young generation of 2 x 16 MB instead of 2 x 64, an old one that
 * is collected when it has grown by 30 % instead of by up to 300, but not below 64 MB, which a start fills anyway; and two
 * heaps of glibc's malloc instead of one per thread. The threads that help V8 collect are no more than there are
 * processors, or they wait for each other, and busily; with a single one garbage is found late, and memory grows.
 */
const serverFlags = [
  "--max-semi-space-size=16",
  "--heap-growing-percent=30",
  "--initial-heap-size=64",
  `--v8-pool-size=${Math.max(2, Math.min(4, availableParallelism()))}`,
];
const serverEnvironment = { MALLOC_ARENA_MAX: "2" };
/** Words after `karmada` that start no server. */
const shortWords = new Set(["down", "status", "version", "help", "--help", "-h", "--version"]);

/** Runs `src/apps/<app>.ts` (in a clone) or `dist/apps/<app>.js` (as installed) under Node.js >= 24. */
exports.launch = function launch(app) {
  const inClone = existsSync(path.join(root, "src", "apps", `${app}.ts`));
  if (Number(process.versions.node.split(".")[0]) >= wanted) {
    if (isServer(app)) runAsServer();
    const nodeModule = require("node:module");
    nodeModule.enableCompileCache(inClone ? path.join(root, ".cache", "node") : undefined);
    // Threads read it from the environment. Without it each would compile anew, in a clone with a compiler of its own.
    const compiled = nodeModule.getCompileCacheDir();
    if (compiled !== undefined) process.env.NODE_COMPILE_CACHE ??= path.dirname(compiled);
    const entry = inClone ? path.join(root, "src", "apps", `${app}.ts`) : path.join(root, "dist", "apps", `${app}.js`);
    require("./resolve.js");
    import(pathToFileURL(entry).href);
    return;
  }
  const pinned = findPinnedNode();
  if (pinned === undefined) {
    const fix = inClone ? "npm ci" : "npm install";
    process.stderr.write(
      `${app}: needs Node.js >= ${wanted}, this is ${process.version}; "${fix}" in ${root} brings the right one\n`,
    );
    process.exitCode = 1;
    return;
  }
  handOver(pinned, isServer(app));
};

function isServer(app) {
  return app === "karmada" && process.argv.length > 2 && !shortWords.has(process.argv[2]);
}

/** Begins again with what servers run with: the same process, another program. Where that cannot be, goes on as it is. */
function runAsServer() {
  if (serverFlags.every((flag) => process.execArgv.includes(flag)) || process.execve === undefined) return;
  try {
    const argv = [process.execPath, ...serverFlags, ...process.execArgv, ...process.argv.slice(1)];
    process.execve(process.execPath, argv, { ...serverEnvironment, ...process.env });
  } catch {
    // Windows has no such thing.
  }
}

/** The binary of the npm package `node`, which this package depends on. */
function findPinnedNode() {
  try {
    const folder = path.dirname(require.resolve("node/package.json", { paths: [root] }));
    const binary = path.join(folder, "bin", process.platform === "win32" ? "node.exe" : "node");
    return existsSync(binary) ? binary : undefined;
  } catch {
    return undefined;
  }
}

/** Starts `binary` with the same arguments, terminal and signals; ends as it ends. */
function handOver(binary, asServer) {
  const child = spawn(binary, [...(asServer ? serverFlags : []), ...process.argv.slice(1)], {
    stdio: "inherit",
    env: asServer ? { ...serverEnvironment, ...process.env } : process.env,
  });
  const signals = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"];
  for (const signal of signals) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => {
    process.stderr.write(`cannot start ${binary}: ${error.message}\n`);
    process.exitCode = 1;
  });
  child.on("exit", (code, signal) => {
    if (signal === null) {
      process.exitCode = code ?? 1;
      return;
    }
    for (const name of signals) process.removeAllListeners(name);
    process.kill(process.pid, signal);
  });
}

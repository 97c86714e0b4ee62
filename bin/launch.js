// Finds a Node.js that can run this program and hands over to it. Plain JavaScript that any Node.js >= 20 reads.
"use strict";
const { spawn } = require("node:child_process");
const { existsSync } = require("node:fs");
const path = require("node:path");
const { pathToFileURL } = require("node:url");

const root = path.dirname(__dirname);
const wanted = 24;

/** Runs `src/apps/<app>.ts` (in a clone) or `dist/apps/<app>.js` (as installed) under Node.js >= 24. */
exports.launch = function launch(app) {
  const inClone = existsSync(path.join(root, "src", "apps", `${app}.ts`));
  if (Number(process.versions.node.split(".")[0]) >= wanted) {
    const nodeModule = require("node:module");
    nodeModule.enableCompileCache(inClone ? path.join(root, ".cache", "node") : undefined);
    // Threads read it from the environment. Without it each would compile anew, in a clone with a compiler of its own.
    const compiled = nodeModule.getCompileCacheDir();
    if (compiled !== undefined) process.env.NODE_COMPILE_CACHE ??= path.dirname(compiled);
    const entry = inClone ? path.join(root, "src", "apps", `${app}.ts`) : path.join(root, "dist", "apps", `${app}.js`);
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
  handOver(pinned);
};

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
function handOver(binary) {
  const child = spawn(binary, process.argv.slice(1), { stdio: "inherit" });
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

// Makes `dist/`, what `npm pack` puts in the package: Node.js strips no types under node_modules, so users get JavaScript and
// declarations. Run by npm before it packs. Types are checked by `npm run check`; here they are only left out (noCheck also
// because the compiler would object to `#layer/x.ts`, whose extension it does not rewrite: the map below does).
import { spawnSync } from "node:child_process";
import { cpSync, globSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { rows } from "./tidy/layers.ts";

const root = path.join(import.meta.dirname, "..");
const source = path.join(root, "src");
const target = path.join(root, "dist");

rmSync(target, { recursive: true, force: true });
const compiler = path.join(root, "node_modules", "ts7", "bin", "tsc");
const compiled = spawnSync(process.execPath, [compiler, "-p", "tsconfig.build.json"], {
  cwd: root,
  stdio: ["ignore", "inherit", "inherit"],
});
if (compiled.status === 0) finish();
else process.exitCode = 1;

/** Adds what the compiler does not: data that is read at run time, and where `#layer/` leads. */
function finish(): void {
  for (const file of globSync("**/*.json", { cwd: source })) {
    mkdirSync(path.join(target, path.dirname(file)), { recursive: true });
    cpSync(path.join(source, file), path.join(target, file));
  }
  // The nearest package.json decides what `#layer/x.ts` means, for Node.js and for the declarations alike.
  const imports = Object.fromEntries(rows.flat().map((layer) => [`#${layer}/*.ts`, `./${layer}/*.js`]));
  writeFileSync(path.join(target, "package.json"), `${JSON.stringify({ type: "module", imports }, undefined, 2)}\n`);
}

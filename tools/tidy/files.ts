// Reads the project's own source files for the house rules.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import type { SourceFile } from "./rules.ts";

const root = path.join(import.meta.dirname, "..", "..");

/** Every .ts file that git tracks, or would track, with its text. */
export function projectFiles(): SourceFile[] {
  const listed = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.ts"], {
    cwd: root,
    encoding: "utf8",
  });
  return listed
    .split("\n")
    .filter((name) => name !== "" && existsSync(path.join(root, name)))
    .map((name) => ({ path: name, text: readFileSync(path.join(root, name), "utf8") }));
}

// interpret --check: whether the scripts of customizations can be read. Upstream: karmada pkg/karmadactl/interpret/check.go.
import { scriptProblem } from "#api/admission/validate-customization.ts";
import { interpreterScripts } from "#api/config/interpreter-scripts.ts";
import type { CustomizationFile } from "./read-input.ts";

const ruler = "-".repeat(35);
const gap = 3;

export interface Checked {
  readonly text: string;
  readonly isFine: boolean;
}

/** A report on each customization. */
export function checkCustomizations(files: readonly CustomizationFile[]): Checked {
  const reports = files.map(checkOne);
  return { text: reports.map(({ text }) => text).join(""), isFine: reports.every(({ isFine }) => isFine) };
}

function checkOne({ customization, source }: CustomizationFile): Checked {
  const { target, customizations } = customization.spec;
  const head = `${ruler}\nSOURCE: ${source}\n`;
  if (target.kind === "") return { text: `${head}target.kind no set\n`, isFine: false };
  if (target.apiVersion === "") return { text: `${head}target.apiVersion no set\n`, isFine: false };
  const rows = interpreterScripts.map(({ name, field }) => {
    const script = customizations[field]?.luaScript ?? "";
    const problem = script === "" ? undefined : scriptProblem(script);
    return { name, problem, verdict: script === "" ? "UNSET" : problem === undefined ? "PASS" : `ERROR: ${problem}` };
  });
  const width = Math.max(...rows.map(({ name }) => name.length + 1)) + gap;
  const lines = rows.map(({ name, verdict }) => `    ${`${name}:`.padEnd(width)}${verdict}\n`);
  return {
    text: `${head}TARGET: ${target.apiVersion} ${target.kind}\nRULERS:\n${lines.join("")}`,
    isFine: rows.every(({ problem }) => problem === undefined),
  };
}

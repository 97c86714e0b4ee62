// `node tools/tidy/run.ts`: the house rules over the files git tracks (and new ones it does not ignore). Exit code 1 on findings.
import { projectFiles } from "./files.ts";
import { tidy } from "./rules.ts";

const findings = tidy(projectFiles());
for (const { path, line, message } of findings) console.log(`${path}:${String(line)}: ${message}`);
console.log(findings.length === 0 ? "tidy: ok" : `tidy: ${String(findings.length)} findings`);
process.exitCode = findings.length === 0 ? 0 : 1;

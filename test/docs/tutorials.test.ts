// The tutorials, followed to the letter on a control plane: every `sh` block runs, in order, and must print the lines of the
// `text` block behind it, in order and with `…` for anything. Blocks marked `sh setup` are what this file does itself.
// A block that only looks is repeated until it shows what is expected, as a reader would.
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { eventually, type Plane, root, runProgram, startPlane } from "../e2e/plane.ts";

const folder = path.join(root, "docs", "tutorials");
const shownDeadline = 30_000;
const kubectl = process.env["KUBECTL"];

interface Step {
  readonly heading: string;
  readonly commands: string;
  readonly expected: readonly string[];
}

/** The blocks to run and what they are to print. */
function stepsOf(markdown: string): Step[] {
  const steps: Step[] = [];
  let heading = "";
  const parts = /^## (?<title>.+)$|^```(?<info>\w[\w ]*)\n(?<body>[^]*?)^```$/gm;
  for (const { groups: { title, info, body = "" } = {} } of markdown.matchAll(parts)) {
    if (title !== undefined) heading = title;
    else if (info === "sh") steps.push({ heading, commands: body, expected: [] });
    else if (info === "text") {
      const step = steps.pop();
      assert.ok(step?.expected.length === 0, `output without commands under "${heading}"`);
      steps.push({ ...step, expected: body.trimEnd().split("\n") });
    } else assert.equal(info, "sh setup", `a block of an unknown sort under "${heading}"`);
  }
  return steps;
}

/** Whether nothing changes when the commands run again. */
function onlyLooks(commands: string): boolean {
  const lines = commands.replaceAll("\\\n", " ").trimEnd().split("\n");
  return lines.every((line) =>
    /^(?:kubectl|karmadactl) (?:--context \S+ |-n \S+ )*(?:get|describe|config) /.test(line),
  );
}

/** The first expected line that the output does not have behind those before it. */
function missingLine(output: string, expected: readonly string[]): string | undefined {
  const lines = output.split("\n").map(plain);
  let next = 0;
  return expected.find((line) => {
    const wanted = new RegExp(`^${plain(line).split("…").map(RegExp.escape).join(".*")}$`);
    const found = lines.findIndex((each, index) => index >= next && wanted.test(each));
    next = found + 1;
    return found < 0;
  });
}

function plain(line: string): string {
  return line.trim().replace(/\s+/g, " ");
}

describe("tutorials", { skip: kubectl === undefined && "no kubectl here: set KUBECTL to one" }, () => {
  let plane: Plane;
  let environment: Record<string, string>;
  before(async () => {
    // What one of them asks for; it changes nothing for the others.
    plane = await startPlane(["--feature-gates", "StatefulFailoverInjection=true"]);
    const tools = path.join(plane.directory, "tools");
    mkdirSync(tools);
    symlinkSync(path.resolve(kubectl ?? ""), path.join(tools, "kubectl"));
    symlinkSync(process.execPath, path.join(tools, "node"));
    environment = {
      HOME: plane.directory,
      KUBECONFIG: plane.kubeconfig,
      PATH: [tools, path.join(root, "bin"), process.env["PATH"]].join(path.delimiter),
    };
  });
  after(() => plane.dispose());

  async function follow({ commands, expected }: Step): Promise<void> {
    const { code, out, err } = await runProgram("bash", ["-euc", commands], { env: environment });
    assert.equal(code, 0, `${commands}\n${err}${out}`);
    const missing = missingLine(out + err, expected);
    assert.equal(missing, undefined, `${commands}\nprints no line "${missing ?? ""}" where it belongs:\n${out}${err}`);
  }

  for (const file of readdirSync(folder).sort()) {
    test(file, async () => {
      const steps = stepsOf(readFileSync(path.join(folder, file), "utf8"));
      assert.ok(steps.length > 0, "nothing to follow");
      for (const step of steps) {
        if (!onlyLooks(step.commands)) await follow(step);
        else await eventually(`"${step.heading}" to show it`, shownDeadline, () => follow(step).then(() => true));
      }
    });
  }
});

// `karmadactl`, and the same as a kubectl plugin: `kubectl karmada`. Upstream: karmada cmd/karmadactl, cmd/kubectl-karmada.
import { basename } from "node:path";
import { commands, footer } from "#cli/commands/all.ts";
import { runProgram } from "#cli/program.ts";
import { connectByKubeconfig, connectionFlags } from "./connect.ts";
import { interruptible, processIo } from "./process.ts";
import { versionCommand } from "./version-command.ts";

const isPlugin = basename(process.argv[1] ?? "").startsWith("kubectl-");
const name = isPlugin ? "kubectl karmada" : "karmadactl";
const interrupt = interruptible();
process.exitCode = await runProgram(
  {
    name,
    summary: "Controls a Karmada control plane and the member clusters behind it.",
    commands: [...commands, versionCommand(name)],
    globalFlags: connectionFlags,
    footer: footer(),
    connect: connectByKubeconfig,
  },
  { argv: process.argv.slice(2), io: processIo(), signal: interrupt.signal },
);
interrupt.end();

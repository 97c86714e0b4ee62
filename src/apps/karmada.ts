// `karmada`: the servers. `up` runs a whole control plane with local members; `down` and `status` look after it; the
// other words are one component each.
import { runProgram } from "#cli/program.ts";
import { apiserverCommand } from "./apiserver-command.ts";
import { controllerManagerCommand, deschedulerCommand, schedulerCommand } from "./component-commands.ts";
import { connectByKubeconfig } from "./connect.ts";
import { downCommand } from "./down-command.ts";
import { estimatorCommand } from "./estimator-command.ts";
import { interruptible, processIo } from "./process.ts";
import { statusCommand } from "./status-command.ts";
import { upCommand } from "./up-command.ts";
import { versionCommand } from "./version-command.ts";
import { webhookCommand } from "./webhook-command.ts";

process.umask(0o077); // whatever is written is its owner's alone
const interrupt = interruptible();
process.exitCode = await runProgram(
  {
    name: "karmada",
    summary: "Multi-cluster Kubernetes orchestration: a control plane, its components, and local member clusters.",
    commands: [
      upCommand,
      downCommand,
      statusCommand,
      apiserverCommand,
      controllerManagerCommand,
      schedulerCommand,
      estimatorCommand,
      deschedulerCommand,
      webhookCommand,
      versionCommand("karmada"),
    ],
    globalFlags: {},
    footer: 'The command line of users is karmadactl; see "karmadactl --help".',
    connect: connectByKubeconfig,
  },
  { argv: process.argv.slice(2), io: processIo(), signal: interrupt.signal },
);
interrupt.end();

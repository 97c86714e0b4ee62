// The program `karmada`: its commands.
import { runProgram } from "#cli/program.ts";
import { apiserverCommand } from "./apiserver-command.ts";
import { controllerManagerCommand, deschedulerCommand, schedulerCommand } from "./component-commands.ts";
import { connectByKubeconfig } from "./connect.ts";
import { downCommand } from "./down-command.ts";
import { estimatorCommand } from "./estimator-command.ts";
import type { MembersThread } from "./members/members-thread.ts";
import { prepareCommand } from "./prepare-command.ts";
import { interruptible, processIo } from "./process.ts";
import { statusCommand } from "./status-command.ts";
import { upCommand } from "./up-command.ts";
import { versionCommand } from "./version-command.ts";
import { webhookCommand } from "./webhook-command.ts";

/** Runs the command that the arguments name; resolves to the exit code. `thread`: one for local members, begun early. */
export async function runKarmada(thread: MembersThread | undefined): Promise<number> {
  const interrupt = interruptible();
  const code = await runProgram(
    {
      name: "karmada",
      summary: "Multi-cluster Kubernetes orchestration: a control plane, its components, and local member clusters.",
      commands: [
        upCommand(thread),
        downCommand,
        statusCommand,
        prepareCommand,
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
  return code;
}

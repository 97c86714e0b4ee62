// `karmada up` as a command: in the foreground until Ctrl-C, or in the background.
import { type Command, type CommandIo, defineCommand, flag, type Invocation } from "#cli/command.ts";
import { DataDirectoryError } from "#install/data-directory.ts";
import { localClusterDefaults } from "#localcluster/settings.ts";
import { errorText } from "#machinery/api-error.ts";
import { untilAborted } from "#std/abort.ts";
import { defined } from "#std/defined.ts";
import { readyDescriptor, startInBackground, tellReady } from "./background.ts";
import type { MembersThread } from "./members/members-thread.ts";
import { dataDirFlag } from "./down-command.ts";
import { evictionFlags, evictionOptions } from "./eviction-flags.ts";
import { deschedulerFlags, deschedulerOptions } from "./estimator-flags.ts";
import { exampleNames, runExample } from "./example.ts";
import { featureGatesFlag, parseAllGates } from "./feature-gates-flag.ts";
import { loggerOf, logLevelFlag } from "./logger.ts";
import type { MemberTransport, Up } from "./up.ts";

const membersMax = 50;
const memberTransports: readonly MemberTransport[] = ["in-process", "https"];
const componentNames: readonly string[] = ["controller-manager", "scheduler", "descheduler"];
/** Without what upstream installs only when it is asked to. */
const componentsDefault = "controller-manager,scheduler";

const upFlags = {
  dataDir: dataDirFlag,
  members: flag.number("How many local member clusters to run.", 3, {
    check: (value) =>
      Number.isInteger(value) && value >= 0 && value <= membersMax
        ? undefined
        : `--members takes a whole number from 0 to ${membersMax}, not ${value}`,
  }),
  fresh: flag.boolean("Begin with an empty data directory: what an earlier control plane left there is deleted."),
  example: flag.string("Apply an example and show how it reaches the members.", "", {
    placeholder: "name",
    check: (value) =>
      value === "" || exampleNames().includes(value)
        ? undefined
        : `--example takes ${exampleNames().join(", ")}, not "${value}"`,
  }),
  background: flag.boolean("Leave it running and come back when everything is ready."),
  components: flag.string("Which of Karmada's components run in this process, with commas.", componentsDefault, {
    placeholder: "names",
    check: (value) =>
      value.split(",").every((name) => name === "" || componentNames.includes(name))
        ? undefined
        : `--components takes ${componentNames.join(", ")}, not "${value}"`,
  }),
  podStartMilliseconds: flag.number(
    "How long simulated pods take to start.",
    localClusterDefaults.podStartMilliseconds,
  ),
  memberTransport: flag.string("How Karmada reaches the local members: in-process or https.", "in-process", {
    placeholder: "way",
    check: (value) =>
      memberTransportOf(value) === undefined
        ? `--member-transport takes ${memberTransports.join(" or ")}, not "${value}"`
        : undefined,
  }),
  singleThread: flag.boolean("Run the local members in the control plane's thread, not in one of their own."),
  enableSchedulerEstimator: flag.boolean("The scheduler asks the local members themselves how much fits."),
  ...deschedulerFlags,
  featureGates: featureGatesFlag,
  ...evictionFlags,
  logLevel: logLevelFlag("error"),
} as const;

/** `thread`: for local members, begun early. */
export function upCommand(thread: MembersThread | undefined): Command {
  return defineCommand({
    name: "up",
    group: "Local Control Plane",
    summary: "Run a control plane and local member clusters until Ctrl-C",
    description:
      "Runs a control plane and local member clusters in this process until Ctrl-C or SIGTERM. " +
      "A second run on the same data directory goes on where the first ended.",
    examples: [
      "# A control plane with three members, and nginx on its way into them",
      "karmada up --example nginx",
      "# In the background, with its files elsewhere",
      "karmada up --background --data-dir /var/lib/karmada",
    ],
    flags: upFlags,
    run: (invocation) => run(invocation, thread),
  });
}

async function run(
  { flags, io, signal }: Invocation<typeof upFlags>,
  thread: MembersThread | undefined,
): Promise<number> {
  if (flags.background) return startInBackground(process.argv.slice(2), flags.dataDir, io, signal);
  const { startUp } = await import("./up.ts");
  const end = new AbortController();
  const stop = AbortSignal.any([signal, end.signal]);
  let up: Up;
  try {
    up = await startUp({
      dataDir: flags.dataDir,
      members: flags.members,
      fresh: flags.fresh,
      components: flags.components.split(","),
      gates: parseAllGates(flags.featureGates),
      eviction: evictionOptions(flags),
      podStartMilliseconds: flags.podStartMilliseconds,
      descheduling: deschedulerOptions(flags),
      asksEstimators: flags.enableSchedulerEstimator,
      memberTransport: memberTransportOf(flags.memberTransport) ?? "in-process",
      singleThread: flags.singleThread,
      ...defined({ thread }),
      logLevel: flags.logLevel,
      clock: io.clock,
      random: io.random,
      log: loggerOf(flags.logLevel),
      signal: stop,
    });
  } catch (error) {
    end.abort(error);
    if (signal.aborted) return 0;
    io.err(`${error instanceof DataDirectoryError ? "" : "karmada up failed: "}${errorText(error)}\n`);
    return 1;
  }
  sayReady(up, io);
  let failure: Error | undefined;
  void up.failed.then((error) => {
    failure = error;
    end.abort(error);
  });
  if (flags.example !== "") await runExample({ name: flags.example, up, io, signal: stop });
  await untilAborted(stop);
  if (failure !== undefined) io.err(`karmada up ends: ${failure.message}\n`);
  else if (io.outIsTerminal) io.out("\nstopping; everything is kept, a second Ctrl-C ends at once\n");
  end.abort(signal.reason);
  await up.closed();
  return failure === undefined ? 0 : 1;
}

function memberTransportOf(value: string): MemberTransport | undefined {
  return memberTransports.find((each) => each === value);
}

function sayReady(up: Up, io: CommandIo): void {
  // The monotonic clock of a process begins with it.
  const ready = `ready in ${Math.round(io.clock.monotonic())} ms`;
  const members = up.members.map(({ name }) => name).join(", ");
  io.out(`${ready}: ${up.controlPlane.server}${members === "" ? "" : `, members ${members}`}\n`);
  const bin = up.directory.path === `${io.cwd}/.karmada` ? "$PWD/bin" : "bin";
  io.out(
    `
  export KUBECONFIG=${up.kubeconfig}
  export PATH=${bin}:$PATH

  kubectl get clusters                                  # the members
  kubectl get deployments,resourcebindings,works -A     # templates, where they go, what each member gets
  kubectl --context member1 get pods                    # inside a member
  karmadactl get deployments --operation-scope all      # all clusters in one table
  karmadactl cordon member3                             # no new workloads there

`,
  );
  tellReady(readyDescriptor(io.env), ready);
}

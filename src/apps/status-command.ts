// `karmada status`: what runs on a data directory, for people and for programs.
import { defineCommand } from "#cli/command.ts";
import { duration } from "#cli/propagation/decide.ts";
import { findRunning } from "#install/data-directory.ts";
import { outputFlag } from "./output-flag.ts";
import { dataDirFlag } from "./down-command.ts";

export const statusCommand = defineCommand({
  name: "status",
  group: "Local Control Plane",
  summary: "Tell what runs on a data directory",
  flags: {
    dataDir: dataDirFlag,
    output: outputFlag,
  },
  async run({ flags, io }) {
    const running = await findRunning(flags.dataDir);
    if (running === undefined) {
      if (flags.output === "json") io.out(`${JSON.stringify({ running: false })}\n`);
      else io.out(`nothing runs on ${flags.dataDir}; start with "karmada up"\n`);
      return 3;
    }
    const uptimeSeconds = Math.round((io.clock.now() - running.startedAt) / 1000);
    if (flags.output === "json") {
      const { pid, version, servers, members } = running;
      io.out(
        `${JSON.stringify({ pid, running: true, version, uptimeSeconds, contexts: Object.keys(servers), servers, members }, undefined, 2)}\n`,
      );
      return 0;
    }
    io.out(`karmada v${running.version}, process ${running.pid}, up for ${duration(uptimeSeconds * 1000)}\n`);
    for (const [context, server] of Object.entries(running.servers)) {
      const kind = running.members.includes(context) ? "local member, its nodes are simulated" : "control plane";
      io.out(`  ${context.padEnd(18)} ${server}  ${kind}\n`);
    }
    return 0;
  },
});

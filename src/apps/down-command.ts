// `karmada down`: stops the control plane that runs on a data directory.
import { defineCommand, flag } from "#cli/command.ts";
import { findRunning } from "#install/data-directory.ts";

const stopMilliseconds = 15_000;
const pollMilliseconds = 25;

export const dataDirFlag = flag.string("Directory with everything that the control plane keeps.", ".karmada", {
  placeholder: "directory",
});

export const downCommand = defineCommand({
  name: "down",
  group: "Local Control Plane",
  summary: "Stop the control plane that runs on a data directory; its data stays",
  flags: { dataDir: dataDirFlag },
  async run({ flags, io, signal }) {
    const running = await findRunning(flags.dataDir);
    if (running === undefined) {
      io.out(`nothing runs on ${flags.dataDir}\n`);
      return 0;
    }
    process.kill(running.pid, "SIGTERM");
    const deadline = io.clock.monotonic() + stopMilliseconds;
    while (isAlive(running.pid) || (await findRunning(flags.dataDir)) !== undefined) {
      if (io.clock.monotonic() > deadline) {
        io.err(
          `process ${running.pid} does not end; "kill -9 ${running.pid}" ends it, and nothing acknowledged is lost\n`,
        );
        return 1;
      }
      await io.clock.sleep(pollMilliseconds, signal);
    }
    io.out(`stopped the control plane on ${flags.dataDir} (process ${running.pid})\n`);
    return 0;
  },
});

/** Whether the process is still there: it lets go of the directory a little before it ends. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

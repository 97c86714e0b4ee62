// `version`: of the program, and of the server where there is one.
import { type Command, defineCommand } from "#cli/command.ts";
import { outputFlag } from "./output-flag.ts";
import { packageVersion } from "./version.ts";

/** The command for a program of this name. */
export function versionCommand(program: string): Command {
  return defineCommand({
    name: "version",
    group: "Other Commands",
    summary: "Print the version information",
    flags: {
      output: outputFlag,
    },
    run({ flags, io }) {
      const info = {
        gitVersion: `v${packageVersion()}`,
        nodeVersion: process.version,
        platform: `${process.platform}/${process.arch}`,
      };
      if (flags.output === "json") io.out(`${JSON.stringify(info, undefined, 2)}\n`);
      else io.out(`${program} version: v${packageVersion()} (Node.js ${process.version}, ${info.platform})\n`);
      return Promise.resolve(0);
    },
  });
}

// `version`: of the program, and of the server where there is one.
import { type Command, defineCommand, flag } from "#cli/command.ts";
import { packageVersion } from "./version.ts";

/** The command for a program of this name. */
export function versionCommand(program: string): Command {
  return defineCommand({
    name: "version",
    group: "Other Commands",
    summary: "Print the version information",
    flags: {
      output: flag.string("Output format: empty or json.", "", {
        short: "o",
        placeholder: "format",
        check: (value) => (value === "" || value === "json" ? undefined : `--output takes json, not "${value}"`),
      }),
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

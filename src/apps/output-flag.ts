// `-o json`: for commands that print either for people or for programs.
import { flag } from "#cli/command.ts";

export const outputFlag = flag.string("Output format: empty or json.", "", {
  short: "o",
  placeholder: "format",
  check: (value) => (value === "" || value === "json" ? undefined : `--output takes json, not "${value}"`),
});

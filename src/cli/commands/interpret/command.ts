// `interpret`: checks the scripts of customizations, and shows what they make of an object, without any server.
// Upstream: karmada pkg/karmadactl/interpret/interpret.go.
import { errorText } from "#machinery/api-error.ts";
import { defineCommand, flag, UsageError } from "../../command.ts";
import { checkCustomizations } from "./check.ts";
import { execute } from "./execute.ts";
import { readCustomizations } from "./read-input.ts";

const int32Max = 2_147_483_647;

const flags = {
  filename: flag.list("Files, directories or - with the customizations.", { short: "f", placeholder: "path" }),
  recursive: flag.boolean("Look in the directories of directories too.", { short: "R" }),
  check: flag.boolean("Only say whether the scripts can be read."),
  operation: flag.string("What to run: InterpretHealth, Retain, ….", "", { placeholder: "name" }),
  desiredFile: flag.string("File with the object as it is wanted.", "", { placeholder: "path" }),
  observedFile: flag.string("File with the object as a member has it.", "", { placeholder: "path" }),
  statusFile: flag.string("File with the statuses of members, for AggregateStatus.", "", { placeholder: "path" }),
  desiredReplica: flag.number("The replicas to set, for ReviseReplica.", 0, {
    placeholder: "number",
    check: (value) =>
      Number.isInteger(value) && Math.abs(value) <= int32Max
        ? undefined
        : `--desired-replica takes a whole number of 32 bits, not ${value}`,
  }),
} as const;

export type InterpretFlags = typeof flags;

export const interpretCommand = defineCommand({
  name: "interpret",
  group: "Troubleshooting and Debugging Commands",
  summary: "Check and try the scripts of a ResourceInterpreterCustomization",
  description:
    "With --check it is said whether each script can be read. Otherwise one operation is run on the object of a file, " +
    "with the same engine and within the same limits as in the control plane, and its results are printed as YAML.",
  examples: [
    "# Whether the scripts can be read",
    "$0 interpret -f customization.yaml --check",
    "# What they say about the replicas of an object",
    "$0 interpret -f customization.yaml --operation InterpretReplica --desired-file object.yaml",
    "# How an object is kept when it is updated",
    "$0 interpret -f customization.yaml --operation Retain --desired-file new.yaml --observed-file old.yaml",
    "# A member's share of the replicas",
    "$0 interpret -f customization.yaml --operation ReviseReplica --desired-file object.yaml --desired-replica 3",
    "# One status of several",
    "$0 interpret -f customization.yaml --operation AggregateStatus --desired-file object.yaml --status-file items.yaml",
  ],
  flags,
  async run({ flags: given, io }) {
    const files = await readCustomizations(given.filename, { recursive: given.recursive, io });
    if (given.check) {
      const { text, isFine } = checkCustomizations(files);
      io.out(text);
      return isFine ? 0 : 1;
    }
    try {
      io.out(await execute(files, given, io));
    } catch (error) {
      if (error instanceof UsageError) throw error;
      throw new UsageError(`Execute ${given.operation} error: ${errorText(error)}`);
    }
    return 0;
  },
});

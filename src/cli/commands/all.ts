// All commands of karmadactl, group by group in upstream's order (help shows them so).
// Upstream: karmada pkg/karmadactl/karmadactl.go.
import type { Command } from "../command.ts";
import { apiVersionsCommand } from "./api-versions/command.ts";
import { applyCommand } from "./apply/command.ts";
import { cordonCommand } from "./cordon/command.ts";
import { deleteCommand } from "./delete/command.ts";
import { describeCommand } from "./describe/command.ts";
import { getCommand } from "./get/command.ts";
import { interpretCommand } from "./interpret/command.ts";
import { joinCommand } from "./join/command.ts";
import { taintCommand } from "./taint/command.ts";
import { uncordonCommand } from "./uncordon/command.ts";
import { unjoinCommand } from "./unjoin/command.ts";

export const commands: readonly Command[] = [
  getCommand,
  deleteCommand,
  joinCommand,
  unjoinCommand,
  cordonCommand,
  uncordonCommand,
  taintCommand,
  describeCommand,
  interpretCommand,
  applyCommand,
  apiVersionsCommand,
];

/** What upstream has and this program does not yet. */
const commandsToCome: readonly string[] = [
  ...["explain", "get", "create", "delete", "edit", "init", "deinit", "addons", "join", "unjoin", "token", "register"],
  ...["unregister", "taint", "attach", "logs", "exec", "describe", "interpret", "apply", "promote", "top", "patch"],
  ...["label", "annotate", "completion", "api-resources", "api-versions", "options"],
];

/** The end of the help: what is still to come. */
export function footer(): string {
  const missing = commandsToCome.filter((name) => !commands.some((command) => command.name === name));
  return `Still to come: ${missing.join(", ")}.\nUntil then kubectl does what needs no member cluster.`;
}

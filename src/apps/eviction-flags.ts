// Flags about moving workloads out of members, for those commands that run Karmada's controllers.
import { flag } from "#cli/command.ts";
import { type EvictionMode, evictionModes } from "#controllers/eviction-mode.ts";

export const evictionModeFlag = flag.string(
  "When a copy may go: strict, only once others are seen to be healthy; compatible, as Karmada does it, also when a grace period is over.",
  "strict",
  {
    placeholder: "mode",
    check: (value) =>
      parseEvictionMode(value) === undefined
        ? `--eviction-mode takes ${evictionModes.join(" or ")}, not "${value}"`
        : undefined,
  },
);

/** The mode of that name, or undefined. */
export function parseEvictionMode(text: string): EvictionMode | undefined {
  return evictionModes.find((mode) => mode === text);
}

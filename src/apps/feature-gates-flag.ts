// `--feature-gates A=true,B=false`, with upstream's names; AllAlpha and AllBeta are not taken yet.
import { flag, UsageError } from "#cli/command.ts";
import { type FeatureGates, featureGateDefaults } from "#controllers/feature-gates.ts";

export const featureGatesFlag = flag.list("Features to turn on or off, as Name=true or Name=false.", {
  placeholder: "gates",
});

/** The scheduler's, with upstream's default. */
export const schedulerGateDefaults = { SchedulingOvercommitProtection: false };

/** The controllers' gates that are named. UsageError for a name or value that does not exist. */
export function parseFeatureGates(list: readonly string[]): Partial<FeatureGates> {
  return parseGates(list, featureGateDefaults);
}

/** The same for controllers and scheduler together. */
export function parseAllGates(list: readonly string[]): Partial<FeatureGates & typeof schedulerGateDefaults> {
  return parseGates(list, { ...featureGateDefaults, ...schedulerGateDefaults });
}

/** The gates that are named, of those in `defaults`. UsageError for a name or value that does not exist. */
export function parseGates<Name extends string>(
  list: readonly string[],
  defaults: Readonly<Record<Name, boolean>>,
): Partial<Record<Name, boolean>> {
  const gates: Partial<Record<Name, boolean>> = {};
  const isGate = (name: string): name is Name => Object.hasOwn(defaults, name);
  for (const text of list) {
    const [name = "", value = ""] = text.split("=");
    if (!isGate(name)) {
      throw new UsageError(`--feature-gates: "${name}" is none; there are ${Object.keys(defaults).join(", ")}`);
    }
    if (value !== "true" && value !== "false")
      throw new UsageError(`--feature-gates: ${name} takes true or false, not "${value}"`);
    gates[name] = value === "true";
  }
  return gates;
}

// Flags about how members' health is seen and how workloads are moved out of them, for those commands that run Karmada's
// controllers. Upstream: karmada cmd/controller-manager/app/options/options.go.
import { flag } from "#cli/command.ts";
import { parseDuration } from "#cli/duration.ts";
import type { KarmadaControllersOptions } from "#controllers/all.ts";
import { clusterStatusDefaults } from "#controllers/cluster-status/controller.ts";
import { type EvictionMode, evictionModes } from "#controllers/eviction-mode.ts";
import { evictionRuleDefaults } from "#controllers/graceful-eviction/controller.ts";
import { taintManagerDefaults, type TaintManagerOptions } from "#controllers/taint-manager/controller.ts";
import { durationFlag } from "./estimator-flags.ts";

type PurgeMode = TaintManagerOptions["purgeMode"];
const purgeModes: readonly PurgeMode[] = ["Gracefully", "Directly"];

function periodFlag(name: string, doc: string, milliseconds: number) {
  return durationFlag(name, doc, `${milliseconds / 1000}s`, "30s");
}

export const evictionFlags = {
  clusterStatusUpdateFrequency: periodFlag(
    "cluster-status-update-frequency",
    "How often members are asked how they are.",
    clusterStatusDefaults.periodMilliseconds,
  ),
  clusterSuccessThreshold: periodFlag(
    "cluster-success-threshold",
    "For how long a member must answer well before it counts as ready again.",
    clusterStatusDefaults.successMilliseconds,
  ),
  clusterFailureThreshold: periodFlag(
    "cluster-failure-threshold",
    "For how long a member must fail to answer before it counts as not ready.",
    clusterStatusDefaults.failureMilliseconds,
  ),
  evictionMode: flag.string(
    "When a copy may go: strict, only once others are seen to be healthy; compatible, also when a grace period is over.",
    "strict",
    {
      placeholder: "mode",
      check: (value) =>
        evictionModeOf(value) === undefined
          ? `--eviction-mode takes ${evictionModes.join(" or ")}, not "${value}"`
          : undefined,
    },
  ),
  failoverStabilizationSeconds: flag.number(
    "For how long a workload that was moved stays where it is, whatever happens there. 0: not at all. Strict mode only.",
    evictionRuleDefaults.stabilizationSeconds,
    {
      check: (value) =>
        Number.isFinite(value) && value >= 0
          ? undefined
          : `--failover-stabilization-seconds takes a number from 0, not ${value}`,
    },
  ),
  enableNoExecuteTaintEviction: flag.boolean(
    "Move workloads out of clusters with NoExecute taints. Needs the feature gate Failover.",
  ),
  noExecuteTaintEvictionPurgeMode: flag.string(
    "How workloads leave such clusters where their policies do not say it: Gracefully or Directly.",
    taintManagerDefaults.purgeMode,
    {
      placeholder: "mode",
      check: (value) =>
        purgeModeOf(value) === undefined
          ? `--no-execute-taint-eviction-purge-mode takes ${purgeModes.join(" or ")}, not "${value}"`
          : undefined,
    },
  ),
  resourceEvictionRate: flag.number(
    "How many workloads leave such clusters per second.",
    taintManagerDefaults.ratePerSecond,
    {
      check: (value) =>
        Number.isFinite(value) && value >= 0
          ? undefined
          : `--resource-eviction-rate takes a number from 0, not ${value}`,
    },
  ),
} as const;

export interface EvictionFlagValues {
  readonly clusterStatusUpdateFrequency: string;
  readonly clusterSuccessThreshold: string;
  readonly clusterFailureThreshold: string;
  readonly evictionMode: string;
  readonly failoverStabilizationSeconds: number;
  readonly enableNoExecuteTaintEviction: boolean;
  readonly noExecuteTaintEvictionPurgeMode: string;
  readonly resourceEvictionRate: number;
}

export type EvictionOptions = Required<Pick<KarmadaControllersOptions, "clusterStatus" | "eviction" | "taintEviction">>;

/** What the controllers take, of what the user gave. */
export function evictionOptions(flags: EvictionFlagValues): EvictionOptions {
  return {
    clusterStatus: {
      periodMilliseconds: parseDuration(flags.clusterStatusUpdateFrequency) ?? clusterStatusDefaults.periodMilliseconds,
      successMilliseconds: parseDuration(flags.clusterSuccessThreshold) ?? clusterStatusDefaults.successMilliseconds,
      failureMilliseconds: parseDuration(flags.clusterFailureThreshold) ?? clusterStatusDefaults.failureMilliseconds,
    },
    eviction: {
      mode: evictionModeOf(flags.evictionMode) ?? "strict",
      stabilizationSeconds: flags.failoverStabilizationSeconds,
    },
    taintEviction: {
      enabled: flags.enableNoExecuteTaintEviction,
      purgeMode: purgeModeOf(flags.noExecuteTaintEvictionPurgeMode) ?? taintManagerDefaults.purgeMode,
      ratePerSecond: flags.resourceEvictionRate,
    },
  };
}

function evictionModeOf(text: string): EvictionMode | undefined {
  return evictionModes.find((mode) => mode === text);
}

function purgeModeOf(text: string): PurgeMode | undefined {
  return purgeModes.find((mode) => mode === text);
}

// What a scheduler plugin is: pure functions from one argument to a verdict or a score.
// Upstream: karmada pkg/scheduler/framework/interface.go.
import type { Cluster } from "#api/cluster/cluster.ts";
import type { Placement } from "#api/policy/placement.ts";
import type { BindingSpec } from "#api/work/binding.ts";
import type { Neighbours } from "../neighbours/decide.ts";

/** What every plugin is asked about: one cluster for one binding, in one try. */
export interface PluginInput {
  readonly cluster: Cluster;
  readonly spec: BindingSpec;
  readonly placement: Placement;
  /** Which of this try's groups the cluster belongs to: 0 is the first choice, then overflow groups. undefined: none. */
  readonly tier: number | undefined;
  /** Clusters that have the resource now. */
  readonly previousTargets: ReadonlySet<string>;
  /** Where the other workloads of its groups are. */
  readonly neighbours: Neighbours;
}

/** Fits, or the reason why not; reasons are counted in the binding's condition, so they never name the cluster. */
export type Verdict = { readonly kind: "fits" } | { readonly kind: "rejected"; readonly reason: string };

export const fits: Verdict = { kind: "fits" };

export function rejects(reason: string): Verdict {
  return { kind: "rejected", reason };
}

export interface Plugin {
  /** As in `--plugins`. */
  readonly name: string;
  filter?(input: PluginInput): Verdict;
  /** 0 to 100; higher is better. */
  score?(input: PluginInput): number;
}

/** Declares a plugin. The identity function, for inference. */
export function definePlugin(plugin: Plugin): Plugin {
  return plugin;
}

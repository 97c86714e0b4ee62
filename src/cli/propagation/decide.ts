// How far templates have come on their way into the members, as data: from what is stored now to milestones with times.
// The shell beside it watches; here nothing waits and nothing is printed.
import { karmadaLabels } from "#api/karmada-constants.ts";
import type { Binding } from "#api/work/binding.ts";
import type { KubeObject } from "#machinery/object.ts";

/** The stages in order; each is reached once per template. */
export const stages = ["template", "policy", "binding", "scheduled", "applied", "ready"] as const;
export type Stage = (typeof stages)[number];

export interface Milestone {
  readonly stage: Stage;
  /** Milliseconds since the first apply. */
  readonly at: number;
  /** What a reader wants to know of it: the policy's name, the clusters, … */
  readonly detail: string;
}

/** One template's way. */
export interface Progress {
  readonly template: string;
  readonly milestones: readonly Milestone[];
}

export interface Observation {
  readonly template: KubeObject;
  readonly binding: Binding | undefined;
}

/** Adds the stages that `observed` has reached since; those known keep their time, not their detail. */
export function observe(progress: Progress, observed: Observation, at: number): Progress {
  const reached = stagesOf(observed);
  const milestones = stages.flatMap((stage) => {
    const known = progress.milestones.find((milestone) => milestone.stage === stage);
    const detail = reached.get(stage);
    if (detail === undefined) return known === undefined ? [] : [known];
    return [{ stage, at: known?.at ?? at, detail }];
  });
  return { template: progress.template, milestones };
}

/** Whether the last stage has been reached. */
export function isReady(progress: Progress): boolean {
  return progress.milestones.some(({ stage }) => stage === "ready");
}

/** What is new in `after`, as one line each. */
export function newLines(before: Progress, after: Progress): string[] {
  const known = new Set(before.milestones.map(({ stage }) => stage));
  return after.milestones
    .filter(({ stage }) => !known.has(stage))
    .map((milestone) => `${duration(milestone.at).padStart(8)}  ${after.template.padEnd(24)} ${lineOf(milestone)}`);
}

/** The whole table for a terminal: a block per template, a line per stage, those to come shown as such. */
export function renderTable(all: readonly Progress[], columns: number): string[] {
  return all.flatMap(({ template, milestones }) => [
    template,
    ...stages.map((stage) => {
      const milestone = milestones.find((one) => one.stage === stage);
      const mark = milestone === undefined ? "·" : "✔";
      const time = milestone === undefined ? "" : duration(milestone.at);
      return clip(`  ${mark} ${stage.padEnd(10)} ${time.padStart(8)}  ${milestone?.detail ?? ""}`, columns);
    }),
  ]);
}

/** `12 ms`, `1.24 s`. */
export function duration(milliseconds: number): string {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(2)} s`;
}

function stagesOf({ template, binding }: Observation): Map<Stage, string> {
  const reached = new Map<Stage, string>([["template", "applied to the control plane"]]);
  const labels = template.metadata.labels ?? {};
  const claimed = labels[karmadaLabels.propagationPolicyId] ?? labels[karmadaLabels.clusterPropagationPolicyId];
  if (claimed !== undefined) reached.set("policy", "a policy has claimed it");
  if (binding === undefined) return reached;
  reached.set("binding", binding.metadata.name);
  const clusters = binding.spec.clusters ?? [];
  if (clusters.length === 0) return reached;
  reached.set(
    "scheduled",
    clusters.map(({ name, replicas }) => (replicas === undefined ? name : `${name}:${replicas}`)).join(" "),
  );
  const items = binding.status?.aggregatedStatus ?? [];
  const applied = items.filter((item) => item.applied === true).map(({ clusterName }) => clusterName);
  if (clusters.every(({ name }) => applied.includes(name))) reached.set("applied", applied.join(" "));
  const healthy = items.filter((item) => item.health === "Healthy").map(({ clusterName }) => clusterName);
  if (clusters.every(({ name }) => healthy.includes(name))) reached.set("ready", healthy.join(" "));
  return reached;
}

function lineOf({ stage, detail }: Milestone): string {
  return `${stage}${detail === "" ? "" : `: ${detail}`}`;
}

function clip(line: string, columns: number): string {
  return line.length > columns ? `${line.slice(0, Math.max(0, columns - 1))}…` : line;
}

// What the words of `taint` ask for, and the taints that come of it. Pure. Upstream: karmada pkg/karmadactl/taint/taint.go,
// k8s.io/kubectl/pkg/cmd/taint/utils.go.
import type { Taint } from "#api/meta-types.ts";
import { UsageError } from "../../command.ts";

const effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

export interface TaintRemoval {
  readonly key: string;
  /** Undefined: all effects. */
  readonly effect: string | undefined;
}

export interface TaintChange {
  readonly names: readonly string[];
  readonly additions: readonly Taint[];
  readonly removals: readonly TaintRemoval[];
}

/** Reads `clusters NAME… KEY=VALUE:EFFECT KEY:EFFECT- KEY-`. UsageError for anything else. */
export function parseTaintWords(words: readonly string[]): TaintChange {
  const [type = "", ...rest] = words;
  if (!/^(?:clusters?)$/i.test(type))
    throw new UsageError(`invalid resource type ${type}, only cluster(s) is supported`);
  const start = rest.findIndex((word) => /[=:]|-$/.test(word));
  const names = start < 0 ? rest : rest.slice(0, start);
  const specs = start < 0 ? [] : rest.slice(start);
  if (names.length === 0) throw new UsageError("at least one cluster name is required");
  if (specs.length === 0) throw new UsageError("at least one taint update is required");
  const removals = specs.filter((spec) => spec.endsWith("-")).map(parseRemoval);
  const additions = specs.filter((spec) => !spec.endsWith("-")).map(parseAddition);
  for (const { key, effect } of additions) {
    if (removals.some((removal) => removal.key === key && (removal.effect ?? effect) === effect)) {
      throw new UsageError(`can not both modify and remove the following taint in the same command: ${key}:${effect}`);
    }
  }
  return { names, additions, removals };
}

function parseAddition(spec: string): Taint {
  const [, key = "", value, effect = ""] = /^([^=:]+)(?:=([^:]*))?:(.+)$/.exec(spec) ?? [];
  if (key === "")
    throw new UsageError(`invalid taint spec: ${spec}: it is KEY=VALUE:EFFECT, KEY:EFFECT or, to remove, KEY-`);
  checkEffect(effect, spec);
  return { key, effect, ...(value === undefined || value === "" ? {} : { value }) };
}

function parseRemoval(spec: string): TaintRemoval {
  const [, key = "", effect] = /^([^=:]+)(?:=[^:]*)?(?::(.+))?-$/.exec(spec) ?? [];
  if (key === "") throw new UsageError(`invalid taint spec: ${spec}`);
  if (effect !== undefined) checkEffect(effect, spec);
  return { key, effect };
}

function checkEffect(effect: string, spec: string): void {
  if (effects.includes(effect)) return;
  throw new UsageError(
    `invalid taint effect: ${effect}, unsupported taint effect in ${spec}: there are ${effects.join(", ")}`,
  );
}

export interface TaintResult {
  readonly taints: readonly Taint[];
  readonly word: "tainted" | "untainted" | "modified";
}

/** The taints of a cluster after the change. UsageError where one is there already, or none is to remove. */
export function changeTaints(
  cluster: string,
  taints: readonly Taint[],
  { additions, removals }: Pick<TaintChange, "additions" | "removals">,
  overwrite: boolean,
): TaintResult {
  const isRemoved = (taint: Taint): boolean =>
    removals.some(({ key, effect }) => key === taint.key && (effect ?? taint.effect) === taint.effect);
  const isReplaced = (taint: Taint): boolean =>
    additions.some(({ key, effect }) => key === taint.key && effect === taint.effect);
  const existing = taints.find(isReplaced);
  if (existing !== undefined && !overwrite) {
    throw new UsageError(
      `cluster ${cluster} already has ${existing.key} taint(s) with same effect(s) and --overwrite is false`,
    );
  }
  for (const { key, effect } of removals) {
    if (taints.some((taint) => taint.key === key && (effect ?? taint.effect) === taint.effect)) continue;
    throw new UsageError(`taint "${key}${effect === undefined ? "" : `:${effect}`}" not found on cluster ${cluster}`);
  }
  const word = overwrite
    ? "modified"
    : additions.length === 0
      ? "untainted"
      : removals.length === 0
        ? "tainted"
        : "modified";
  return { taints: [...taints.filter((taint) => !isRemoved(taint) && !isReplaced(taint)), ...additions], word };
}

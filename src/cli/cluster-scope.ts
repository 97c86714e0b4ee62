// Which clusters a command asks: the control plane, members, or both. Upstream: karmada pkg/karmadactl/options/global.go.
import { Cluster } from "#api/cluster/cluster.ts";
import type { Client } from "#client/client.ts";
import { flag, UsageError } from "./command.ts";

export type OperationScope = "karmada" | "members" | "all";

/** `-s/--operation-scope`. */
export function scopeFlag(scopes: readonly OperationScope[]): ReturnType<typeof flag.string> {
  return flag.string(`Where to look: ${scopes.join(", ")}.`, "karmada", {
    short: "s",
    placeholder: "scope",
    check: (value) => (value === "" || isOneOf(value, scopes) ? undefined : `not support OperationScope: ${value}`),
  });
}

/** The scope that a checked flag holds. */
export function scopeOf(value: string): OperationScope {
  return isOneOf(value, ["karmada", "members", "all"] as const) ? value : "karmada";
}

function isOneOf<T extends string>(value: string, words: readonly T[]): value is T {
  return words.some((word) => word === value);
}

/** The names of the members to ask: those named, which must exist, or all. */
export async function membersToAsk(
  client: Client,
  named: readonly string[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { items } = await client.list(Cluster, { signal });
  const known = items.map(({ metadata }) => metadata.name);
  const missing = named.filter((name) => !known.includes(name));
  if (missing.length > 0) throw new UsageError(`clusters don't exist: ${missing.join(",")}`);
  return named.length > 0 ? named : known;
}

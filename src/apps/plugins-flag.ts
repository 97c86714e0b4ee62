// `--plugins *,-ClusterLocality`: which of the scheduler's plugins are asked, with upstream's notation.
import { flag, UsageError } from "#cli/command.ts";
import type { Plugin } from "#scheduler/framework/plugin.ts";
import { allPlugins } from "#scheduler/plugins/all.ts";

export const pluginsFlag = flag.list(
  'Plugins to ask: "*" for all, "Name" for one, "-Name" for all but one. Absent: all.',
  { placeholder: "plugins" },
);

/** The plugins that are named, in the order in which they are asked. UsageError for a name that does not exist. */
export function selectPlugins(list: readonly string[]): readonly Plugin[] {
  const known = new Set(allPlugins.map(({ name }) => name));
  const unknown = list.find((text) => text !== "*" && !known.has(text.replace(/^-/, "")));
  if (unknown !== undefined) {
    throw new UsageError(`--plugins: "${unknown}" is none; there are ${[...known].join(", ")}`);
  }
  const wanted = new Set(list);
  const all = list.length === 0 || wanted.has("*");
  return allPlugins.filter(({ name }) => !wanted.has(`-${name}`) && (all || wanted.has(name)));
}

// Which template an object in a member is a copy of, by its key.
import { keyOf } from "../mirror.ts";
import { kindOf, refOf } from "../workload/objects.ts";
import { templateNames } from "../workload/system-plan.ts";

const names: ReadonlyMap<string, string> = new Map(
  templateNames.map((name) => [keyOf(kindOf(name), refOf(name)), name]),
);

/** The template's name; undefined for what is the copy of none. */
export function templateOfKey(key: string): string | undefined {
  return names.get(key);
}

// Lays an applied configuration over a live value: maps by key, list items by their keys, sets united, everything else taken
// from the configuration. Upstream: sigs.k8s.io/structured-merge-diff/v6/typed/merge.go.
import { isArray, isRecord } from "../guards.ts";
import { setOwn } from "../own-property.ts";
import { elementOfItem, type ListType, type MapType, type MergeType, shapeOf, typeOfKey } from "./merge-type.ts";

type Fields = Readonly<Record<string, unknown>>;

/** The value that `config` makes of `live`. What is not changed is shared. */
export function mergeValues(type: MergeType, live: unknown, config: unknown): unknown {
  if (config === undefined) return live;
  if (live === undefined || live === null) return config;
  const shape = shapeOf(type, config);
  if (shape === "map" && type.map?.atomic === false && isRecord(live)) return mergeMaps(type.map, live, config);
  if (shape === "list" && type.list?.atomic === false && isArray(live)) return mergeLists(type.list, live, config);
  return config;
}

/** An empty configuration adds nothing to what is there. */
function mergeMaps(type: MapType, live: Fields, config: unknown): unknown {
  const wanted = isRecord(config) ? config : {};
  if (Object.keys(live).length === 0 && Object.keys(wanted).length === 0) return config;
  const merged: Record<string, unknown> = {};
  for (const name of Object.keys(live)) {
    const below = Object.hasOwn(wanted, name) ? wanted[name] : undefined;
    setOwn(merged, name, mergeValues(typeOfKey(type, name), live[name], below));
  }
  for (const name of Object.keys(wanted)) if (!Object.hasOwn(live, name)) setOwn(merged, name, wanted[name]);
  return merged;
}

interface Indexed {
  readonly elements: readonly string[];
  /** The item of an element; undefined where several have it. */
  readonly items: ReadonlyMap<string, unknown>;
}

function indexItems(type: ListType, list: readonly unknown[]): Indexed {
  const elements = list.map((item) => elementOfItem(type, item));
  const items = new Map<string, unknown>();
  for (const [index, element] of elements.entries()) {
    items.set(element, items.has(element) ? undefined : list[index]);
  }
  return { elements, items };
}

/**
 * The configuration's order holds among its own items. Items that are only live keep theirs and come before the next item
 * of the configuration that is not yet due.
 */
function mergeLists(type: ListType, live: readonly unknown[], config: unknown): unknown {
  const wanted = isArray(config) ? config : [];
  if (live.length === 0 && wanted.length === 0) return config;
  const left = indexItems(type, live);
  const right = indexItems(type, wanted);
  // The items that both have, as the configuration orders them; `due` is the first that has not been placed.
  const shared = right.elements.filter((element) => left.items.has(element));
  const merged: unknown[] = [];
  const placed = new Set<string>();
  let [at, from, due] = [0, 0, 0];
  const place = (element: string): void => {
    placed.add(element);
    merged.push(mergeValues(type.items, left.items.get(element), right.items.get(element)));
    if (shared[due] === element) due++;
    from++;
  };
  while (at < live.length || from < wanted.length) {
    const mine = left.elements[at];
    const theirs = right.elements[from];
    if (mine !== undefined && mine === theirs) {
      place(mine);
      at++;
    } else if (mine !== undefined && !right.items.has(mine)) {
      merged.push(live[at]);
      at++;
    } else if (mine !== undefined && (placed.has(mine) || (theirs !== undefined && mine !== shared[due]))) {
      at++;
    } else if (theirs !== undefined) {
      place(theirs);
    } else {
      at++;
    }
  }
  return merged;
}

// What a write does to the sets of managers: changed fields become the writer's, an applied configuration is merged, pruned
// and checked for conflicts. Pure. Upstream: sigs.k8s.io/structured-merge-diff/v6/merge/update.go and
// k8s.io/apimachinery/pkg/util/managedfields/internal/{managedfieldsupdater,stripmeta}.go.
import { isRecord } from "../guards.ts";
import { type Changes, compareObjects, type FieldScope, takenOf } from "./compare.ts";
import { covers, difference, type FieldSet, intersection, isEmptySet, leaf, setOfPath, union } from "./field-set.ts";
import { capManagers, type Managed, managerId, type ManagerName, type Managers } from "./managers.ts";
import type { MergeType } from "./merge-type.ts";
import { mergeValues } from "./merge-value.ts";
import { fieldElement } from "./path-element.ts";
import { reconciledWith, removePaths, setOfValue, withNamedFields } from "./typed-value.ts";

export type Fields = Readonly<Record<string, unknown>>;

/** A version of the API that entries may have been written in. */
export interface TypedVersion {
  readonly apiVersion: string;
  readonly type: MergeType;
  /** Between this version and the request's. */
  from(object: Fields): Fields;
  to(object: Fields): Fields;
}

/** How the object is read: the request's version, others by name (undefined: it is no longer served), what is left out. */
export interface FieldRules {
  readonly version: TypedVersion;
  other(apiVersion: string): TypedVersion | undefined;
  readonly scope: FieldScope;
  /** What of a configuration is tracked: not what the server sets, nor what the endpoint does not change. */
  tracked(set: FieldSet): FieldSet;
  /** Schemas may have changed since entries were written. */
  readonly reconciles: boolean;
}

/** After a write that is not an apply. `managers` itself: nothing that is tracked has changed. */
export function updateManagers(
  rules: FieldRules,
  {
    old,
    object,
    managers,
    name,
    now,
  }: {
    readonly old: Fields;
    readonly object: Fields;
    readonly managers: Managers;
    readonly name: ManagerName;
    readonly now: string;
  },
): Managers {
  const changes = changesOf(rules, old, object);
  if (changes === undefined) return managers;
  const id = managerId(name);
  if (managers.size === 0) {
    // What is created: there is nobody to take anything from.
    const set = takenOf(changes);
    return isEmptySet(set) ? managers : new Map([[id, { ...name, set, time: now }]]);
  }
  const change = { old, object, managers: reconciled(rules, managers), own: changes, keeps: id, losesRemoved: true };
  const others = withoutChanged(rules, change);
  const taken = takenOf(changes);
  if (isEmptySet(taken)) return others;
  const before = others.get(id)?.set ?? leaf;
  return capManagers(new Map(others).set(id, { ...name, set: union(before, taken), time: now }));
}

function changesOf({ version, scope }: FieldRules, old: Fields, object: Fields): Changes | undefined {
  return compareObjects(version.type, old, object, scope);
}

function reconciled(rules: FieldRules, managers: Managers): Managers {
  if (!rules.reconciles) return managers;
  let changed = false;
  const next = new Map<string, Managed>();
  for (const [id, managed] of managers) {
    const version = versionOf(rules, managed.apiVersion);
    if (version === undefined) {
      changed = true;
      continue;
    }
    const set = reconciledWith(version.type, managed.set);
    if (set !== managed.set) changed = true;
    next.set(id, set === managed.set ? managed : { ...managed, set });
  }
  return changed ? next : managers;
}

function versionOf(rules: FieldRules, apiVersion: string): TypedVersion | undefined {
  return apiVersion === rules.version.apiVersion ? rules.version : rules.other(apiVersion);
}

interface Change {
  readonly old: Fields;
  readonly object: Fields;
  readonly managers: Managers;
  /** In the request's version. */
  readonly own: Changes | undefined;
  /** The entry that the change is made for: it keeps what has come or is another. */
  readonly keeps: string;
  /** Does that entry lose what has gone? An applied configuration does not name it any more anyway. */
  readonly losesRemoved: boolean;
}

/** All entries but `keeps` without what has changed. Those of versions that are gone go too. */
function withoutChanged(rules: FieldRules, change: Change): Managers {
  const changesIn = changesByVersion(rules, change);
  const next = new Map<string, Managed>();
  for (const [id, managed] of change.managers) {
    const changes = changesIn(managed.apiVersion);
    if (changes === undefined) continue;
    let { set } = managed;
    for (const part of lostParts(change, id, changes)) if (part !== undefined) set = difference(set, part);
    if (!isEmptySet(set)) next.set(id, set === managed.set ? managed : { ...managed, set });
  }
  return next;
}

function lostParts(
  { keeps, losesRemoved }: Change,
  id: string,
  { added, modified, removed }: Changes,
): readonly (FieldSet | undefined)[] {
  if (id !== keeps) return [added, modified, removed];
  return losesRemoved ? [removed] : [];
}

/** The changes as a version sees them; undefined: there is no such version. */
function changesByVersion(
  rules: FieldRules,
  { old, object, own }: Change,
): (apiVersion: string) => Changes | undefined {
  const known = new Map<string, Changes | undefined>([[rules.version.apiVersion, own ?? {}]]);
  return (apiVersion) => {
    if (known.has(apiVersion)) return known.get(apiVersion);
    const version = rules.other(apiVersion);
    const changes =
      version === undefined
        ? undefined
        : (compareObjects(version.type, version.from(old), version.from(object), rules.scope) ?? {});
    known.set(apiVersion, changes);
    return changes;
  };
}

/** A field that somebody else manages and that an apply would change. */
export interface Conflict {
  readonly manager: Managed;
  /** Of the manager's version. */
  readonly set: FieldSet;
}

export interface Applied {
  /** The object with the configuration in it; undefined: the live one has all of it. */
  readonly object: Fields | undefined;
  readonly managers: Managers;
  readonly conflicts: readonly Conflict[];
}

/** An apply by `name`. With conflicts, unless forced, nothing else of the answer counts. */
export function applyConfig(
  rules: FieldRules,
  request: {
    readonly live: Fields;
    readonly config: Fields;
    readonly managers: Managers;
    readonly name: ManagerName;
    readonly force: boolean;
  },
): Applied {
  const { live, config, name } = request;
  const { type } = rules.version;
  const before = reconciled(rules, request.managers);
  const id = managerId(name);
  const last = before.get(id);
  const set = difference(rules.tracked(setOfValue(type, config)), metadataItself);
  const managers = new Map(before).set(id, { ...name, set, time: last?.time });
  const merged = recordOf(mergeValues(type, live, config));
  const object = last === undefined ? merged : prune(rules, { merged, managers, last, set });
  const changes = changesOf(rules, live, object);
  const change = { old: live, object, managers, own: changes, keeps: id, losesRemoved: false };
  const conflicts = request.force ? [] : conflictsOf(rules, change);
  const isSame = changes === undefined && compareObjects(type, live, object, everything) === undefined;
  return { object: isSame ? undefined : object, managers: withoutChanged(rules, change), conflicts };
}

/** Metadata that a configuration leaves empty is nobody's. */
const metadataItself = setOfPath([fieldElement("metadata")]);

const everything: FieldScope = { skipsRoot: () => false, skipsMetadata: () => false };

function conflictsOf(rules: FieldRules, change: Change): readonly Conflict[] {
  const changesIn = changesByVersion(rules, change);
  const conflicts: Conflict[] = [];
  for (const [id, manager] of change.managers) {
    const changes = id === change.keeps ? undefined : changesIn(manager.apiVersion);
    if (changes === undefined) continue;
    const set = intersection(manager.set, takenOf(changes));
    if (!isEmptySet(set)) conflicts.push({ manager, set });
  }
  return conflicts;
}

interface Pruning {
  readonly merged: Fields;
  readonly managers: Managers;
  readonly last: Managed;
  /** What the applier names now. */
  readonly set: FieldSet;
}

/** Takes out what the applier named last time, does not name now, and nobody else manages. */
function prune(rules: FieldRules, { merged, managers, last, set }: Pruning): Fields {
  const version = versionOf(rules, last.apiVersion);
  if (version === undefined || isEmptySet(last.set)) return merged;
  if (last.apiVersion === rules.version.apiVersion && covers(set, last.set)) return merged;
  const whole = version.from(merged);
  const { type } = version;
  const lastNamed = withNamedFields(type, last.set);
  const bare = recordOf(removePaths(type, whole, lastNamed));
  const kept = addBackManaged(rules, managers, { version, whole, bare });
  const mergedSet = withNamedFields(type, setOfValue(type, whole));
  const keptSet = withNamedFields(type, setOfValue(type, kept));
  // Only what was the applier's may go; what else has been lost with it comes back.
  const gone = intersection(difference(mergedSet, keptSet), lastNamed);
  return isEmptySet(gone) ? merged : version.to(recordOf(removePaths(type, whole, gone)));
}

/** The pruned object with everything in it again that any manager has. Both in `version`. */
function addBackManaged(
  rules: FieldRules,
  managers: Managers,
  { version, whole, bare }: { readonly version: TypedVersion; readonly whole: Fields; readonly bare: Fields },
): Fields {
  const sets = new Map<string, FieldSet>();
  for (const { apiVersion, set } of managers.values()) {
    sets.set(apiVersion, union(sets.get(apiVersion) ?? leaf, set));
  }
  let pruned = addBack(version, sets.get(version.apiVersion) ?? leaf, whole, bare);
  for (const [apiVersion, set] of sets) {
    const other = apiVersion === version.apiVersion ? undefined : versionOf(rules, apiVersion);
    if (other === undefined) continue;
    const [there, prunedThere] = [other.from(version.to(whole)), other.from(version.to(pruned))];
    pruned = version.from(other.to(addBack(other, set, there, prunedThere)));
  }
  return pruned;
}

function addBack({ type }: TypedVersion, managed: FieldSet, whole: Fields, pruned: Fields): Fields {
  const wholeSet = withNamedFields(type, setOfValue(type, whole));
  const prunedSet = withNamedFields(type, setOfValue(type, pruned));
  const gone = difference(wholeSet, union(prunedSet, withNamedFields(type, managed)));
  return recordOf(removePaths(type, whole, gone));
}

function recordOf(value: unknown): Fields {
  return isRecord(value) ? value : {};
}

// Whether a CustomResourceDefinition gets the names it asks for, and whether its resources are to be served. Pure.
// Upstream: k8s.io/apiextensions-apiserver/pkg/controller/status/naming_controller.go, controller/establish.
import type { CustomResourceDefinition } from "#api/kinds.ts";
import { deepEqual } from "#machinery/equality.ts";
import type { CrdVerdict } from "./conditions.ts";

export interface CrdNames {
  readonly plural: string;
  readonly singular?: string;
  readonly kind: string;
  readonly listKind?: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
}

export interface NamesDecision {
  /** What it may use from now on: a name that is taken leaves the one it had before. */
  readonly acceptedNames: CrdNames;
  readonly namesAccepted: CrdVerdict;
  /** Undefined: as it was. Once True it stays so. */
  readonly established: CrdVerdict | undefined;
}

/** Names that other definitions of the group hold. */
interface Taken {
  /** Plurals, singulars and short names share one space, */
  readonly resources: ReadonlySet<string>;
  /** kinds and list kinds the other. */
  readonly kinds: ReadonlySet<string>;
}

const noNames: CrdNames = { plural: "", kind: "" };

/** Judges the names of `crd` against those that `others` (any group; itself is skipped) have been given. */
export function decideNames(crd: CustomResourceDefinition, others: Iterable<CustomResourceDefinition>): NamesDecision {
  const taken = takenNames(crd, others);
  const wanted: CrdNames = crd.spec.names;
  const had: CrdNames = crd.status?.acceptedNames ?? noNames;
  const conflicts: { readonly reason: string; readonly message: string }[] = [];
  /** The wanted name, or the one it had, with the conflict noted. */
  const settle = (reason: string, name: string, old: string, used: ReadonlySet<string>): string => {
    if (name === old || !used.has(name)) return name;
    conflicts.push({ reason, message: inUse(name) });
    return old;
  };
  const plural = settle("PluralConflict", wanted.plural, had.plural, taken.resources);
  const singular = settle("SingularConflict", wanted.singular ?? "", had.singular ?? "", taken.resources);
  const shortNames = settleShortNames(wanted, had, taken, conflicts);
  const kind = settle("KindConflict", wanted.kind, had.kind, taken.kinds);
  const listKind = settle("ListKindConflict", wanted.listKind ?? "", had.listKind ?? "", taken.kinds);
  return {
    acceptedNames: {
      plural,
      ...(singular === "" ? {} : { singular }),
      ...(shortNames === undefined || shortNames.length === 0 ? {} : { shortNames }),
      kind,
      ...(listKind === "" ? {} : { listKind }),
      ...(wanted.categories === undefined || wanted.categories.length === 0 ? {} : { categories: wanted.categories }),
    },
    ...verdicts(crd, conflicts.at(-1)),
  };
}

function settleShortNames(
  wanted: CrdNames,
  had: CrdNames,
  taken: Taken,
  conflicts: { readonly reason: string; readonly message: string }[],
): readonly string[] | undefined {
  const names = wanted.shortNames ?? [];
  if (deepEqual(names, had.shortNames ?? [])) return had.shortNames;
  const own = new Set(had.shortNames ?? []);
  const clashes = names.filter((name) => !own.has(name) && taken.resources.has(name));
  if (clashes.length === 0) return names;
  const texts = clashes.map(inUse);
  const message = texts.length === 1 ? (texts[0] ?? "") : `[${texts.join(", ")}]`;
  conflicts.push({ reason: "ShortNamesConflict", message });
  return had.shortNames;
}

function verdicts(
  crd: CustomResourceDefinition,
  conflict: { readonly reason: string; readonly message: string } | undefined,
): Pick<NamesDecision, "namesAccepted" | "established"> {
  const before = (crd.status?.conditions ?? []).find((condition) => condition.type === "Established");
  const isEstablished = before?.status === "True";
  if (conflict !== undefined) {
    const refused: CrdVerdict = { status: "False", reason: "NotAccepted", message: "not all names are accepted" };
    return {
      namesAccepted: { status: "False", ...conflict },
      established: before === undefined ? refused : undefined,
    };
  }
  const accepted: CrdVerdict = {
    status: "True",
    reason: "InitialNamesAccepted",
    message: "the initial names have been accepted",
  };
  return {
    namesAccepted: { status: "True", reason: "NoConflicts", message: "no conflicts found" },
    established: isEstablished ? undefined : accepted,
  };
}

function takenNames(crd: CustomResourceDefinition, others: Iterable<CustomResourceDefinition>): Taken {
  const resources = new Set<string>();
  const kinds = new Set<string>();
  for (const other of others) {
    if (other.spec.group !== crd.spec.group || other.metadata.name === crd.metadata.name) continue;
    const names = other.status?.acceptedNames;
    if (names === undefined) continue;
    for (const name of [names.plural, names.singular ?? "", ...(names.shortNames ?? [])]) resources.add(name);
    for (const name of [names.kind, names.listKind ?? ""]) kinds.add(name);
  }
  resources.delete("");
  kinds.delete("");
  return { resources, kinds };
}

function inUse(name: string): string {
  return `${JSON.stringify(name)} is already in use`;
}

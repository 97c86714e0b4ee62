// Discovery documents as kinds. Pure. Upstream: k8s.io/client-go/discovery/aggregated_discovery.go, api/apidiscovery/v2.
import { isArray, isRecord, isString, isStringArray } from "#machinery/guards.ts";
import { type GroupVersionKind, type Kind, parseApiVersion } from "#machinery/object.ts";

export interface DiscoveredSubresource extends GroupVersionKind {
  /** `status`, `scale`, … */
  readonly name: string;
  readonly verbs: readonly string[];
}

/** A kind as a server serves it. */
export interface DiscoveredKind extends Kind {
  readonly verbs: readonly string[];
  readonly subresources: readonly DiscoveredSubresource[];
  /** Of several versions that serve the same resource, this is the one to use. */
  readonly preferred: boolean;
}

/** A group version whose kinds are not known: its server is away. */
export interface DiscoveryFailure {
  readonly apiVersion: string;
  readonly message: string;
}

/** What a server serves. */
export interface DiscoverySnapshot {
  /** In the server's order: built-in groups before those of custom resources, preferred versions first. */
  readonly kinds: readonly DiscoveredKind[];
  readonly failures: readonly DiscoveryFailure[];
}

/** The kinds of an APIGroupDiscoveryList. */
export function kindsOfAggregated(document: unknown): DiscoverySnapshot {
  const kinds: DiscoveredKind[] = [];
  const failures: DiscoveryFailure[] = [];
  for (const item of listIn(document, "items")) {
    const group = nameOf(item);
    const seen = new Set<string>();
    for (const entry of listIn(item, "versions")) {
      const version = textIn(entry, "version");
      if (textIn(entry, "freshness") === "Stale") {
        failures.push({
          apiVersion: group === "" ? version : `${group}/${version}`,
          message: "stale GroupVersion discovery",
        });
        continue;
      }
      for (const resource of listIn(entry, "resources")) {
        const kind = kindOfAggregated(resource, group, version, seen);
        if (kind !== undefined) kinds.push(kind);
      }
    }
  }
  return { kinds, failures };
}

function kindOfAggregated(
  resource: unknown,
  group: string,
  version: string,
  seen: Set<string>,
): DiscoveredKind | undefined {
  const type = typeIn(resource, "responseKind");
  const plural = textIn(resource, "resource");
  if (type === undefined || plural === "") return undefined;
  const preferred = !seen.has(plural);
  seen.add(plural);
  return {
    group,
    version,
    kind: type.kind,
    plural,
    singular: textIn(resource, "singularResource") || type.kind.toLowerCase(),
    listKind: `${type.kind}List`,
    namespaced: textIn(resource, "scope") === "Namespaced",
    shortNames: textsIn(resource, "shortNames"),
    categories: textsIn(resource, "categories"),
    verbs: textsIn(resource, "verbs"),
    subresources: listIn(resource, "subresources").map((entry) => ({
      ...(typeIn(entry, "responseKind") ?? { group: "", version: "", kind: "" }),
      name: textIn(entry, "subresource"),
      verbs: textsIn(entry, "verbs"),
    })),
    preferred,
  };
}

/** The apiVersions of a group list (`/apis`), preferred versions first. */
export function apiVersionsOfGroups(document: unknown): readonly string[] {
  return listIn(document, "groups").flatMap((group) =>
    listIn(group, "versions").map((version) => textIn(version, "groupVersion")),
  );
}

/** The kinds of an APIResourceList; `seen` collects `group/plural` over the lists of a server. */
export function kindsOfLegacy(document: unknown, apiVersion: string, seen: Set<string>): readonly DiscoveredKind[] {
  const { group, version } = parseApiVersion(apiVersion);
  const resources = listIn(document, "resources");
  const subresourcesOf = (plural: string): readonly DiscoveredSubresource[] =>
    resources
      .filter((entry) => textIn(entry, "name").startsWith(`${plural}/`))
      .map((entry) => ({
        group: textIn(entry, "group") || group,
        version: textIn(entry, "version") || version,
        kind: textIn(entry, "kind"),
        name: textIn(entry, "name").slice(plural.length + 1),
        verbs: textsIn(entry, "verbs"),
      }));
  return resources.flatMap((entry) => {
    const plural = textIn(entry, "name");
    if (plural === "" || plural.includes("/")) return [];
    const kind = textIn(entry, "kind");
    const preferred = !seen.has(`${group}/${plural}`);
    seen.add(`${group}/${plural}`);
    return {
      group,
      version,
      kind,
      plural,
      singular: textIn(entry, "singularName") || kind.toLowerCase(),
      listKind: `${kind}List`,
      namespaced: isRecord(entry) && entry["namespaced"] === true,
      shortNames: textsIn(entry, "shortNames"),
      categories: textsIn(entry, "categories"),
      verbs: textsIn(entry, "verbs"),
      subresources: subresourcesOf(plural),
      preferred,
    };
  });
}

function listIn(value: unknown, field: string): readonly unknown[] {
  const list = isRecord(value) ? value[field] : undefined;
  return isArray(list) ? list : [];
}

function textIn(value: unknown, field: string): string {
  const text = isRecord(value) ? value[field] : undefined;
  return isString(text) ? text : "";
}

function textsIn(value: unknown, field: string): readonly string[] {
  const texts = isRecord(value) ? value[field] : undefined;
  return isStringArray(texts) ? texts : [];
}

function typeIn(value: unknown, field: string): GroupVersionKind | undefined {
  const type = isRecord(value) ? value[field] : undefined;
  const kind = textIn(type, "kind");
  return kind === "" ? undefined : { group: textIn(type, "group"), version: textIn(type, "version"), kind };
}

function nameOf(item: unknown): string {
  return isRecord(item) ? textIn(item["metadata"], "name") : "";
}

// What discovery says, in either of its forms, computed from the registry. Pure.
// Upstream: k8s.io/apiserver/pkg/endpoints/discovery and k8s.io/kube-aggregator/pkg/apiserver (order of groups).
import type { Resource } from "#api/resource.ts";
import { compareApiVersions } from "#machinery/api-version-order.ts";
import { compareBytes } from "#machinery/json.ts";
import type { GroupVersionKind } from "#machinery/object.ts";

export interface DiscoveredVersion {
  readonly version: string;
  /** By name. */
  readonly resources: readonly Resource[];
}

export interface DiscoveredGroup {
  readonly group: string;
  /** The preferred one first. */
  readonly versions: readonly DiscoveredVersion[];
}

/** The order of the built-in groups; all others follow by name. */
const groupOrder: readonly string[] = [
  "apiregistration.k8s.io",
  "",
  "apps",
  "events.k8s.io",
  "authentication.k8s.io",
  "authorization.k8s.io",
  "autoscaling",
  "batch",
  "certificates.k8s.io",
  "networking.k8s.io",
  "policy",
  "rbac.authorization.k8s.io",
  "storage.k8s.io",
  "admissionregistration.k8s.io",
  "apiextensions.k8s.io",
  "scheduling.k8s.io",
  "coordination.k8s.io",
  "node.k8s.io",
  "discovery.k8s.io",
  "flowcontrol.apiserver.k8s.io",
  "resource.k8s.io",
];

/** All groups in discovery's order, the core group among them. */
export function discoveredGroups(resources: readonly Resource[]): readonly DiscoveredGroup[] {
  const groups = new Map<string, Map<string, Resource[]>>();
  for (const resource of resources) {
    const { group, version } = resource.kind;
    const versions = groups.get(group) ?? new Map<string, Resource[]>();
    groups.set(group, versions);
    const list = versions.get(version) ?? [];
    versions.set(version, list);
    list.push(resource);
  }
  return [...groups]
    .map(([group, versions]) => ({ group, versions: sortedVersions(versions) }))
    .sort((left, right) => rank(left.group) - rank(right.group) || compareBytes(left.group, right.group));
}

function sortedVersions(versions: ReadonlyMap<string, readonly Resource[]>): readonly DiscoveredVersion[] {
  return [...versions]
    .map(([version, resources]) => ({
      version,
      resources: [...resources].sort((left, right) => compareBytes(left.kind.plural, right.kind.plural)),
    }))
    .sort((left, right) => compareApiVersions(left.version, right.version));
}

function rank(group: string): number {
  const index = groupOrder.indexOf(group);
  return index < 0 ? groupOrder.length : index;
}

/** Built-in verbs by name; those of custom resources stay in the order in which upstream lists them. */
function verbsOf({ custom, verbs, discoveryVerbs }: Resource): readonly string[] {
  return discoveryVerbs ?? (custom ? verbs : [...verbs].sort());
}

function subresourcesOf({ subresources }: Resource) {
  return Object.entries(subresources)
    .map(([name, { kind, verbs }]) => ({ name, kind, verbs: [...verbs].sort() }))
    .sort((left, right) => compareBytes(left.name, right.name));
}

/** APIResourceList of one group version. */
export function resourceList(groupVersion: string, { resources }: DiscoveredVersion): unknown {
  return {
    kind: "APIResourceList",
    apiVersion: "v1",
    groupVersion,
    resources: resources.flatMap((resource) => {
      const { kind } = resource;
      const own = {
        name: kind.plural,
        singularName: kind.singular,
        namespaced: kind.namespaced,
        kind: kind.kind,
        verbs: verbsOf(resource),
        ...(kind.shortNames.length === 0 ? {} : { shortNames: kind.shortNames }),
        ...(kind.categories.length === 0 ? {} : { categories: kind.categories }),
      };
      const children = subresourcesOf(resource).map(({ name, kind: body, verbs }) => ({
        name: `${kind.plural}/${name}`,
        singularName: "",
        namespaced: kind.namespaced,
        ...(isSameVersion(body, kind) ? {} : { group: body.group, version: body.version }),
        kind: body.kind,
        verbs,
      }));
      return [own, ...children];
    }),
  };
}

/** APIGroup. */
export function apiGroup({ group, versions }: DiscoveredGroup): Readonly<Record<string, unknown>> {
  const named = versions.map(({ version }) => ({ groupVersion: `${group}/${version}`, version }));
  return { name: group, versions: named, preferredVersion: named[0] };
}

/** APIGroupDiscoveryList of apidiscovery.k8s.io/v2. The core group has no name. */
export function aggregatedList(groups: readonly DiscoveredGroup[]): unknown {
  return {
    kind: "APIGroupDiscoveryList",
    apiVersion: "apidiscovery.k8s.io/v2",
    metadata: {},
    items: groups.map(({ group, versions }) => ({
      metadata: group === "" ? {} : { name: group },
      versions: versions.map(({ version, resources }) => ({
        version,
        resources: resources.map(aggregatedResource),
        freshness: "Current",
      })),
    })),
  };
}

function aggregatedResource(resource: Resource): unknown {
  const { kind } = resource;
  const subresources = subresourcesOf(resource).map(({ name, kind: body, verbs }) => ({
    subresource: name,
    responseKind: gvk(body),
    ...(isSameVersion(body, kind) ? {} : { acceptedTypes: [gvk(body)] }),
    verbs,
  }));
  return {
    resource: kind.plural,
    responseKind: gvk(kind),
    scope: kind.namespaced ? "Namespaced" : "Cluster",
    singularResource: kind.singular,
    verbs: verbsOf(resource),
    ...(kind.shortNames.length === 0 ? {} : { shortNames: kind.shortNames }),
    ...(kind.categories.length === 0 ? {} : { categories: kind.categories }),
    ...(subresources.length === 0 ? {} : { subresources }),
  };
}

function gvk({ group, version, kind }: GroupVersionKind): GroupVersionKind {
  return { group, version, kind };
}

function isSameVersion(left: GroupVersionKind, right: GroupVersionKind): boolean {
  return left.group === right.group && left.version === right.version;
}

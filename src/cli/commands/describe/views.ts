// What matters most of Karmada's own kinds, as tables: the clusters of a binding, the objects of a work, a cluster's
// capacity. Pure. Upstream prints these kinds as plain fields.
import { Cluster } from "#api/cluster/cluster.ts";
import { type Binding, ClusterResourceBinding, type FailoverRecord, ResourceBinding } from "#api/work/binding.ts";
import { Work } from "#api/work/work.ts";
import { fieldOf, isArray, isObjectOf, isRecord, isString } from "#machinery/guards.ts";
import { type Kind, type KubeObject, parseApiVersion } from "#machinery/object.ts";

export interface Section {
  readonly title: string;
  /** A header line first; no rows: none there are. */
  readonly rows: readonly (readonly string[])[];
}

export interface KindView {
  /** Fields of `spec` and `status` that the sections show. */
  readonly hides: Readonly<Record<string, readonly string[]>> & { readonly status: readonly string[] };
  sections(object: KubeObject): readonly Section[];
}

/** The view of an object's kind; undefined: its fields say it all. */
export function viewOf(object: KubeObject): KindView | undefined {
  const { group } = parseApiVersion(object.apiVersion);
  return views.find(({ kind }) => kind.kind === object.kind && kind.group === group)?.view;
}

function viewFor<T extends KubeObject>(
  kind: Kind<T>,
  hides: KindView["hides"],
  sections: (object: T) => readonly Section[],
): { readonly kind: Kind; readonly view: KindView } {
  return { kind, view: { hides, sections: (object) => (isObjectOf(kind, object) ? sections(object) : []) } };
}

const bindingHides = { spec: ["resource", "clusters"], status: ["aggregatedStatus", "failoverHistory"] };
const views: readonly { readonly kind: Kind; readonly view: KindView }[] = [
  viewFor(ResourceBinding, bindingHides, bindingSections),
  viewFor(ClusterResourceBinding, bindingHides, bindingSections),
  viewFor(Work, { spec: ["workload"], status: ["manifestStatuses"] }, workSections),
  viewFor(Cluster, { spec: [], status: ["apiEnablements", "resourceSummary"] }, clusterSections),
];

function bindingSections({ spec, status }: Binding): readonly Section[] {
  const { apiVersion, kind, namespace = "", name } = spec.resource;
  const items = status?.aggregatedStatus ?? [];
  const targets = spec.clusters ?? [];
  const names = new Set([...targets.map((target) => target.name), ...items.map((item) => item.clusterName)]);
  const rows = [...names].map((cluster) => {
    const target = targets.find((each) => each.name === cluster);
    const item = items.find((each) => each.clusterName === cluster);
    return [
      cluster,
      target === undefined ? "leaving" : String(target.replicas ?? "-"),
      generationText(item?.status),
      item?.applied === undefined ? "-" : item.applied ? "True" : "False",
      item?.health ?? "-",
      item?.appliedMessage ?? summary(item?.status),
    ];
  });
  return [
    {
      title: "Resource",
      rows: [
        ["API VERSION", "KIND", "NAMESPACE", "NAME"],
        [apiVersion, kind, namespace, name],
      ],
    },
    table("Clusters", ["CLUSTER", "REPLICAS", "GENERATION", "APPLIED", "HEALTH", "STATUS"], rows),
    ...failoverSection(status?.failoverHistory ?? []),
  ];
}

/** Which generation of the template the cluster runs, where the status of its kind tells it. */
function generationText(status: unknown): string {
  const generation = fieldOf(status, "resourceTemplateGeneration");
  return typeof generation === "number" ? String(generation) : "-";
}

/** Most bindings never fail over, and say nothing of it. */
function failoverSection(records: readonly FailoverRecord[]): readonly Section[] {
  if (records.length === 0) return [];
  const rows = records.map((record) => {
    const { fromCluster, toClusters = [], reason, preservedLabelState = {}, startTime, endTime = "-" } = record;
    const state = Object.entries(preservedLabelState).map(([label, value]) => `${label}=${value}`);
    const to = toClusters.length === 0 ? "-" : toClusters.join(",");
    return [fromCluster, to, reason, record.outcome, startTime, endTime, state.sort().join(",")];
  });
  return [table("Failovers", ["FROM", "TO", "WHY", "OUTCOME", "BEGAN", "ENDED", "STATE"], rows)];
}

function workSections({ spec, status }: Work): readonly Section[] {
  const manifests = spec.workload?.manifests ?? [];
  const reports = status?.manifestStatuses ?? [];
  const rows = manifests.map((manifest) => {
    const name = textAt(manifest, "metadata", "name");
    const kind = textAt(manifest, "kind");
    const report = reports.find(({ identifier }) => identifier.name === name && identifier.kind === kind);
    const place = textAt(manifest, "metadata", "namespace");
    return [textAt(manifest, "apiVersion"), kind, place, name, report?.health ?? "-", summary(report?.status)];
  });
  return [table("Manifests", ["API VERSION", "KIND", "NAMESPACE", "NAME", "HEALTH", "STATUS"], rows)];
}

function clusterSections({ status }: Cluster): readonly Section[] {
  const { allocatable = {}, allocated = {}, allocating = {} } = status?.resourceSummary ?? {};
  const quantity = (list: Readonly<Record<string, unknown>>, name: string): string => {
    const value = Object.hasOwn(list, name) ? list[name] : undefined;
    return isString(value) || typeof value === "number" ? String(value) : "0";
  };
  const rows = Object.keys(allocatable).map((name) =>
    [name].concat([allocatable, allocated, allocating].map((list) => quantity(list, name))),
  );
  const apis = (status?.apiEnablements ?? []).map(({ groupVersion, resources = [] }) => [
    groupVersion,
    resources.map(({ kind }) => kind).join(", "),
  ]);
  return [
    table("Resources", ["RESOURCE", "ALLOCATABLE", "ALLOCATED", "ALLOCATING"], rows),
    table("APIs", ["GROUP VERSION", "KINDS"], apis),
  ];
}

function table(title: string, header: readonly string[], rows: readonly (readonly string[])[]): Section {
  return { title, rows: rows.length === 0 ? [] : [header, ...rows] };
}

/** The plain numbers and words of a status: `replicas=2 readyReplicas=2`. */
function summary(status: unknown): string {
  if (!isRecord(status)) return "";
  return Object.entries(status)
    .filter(([name, value]) => !isRecord(value) && !isArray(value) && !/[gG]eneration$/.test(name))
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(" ");
}

function textAt(value: unknown, ...path: readonly string[]): string {
  const found = fieldOf(value, ...path);
  return isString(found) ? found : "";
}

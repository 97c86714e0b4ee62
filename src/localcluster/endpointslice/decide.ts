// Which EndpointSlices a Service has, from the pods that it selects. Slices are kept as they are as far as possible, so
// that one pod's change writes one slice. Upstream: kubernetes staging/src/k8s.io/endpointslice/{reconciler,utils}.go.
import type { DiscoveryV1EndpointPort, Endpoint, ServicePort } from "#api/generated/types.ts";
import type { EndpointSlice, Pod, Service } from "#api/kinds.ts";
import { isConditionTrue } from "#machinery/conditions.ts";
import { deepEqual } from "#machinery/equality.ts";

export const serviceNameLabel = "kubernetes.io/service-name";
export const managedByLabel = "endpointslice.kubernetes.io/managed-by";
export const managedBy = "endpointslice-controller.k8s.io";
const headlessLabel = "service.kubernetes.io/headless";
/** Upstream's --max-endpoints-per-slice. */
const endpointsPerSliceMax = 100;

/** A slice to be created; the server names it. */
export type NewSlice = Pick<EndpointSlice, "metadata" | "addressType" | "endpoints" | "ports">;

export interface SlicePlan {
  readonly create: readonly NewSlice[];
  readonly update: readonly EndpointSlice[];
  readonly remove: readonly EndpointSlice[];
}

/** `pods` are those that the Service selects, `slices` those that this controller keeps for it. */
export function planSlices(service: Service, pods: readonly Pod[], slices: readonly EndpointSlice[]): SlicePlan {
  const create: NewSlice[] = [];
  const update: EndpointSlice[] = [];
  const remove: EndpointSlice[] = [];
  const labels = labelsOf(service);
  const groups = groupByPorts(service, pods);
  const left = new Set(slices.filter(({ metadata }) => metadata.deletionTimestamp === undefined));
  for (const { ports, endpoints } of groups) {
    const same = [...left].filter((slice) => deepEqual(slice.ports ?? [], ports));
    const empty = [...left].find((slice) => (slice.endpoints ?? []).length === 0);
    const mine = same.length > 0 || empty === undefined ? same : [empty];
    for (const slice of mine) left.delete(slice);
    const fills = distribute(endpoints, mine);
    for (const [slice, own] of fills.kept) {
      const metadata = deepEqual(slice.metadata.labels, labels) ? slice.metadata : { ...slice.metadata, labels };
      if (metadata === slice.metadata && same.includes(slice) && deepEqual(slice.endpoints ?? [], own)) continue;
      update.push({ ...slice, metadata, endpoints: own, ports });
    }
    for (const own of fills.added) create.push(newSlice(service, labels, own, ports));
    remove.push(...fills.emptied);
  }
  remove.push(...left);
  return { create, update, remove };
}

interface Fills {
  readonly kept: ReadonlyMap<EndpointSlice, readonly Endpoint[]>;
  readonly added: readonly (readonly Endpoint[])[];
  readonly emptied: readonly EndpointSlice[];
}

/** Endpoints stay in the slice where they are; new ones fill gaps, then new slices. One slice always remains. */
function distribute(endpoints: readonly Endpoint[], slices: readonly EndpointSlice[]): Fills {
  const unplaced = new Map(endpoints.map((endpoint) => [uidOf(endpoint), endpoint]));
  const kept = new Map<EndpointSlice, Endpoint[]>();
  for (const slice of slices) {
    const own: Endpoint[] = [];
    for (const known of slice.endpoints ?? []) {
      const endpoint = unplaced.get(uidOf(known));
      if (endpoint === undefined) continue;
      own.push(endpoint);
      unplaced.delete(uidOf(known));
    }
    kept.set(slice, own);
  }
  const waiting = [...unplaced.values()];
  // The fullest first, so that slices become few.
  for (const own of [...kept.values()].sort((left, right) => right.length - left.length))
    own.push(...waiting.splice(0, Math.max(0, endpointsPerSliceMax - own.length)));
  const added: Endpoint[][] = [];
  while (waiting.length > 0) added.push(waiting.splice(0, endpointsPerSliceMax));
  const empty = [...kept].filter(([, own]) => own.length === 0).map(([slice]) => slice);
  const emptied = empty.length === kept.size && added.length === 0 ? empty.slice(1) : empty;
  for (const slice of emptied) kept.delete(slice);
  if (kept.size === 0 && added.length === 0) added.push([]);
  return { kept, added, emptied };
}

function uidOf({ targetRef, addresses }: Endpoint): string {
  return targetRef?.uid ?? addresses.join();
}

function labelsOf({ metadata, spec }: Service): Readonly<Record<string, string>> {
  return {
    ...metadata.labels,
    [serviceNameLabel]: metadata.name,
    [managedByLabel]: managedBy,
    ...(spec.clusterIP === "None" ? { [headlessLabel]: "" } : {}),
  };
}

function newSlice(
  { metadata }: Service,
  labels: Readonly<Record<string, string>>,
  endpoints: readonly Endpoint[],
  ports: readonly DiscoveryV1EndpointPort[],
): NewSlice {
  const { name, namespace, uid = "" } = metadata;
  const owner = { apiVersion: "v1", kind: "Service", name, uid, controller: true, blockOwnerDeletion: true };
  return {
    metadata: {
      name: "",
      generateName: `${name}-`,
      ...(namespace === undefined ? {} : { namespace }),
      labels,
      ownerReferences: [owner],
    },
    addressType: "IPv4",
    endpoints,
    ports,
  };
}

interface Group {
  readonly ports: readonly DiscoveryV1EndpointPort[];
  readonly endpoints: Endpoint[];
}

/** A slice has one set of ports; pods in which a named port has another number go into another slice. */
function groupByPorts(service: Service, pods: readonly Pod[]): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const pod of pods) {
    if (!belongs(pod)) continue;
    const ports = (service.spec.ports ?? []).flatMap((port) => endpointPort(port, pod));
    const key = JSON.stringify(ports);
    const group = groups.get(key) ?? { ports, endpoints: [] };
    groups.set(key, group);
    group.endpoints.push(endpointOf(service, pod));
  }
  return groups.size === 0 ? [{ ports: [], endpoints: [] }] : [...groups.values()];
}

/** Has it an address, and has it not ended? */
function belongs({ status }: Pod): boolean {
  return (status?.podIP ?? "") !== "" && status?.phase !== "Succeeded" && status?.phase !== "Failed";
}

function endpointPort(port: ServicePort, pod: Pod): readonly DiscoveryV1EndpointPort[] {
  const { name = "", protocol = "TCP", targetPort, appProtocol } = port;
  const number =
    typeof targetPort === "string"
      ? pod.spec.containers
          .flatMap(({ ports = [] }) => ports)
          .find((each) => each.name === targetPort && (each.protocol ?? "TCP") === protocol)?.containerPort
      : (targetPort ?? 0) === 0
        ? port.port
        : targetPort;
  if (number === undefined) return [];
  return [{ name, protocol, port: number, ...(appProtocol === undefined ? {} : { appProtocol }) }];
}

function endpointOf(service: Service, pod: Pod): Endpoint {
  const { name, namespace, uid, deletionTimestamp } = pod.metadata;
  const { podIP = "" } = pod.status ?? {};
  const serving = isConditionTrue(pod.status?.conditions, "Ready");
  const terminating = deletionTimestamp !== undefined;
  const ready = service.spec.publishNotReadyAddresses === true || (serving && !terminating);
  const { hostname, subdomain, nodeName } = pod.spec;
  return {
    addresses: [podIP],
    conditions: { ready, serving, terminating },
    ...(hostname !== undefined && subdomain === service.metadata.name ? { hostname } : {}),
    targetRef: {
      kind: "Pod",
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
    },
    ...(nodeName === undefined ? {} : { nodeName }),
  };
}

// EndpointSlices: where the pods behind each Service with a selector are.
// Reads: services, pods, endpointslices.  Writes: endpointslices.  Decides in ./decide.ts.
import type { Informer } from "#client/informer.ts";
import { EndpointSlice, Pod, Service } from "#api/kinds.ts";
import { isApiError } from "#machinery/api-error.ts";
import { deepEqual } from "#machinery/equality.ts";
import { refKey } from "#machinery/object.ts";
import {
  type Controller,
  type ControllerContext,
  defineController,
  done,
  type ReconcileKey,
  requeueAfter,
  watches,
} from "#runtime/index.ts";
import { Expectations } from "../expectations.ts";
import { Pause } from "../pause.ts";
import { managedBy, managedByLabel, planSlices, serviceNameLabel, type SlicePlan } from "./decide.ts";

/** Between two writes for one Service: a Service with many pods changes often, and each write has up to 100 of them. */
const spacingMilliseconds = 100;

const bySelector = "selector-pair";
const byLabel = "label-pair";
const byService = "service-name";

/** EndpointSlices as a controller. A factory, because it remembers its last writes. */
export function endpointSlices(): Controller {
  const expectations = new Expectations();
  const pause = new Pause(spacingMilliseconds);
  return defineController({
    name: "endpointslice-controller",
    standing: "follows",
    for: [Service],
    watches: [
      watches(Pod, (pod, old, { informers }) => servicesOf(pod, old, informers.for(Service))),
      watches(EndpointSlice, ({ metadata: { labels = {}, namespace } }) => {
        const name = labels[serviceNameLabel];
        return name === undefined || labels[managedByLabel] !== managedBy ? [] : [{ kind: Service, namespace, name }];
      }),
    ],
    options: {},
    async reconcile(key, context) {
      const { informers, clock } = context;
      const service = informers.for(Service).get(key);
      if (service === undefined) {
        // The garbage collector removes the slices.
        expectations.forget(key);
        pause.forget(key);
        return done;
      }
      if (!hasSelector(service) || service.metadata.deletionTimestamp !== undefined) return done;
      const slices = slicesOf(service, informers.for(EndpointSlice));
      const wait = pause.left(key, clock.monotonic());
      if (wait > 0) return requeueAfter(wait);
      if (!expectations.areMet(key, slices, clock.monotonic())) return requeueAfter(spacingMilliseconds);
      const plan = planSlices(service, podsOf(service, informers.for(Pod)), slices);
      if (plan.create.length + plan.update.length + plan.remove.length === 0) return done;
      pause.wrote(key, clock.monotonic());
      await carryOut(key, plan, expectations, context);
      return done;
    },
  });
}

function hasSelector({ spec }: Service): boolean {
  return spec.type !== "ExternalName" && Object.keys(spec.selector ?? {}).length > 0;
}

/** An index text: namespaces, labels and their values have no spaces. */
function pairOf(namespace: string | undefined, [key, value]: readonly [string, string]): string {
  return `${namespace ?? ""} ${key} ${value}`;
}

/** The Services of which a pod's change is worth a look. */
function servicesOf(pod: Pod, old: Pod | undefined, services: Informer<Service>): readonly ReconcileKey[] {
  if (old !== undefined && isSameForServices(pod, old)) return [];
  services.addIndex(bySelector, ({ metadata, spec }) => {
    const [pair] = Object.entries(spec.selector ?? {});
    return pair === undefined ? [] : [pairOf(metadata.namespace, pair)];
  });
  return [...new Set([pod, ...(old === undefined ? [] : [old])])].flatMap((state) =>
    Object.entries(state.metadata.labels ?? {})
      .flatMap((pair) => services.byIndex(bySelector, pairOf(state.metadata.namespace, pair)))
      .filter((service) => selects(service, state))
      .map(({ metadata: { namespace, name } }) => ({ kind: Service, namespace, name })),
  );
}

function isSameForServices(pod: Pod, old: Pod): boolean {
  return (
    pod.status?.podIP === old.status?.podIP &&
    pod.status?.phase === old.status?.phase &&
    pod.metadata.deletionTimestamp === old.metadata.deletionTimestamp &&
    deepEqual(pod.status?.conditions, old.status?.conditions) &&
    deepEqual(pod.metadata.labels, old.metadata.labels)
  );
}

function selects({ spec }: Service, { metadata }: Pod): boolean {
  return Object.entries(spec.selector ?? {}).every(([key, value]) => metadata.labels?.[key] === value);
}

function podsOf(service: Service, pods: Informer<Pod>): readonly Pod[] {
  pods.addIndex(byLabel, ({ metadata }) =>
    Object.entries(metadata.labels ?? {}).map((pair) => pairOf(metadata.namespace, pair)),
  );
  const [pair] = Object.entries(service.spec.selector ?? {});
  if (pair === undefined) return [];
  return pods.byIndex(byLabel, pairOf(service.metadata.namespace, pair)).filter((pod) => selects(service, pod));
}

function slicesOf({ metadata }: Service, slices: Informer<EndpointSlice>): readonly EndpointSlice[] {
  slices.addIndex(byService, ({ metadata: { labels = {}, namespace } }) =>
    labels[managedByLabel] === managedBy ? [`${namespace ?? ""}/${labels[serviceNameLabel] ?? ""}`] : [],
  );
  return slices
    .byIndex(byService, refKey(metadata))
    .filter(({ metadata: { ownerReferences = [] } }) => ownerReferences.some(({ uid }) => uid === metadata.uid));
}

async function carryOut(
  key: ReconcileKey,
  plan: SlicePlan,
  expectations: Expectations,
  { client, clock, signal }: ControllerContext,
): Promise<void> {
  const now = clock.monotonic();
  for (const slice of plan.create) {
    const { metadata } = await client.create(EndpointSlice, slice, { signal });
    expectations.created(key, metadata.uid ?? "", now);
  }
  for (const slice of plan.update) await client.update(EndpointSlice, slice, { signal });
  for (const { metadata } of plan.remove) {
    const { name, namespace, uid = "" } = metadata;
    expectations.deleted(key, uid, now);
    try {
      await client.delete(EndpointSlice, { name, namespace }, { preconditions: { uid }, signal });
    } catch (error) {
      if (!isApiError(error, "NotFound", "Conflict")) throw error;
    }
  }
}

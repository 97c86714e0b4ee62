// Tells in ResourceQuotas what is used. Admission charges for what is made; this counts anew when a quota is made or changed,
// when objects go or come to count for less, and every few minutes.
// Reads: resourcequotas and the kinds that they limit. Writes: resourcequotas/status. Decides in ./decide.ts.
// Upstream: kubernetes pkg/controller/resourcequota/resource_quota_controller.go.
import { CustomResourceDefinition, ResourceQuota } from "#api/kinds.ts";
import type { QuotaResource } from "#api/quota/evaluator.ts";
import { createDiscovery, type Discovery } from "#client/discovery.ts";
import type { InformerEvent } from "#client/informer.ts";
import { errorText, isApiError } from "#machinery/api-error.ts";
import type { Kind, KubeObject } from "#machinery/object.ts";
import {
  type Controller,
  type ControllerContext,
  defineController,
  done,
  type ReconcileKey,
  requeueAfter,
  type Result,
  type SourceArguments,
} from "#runtime/index.ts";
import { abortable, deadlineSignal } from "#std/abort.ts";
import { invariant } from "#std/invariant.ts";
import {
  type Counted,
  isLimitedBy,
  quotaChanged,
  quotaStatus,
  resourceKey,
  resourcesOfQuota,
  usageChanged,
} from "./decide.ts";

const workers = 5;
/** Objects that go together are counted together. */
const settleMilliseconds = 100;
/** When a quota is counted anew although nothing has happened. */
const resyncMilliseconds = 300_000;
/** When kinds that a quota limits and nobody serves are looked for again. */
const lookAgainMilliseconds = 30_000;

/** The controller. It has state (what it watches), so each manager gets one of its own. */
export function resourceQuotas(): Controller {
  let discovery: Discovery | undefined;
  return defineController({
    name: "resourcequota-controller",
    for: [],
    options: {},
    workers,
    async source(args) {
      discovery = createDiscovery(args.client);
      await watchLimited(discovery, args);
    },
    async reconcile(key, context) {
      invariant(discovery, "the quota controller has keys before it watches anything");
      return await reconcile(key, discovery, context);
    },
  });
}

/** Watches the kinds that quotas limit, and only those. */
async function watchLimited(discovery: Discovery, args: SourceArguments<object>): Promise<void> {
  const { clock, informers, signal } = args;
  const quotas = informers.for(ResourceQuota);
  const watched = new Map<string, () => void>();
  let wake = Promise.withResolvers<void>();
  const ends = [
    quotas.onEvent((event) => {
      if (event.type === "updated" && !quotaChanged(event.object, event.old)) return;
      if (event.type !== "deleted") args.enqueue({ kind: ResourceQuota, ...refOf(event.object) });
      wake.resolve();
    }),
    informers.for(CustomResourceDefinition).onEvent(() => {
      wake.resolve();
    }),
  ];
  try {
    while (!signal.aborted) {
      wake = Promise.withResolvers();
      await watchThese(quotas.list().flatMap(resourcesOfQuota), watched, discovery, args);
      using pause = deadlineSignal(clock, lookAgainMilliseconds, signal);
      await abortable(wake.promise, pause).catch(() => undefined);
    }
  } finally {
    for (const end of [...ends, ...watched.values()]) end();
  }
}

/** Brings `watched` (the ends of watches, by resource) to `resources`. */
async function watchThese(
  resources: readonly QuotaResource[],
  watched: Map<string, () => void>,
  discovery: Discovery,
  args: SourceArguments<object>,
): Promise<void> {
  const wanted = new Map(resources.map((resource) => [resourceKey(resource), resource]));
  for (const [key, end] of watched) {
    if (wanted.has(key)) continue;
    end();
    watched.delete(key);
  }
  for (const [key, resource] of wanted) {
    if (watched.has(key)) continue;
    const kind = await kindOf(resource, discovery, args);
    if (kind === undefined) continue;
    const end = args.informers.for<KubeObject>(kind).onEvent((event) => {
      consider(resource, event, args);
    });
    watched.set(key, end);
    // What came and went before it was watched has to be counted.
    for (const quota of args.informers.for(ResourceQuota).list()) {
      if (isLimitedBy(quota, resource)) enqueue(quota, args);
    }
  }
}

/** Undefined: not served, or not in namespaces. */
async function kindOf(
  resource: QuotaResource,
  discovery: Discovery,
  { log, signal }: Pick<ControllerContext, "log" | "signal">,
): Promise<Kind | undefined> {
  try {
    const isIt = ({ plural, group, preferred }: Kind & { preferred: boolean }): boolean =>
      plural === resource.plural && group === resource.group && preferred;
    const { kinds } = await discovery.snapshot({ signal });
    const found = kinds.find(isIt) ?? (await discovery.refresh({ signal })).kinds.find(isIt);
    return found?.namespaced === true && found.verbs.includes("watch") ? found : undefined;
  } catch (error) {
    log.warn("discovery failed, a kind that a quota limits is not counted", { error: errorText(error) });
    return undefined;
  }
}

function consider(resource: QuotaResource, event: InformerEvent<KubeObject>, args: SourceArguments<object>): void {
  const { clock, informers } = args;
  if (event.type === "added") return; // Admission has charged for it.
  const quotas = informers.for(ResourceQuota).list(event.ref.namespace);
  if (quotas.length === 0) return;
  if (event.type === "updated" && !usageChanged(resource, event.object, event.old, clock.now())) return;
  for (const quota of quotas) {
    if (isLimitedBy(quota, resource)) enqueue(quota, args);
  }
}

function enqueue(quota: ResourceQuota, args: SourceArguments<object>): void {
  args.enqueue({ kind: ResourceQuota, ...refOf(quota) }, { afterMilliseconds: settleMilliseconds });
}

function refOf({ metadata: { name, namespace } }: KubeObject): { name: string; namespace: string | undefined } {
  return { name, namespace };
}

/**
 * Whatever is made while objects are counted is charged to the quota, which then has another resourceVersion: the write
 * below fails, and they are counted again. Only what a quota did not limit before is not charged; so it is counted
 * twice.
 */
async function reconcile(key: ReconcileKey, discovery: Discovery, context: ControllerContext): Promise<Result> {
  const { client, clock, signal } = context;
  const quota = await client.find(ResourceQuota, key, { signal });
  if (quota === undefined || quota.metadata.deletionTimestamp !== undefined) return done;
  const counted: Counted[] = [];
  for (const resource of resourcesOfQuota(quota)) {
    const kind = await kindOf(resource, discovery, context);
    if (kind === undefined) continue;
    const { items } = await client.list<KubeObject>(kind, { namespace: key.namespace, signal });
    counted.push({ resource, objects: items });
  }
  const status = quotaStatus(quota, counted, clock.now());
  if (status === quota.status) return requeueAfter(resyncMilliseconds);
  const charges = quota.status?.hard;
  try {
    const written = await client.update(ResourceQuota, { ...quota, status }, { subresource: "status", signal });
    const isNew = Object.keys(written.status?.hard ?? {}).some((name) => charges?.[name] === undefined);
    return requeueAfter(isNew ? 0 : resyncMilliseconds);
  } catch (error) {
    if (isApiError(error, "NotFound")) return done;
    if (isApiError(error, "Conflict")) return requeueAfter(settleMilliseconds);
    throw error;
  }
}

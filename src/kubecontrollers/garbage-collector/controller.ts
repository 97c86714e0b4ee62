// Deletes what no owner is left for, and lets owners go that wait for their dependents.
// Reads: all kinds that discovery finds. Writes: deletes dependents; ownerReferences; the collector's two finalizers.
// Decides in ./decide.ts; watches by ./monitors.ts. What was read only says where to look: before anything is deleted, the
// object and its owners are asked for again, and the deletion names the uid and version that was judged.
// Upstream: kubernetes pkg/controller/garbagecollector/garbagecollector.go.
import { CustomResourceDefinition } from "#api/kinds.ts";
import { createDiscovery, type Discovery } from "#client/discovery.ts";
import type { InformerEvent } from "#client/informer.ts";
import { errorText } from "#machinery/api-error.ts";
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
import { collect } from "./collect.ts";
import { blocks, ownersChanged, phaseOf } from "./decide.ts";
import { finishForeground, finishOrphaning } from "./finish.ts";
import { Monitors } from "./monitors.ts";

/** An owner that has not been seen yet may only be late: its dependents are looked at after this. */
const lateOwnerMilliseconds = 500;
/** When discovery is asked again after definitions of kinds have changed, and then for ever at the last interval. */
const discoveryMilliseconds = [200, 1_000, 30_000] as const;
const workers = 10;
/** How soon an owner looks again for dependents while some kinds have not been listed. */
const unsyncedMilliseconds = 1_000;

/** A garbage collector. It has state (what it watches), so each manager gets one of its own. */
export function garbageCollector(): Controller {
  let watching: { readonly monitors: Monitors; readonly discovery: Discovery } | undefined;
  return defineController({
    name: "garbage-collector-controller",
    for: [],
    options: {},
    workers,
    async source(args) {
      const discovery = createDiscovery(args.client);
      const monitors = new Monitors(args.informers, (kind, event) => {
        considerEvent(kind, event, monitors, args);
      });
      watching = { monitors, discovery };
      try {
        await keepWatching(monitors, discovery, args);
      } finally {
        monitors.close();
      }
    },
    async reconcile(key, context) {
      invariant(watching, "the garbage collector has keys before it watches anything");
      return await reconcile(key, watching.monitors, watching.discovery, context);
    },
  });
}

/** Asks discovery again and again, at once when a definition changes. */
async function keepWatching(monitors: Monitors, discovery: Discovery, args: SourceArguments<object>): Promise<void> {
  const { clock, informers, log, signal } = args;
  let wake = Promise.withResolvers<void>();
  const remove = informers.for(CustomResourceDefinition).onEvent(() => {
    wake.resolve();
  });
  try {
    for (let quiet = 0; !signal.aborted; quiet++) {
      try {
        monitors.update(await discovery.refresh({ signal }));
      } catch (error) {
        log.warn("discovery failed, going on with the kinds known", { error: errorText(error) });
      }
      const milliseconds = discoveryMilliseconds[Math.min(quiet, discoveryMilliseconds.length - 1)] ?? 0;
      using pause = deadlineSignal(clock, milliseconds, signal);
      const woken = await abortable(wake.promise, pause).then(
        () => true,
        () => false,
      );
      if (!woken) continue;
      wake = Promise.withResolvers();
      quiet = -1;
      await clock.sleep(discoveryMilliseconds[0], signal);
    }
  } finally {
    remove();
  }
}

type HasMetadata = Pick<KubeObject, "metadata">;

/** Says which objects a change gives reason to look at. */
function considerEvent(
  kind: Kind,
  event: InformerEvent<KubeObject>,
  monitors: Monitors,
  { enqueue }: Pick<SourceArguments<object>, "enqueue">,
): void {
  const { metadata } = event;
  const look = (of: Kind, { metadata: { namespace, name } }: HasMetadata, afterMilliseconds = 0): void => {
    enqueue({ kind: of, namespace, name }, { afterMilliseconds });
  };
  const lookAtDependents = (owner = metadata): void => {
    for (const dependent of monitors.dependentsOf(owner)) look(dependent.kind, dependent.object);
  };
  const lookAtWaitingOwners = (object: HasMetadata): void => {
    for (const reference of object.metadata.ownerReferences ?? []) {
      const owner = monitors.ownerOf(reference, object.metadata);
      if (owner !== undefined && phaseOf(owner.object.metadata) === "foreground") look(owner.kind, owner.object);
    }
  };
  if (event.type === "deleted") {
    lookAtDependents();
    lookAtWaitingOwners(event);
    return;
  }
  const phase = phaseOf(metadata);
  // Who was away sees one object turn into the next of its name.
  const isReplaced = event.type === "updated" && event.old.metadata.uid !== metadata.uid;
  const changed = event.type === "added" || isReplaced || ownersChanged(metadata, event.old.metadata);
  if (event.type === "updated" && changed) lookAtWaitingOwners(event.old);
  if (isReplaced) lookAtDependents(event.old.metadata);
  if (phase === "foreground" || phase === "orphaning") {
    look(kind, event);
    if (phase === "foreground") lookAtDependents();
  } else if (phase === "alive" && changed) {
    const wait = reasonToLook(event, monitors);
    if (wait !== undefined) look(kind, event, wait);
  }
}

/** After how many milliseconds an object with owners is worth a look; undefined: all its owners are there. */
function reasonToLook({ metadata }: HasMetadata, monitors: Monitors): number | undefined {
  const owners = (metadata.ownerReferences ?? []).map((reference) => monitors.ownerOf(reference, metadata));
  if (owners.some((owner) => owner !== undefined && phaseOf(owner.object.metadata) === "foreground")) return 0;
  return owners.includes(undefined) ? lateOwnerMilliseconds : undefined;
}

async function reconcile(
  key: ReconcileKey,
  monitors: Monitors,
  discovery: Discovery,
  context: ControllerContext,
): Promise<Result> {
  const object = monitors.find(key.kind, key);
  if (object === undefined) return done;
  const found = { kind: key.kind, object };
  switch (phaseOf(object.metadata)) {
    case "leaving":
      return done;
    case "alive":
      return await collect(found, { monitors, discovery, context });
    case "orphaning":
      if (!monitors.synced) return requeueAfter(unsyncedMilliseconds);
      await finishOrphaning(found, monitors, context);
      return done;
    case "foreground": {
      if (!monitors.synced) return requeueAfter(unsyncedMilliseconds);
      const { uid = "" } = object.metadata;
      const blocked = monitors.dependentsOf(object.metadata).some((each) => blocks(each.object.metadata, uid));
      // Each dependent has been looked at when this began, and each that goes brings its owner back here.
      if (!blocked) await finishForeground(found, context);
      return done;
    }
  }
}

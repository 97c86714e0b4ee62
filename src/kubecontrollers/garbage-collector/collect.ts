// One object that is alive and has owners: asks the server what has become of them, and carries out the verdict.
// Upstream: kubernetes pkg/controller/garbagecollector/garbagecollector.go (attemptToDeleteItem, classifyReferences).
import type { Discovery } from "#client/discovery.ts";
import { isApiError } from "#machinery/api-error.ts";
import type { Kind, KubeObject, OwnerReference } from "#machinery/object.ts";
import { type ControllerContext, done, requeueAfter, type Result } from "#runtime/index.ts";
import {
  judgeDependent,
  type Owner,
  type OwnerState,
  phaseOf,
  referenceText,
  unblocking,
  type Verdict,
  withoutOwners,
} from "./decide.ts";
import { findLive, patchMetadata } from "./live.ts";
import type { Found, Monitors } from "./monitors.ts";

/** An owner of a kind that is not served is asked about again: the kind may come. Its dependents are left alone. */
const unknownKindMilliseconds = 60_000;
/** So are owners that the local copies do not have yet. They are behind for moments, or for as long as they are cut off. */
const unseenOwnerMilliseconds = 5_000;

export interface Surroundings {
  readonly monitors: Monitors;
  readonly discovery: Discovery;
  readonly context: ControllerContext;
}

/** Judges `found` and deletes or changes it if need be. */
export async function collect(found: Found, around: Surroundings): Promise<Result> {
  const { monitors, context } = around;
  const { client, signal } = context;
  if (everyOwnerIsThere(found.object, monitors)) return done;
  const object = await findLive(client, found.kind, found.object.metadata, signal);
  if (object === undefined || phaseOf(object.metadata) !== "alive") return done;
  const owners: Owner[] = [];
  for (const reference of object.metadata.ownerReferences ?? []) {
    const state = await ownerState(reference, object, around);
    if (state === undefined) return requeueAfter(unknownKindMilliseconds);
    owners.push({ uid: reference.uid, state });
  }
  const dependents = monitors.dependentsOf(object.metadata);
  const verdict = judgeDependent(object.metadata, owners, {
    any: dependents.length > 0,
    anyInForeground: dependents.some((each) => phaseOf(each.object.metadata) === "foreground"),
  });
  await carryOut(verdict, { kind: found.kind, object }, context);
  return verdict.kind === "keep" && isOwnerUnseen(object, monitors) ? requeueAfter(unseenOwnerMilliseconds) : done;
}

/**
 * An owner that is there and has not been heard of may go again before it is: then nothing would ever tell, and its
 * dependents would stay for ever.
 */
function isOwnerUnseen({ metadata }: KubeObject, monitors: Monitors): boolean {
  return (metadata.ownerReferences ?? []).some(
    (reference) => monitors.kindOf(reference) !== undefined && monitors.ownerOf(reference, metadata) === undefined,
  );
}

/** The usual case, which costs no request. An old copy can only make this say yes for a moment too long. */
function everyOwnerIsThere({ metadata }: KubeObject, monitors: Monitors): boolean {
  return (metadata.ownerReferences ?? []).every((reference) => {
    const owner = monitors.ownerOf(reference, metadata);
    return owner !== undefined && phaseOf(owner.object.metadata) !== "foreground";
  });
}

/** What has become of an owner; undefined where its kind is not known. */
async function ownerState(
  reference: OwnerReference,
  dependent: KubeObject,
  { monitors, discovery, context }: Surroundings,
): Promise<OwnerState | undefined> {
  const { client, events, signal } = context;
  const kind = monitors.kindOf(reference) ?? (await discoveredKind(reference, discovery, signal));
  if (kind === undefined) return undefined;
  const { namespace } = dependent.metadata;
  if (kind.namespaced && namespace === undefined) {
    const message = `ownerRef ${referenceText(reference, "")} does not exist in namespace ""`;
    events.event(dependent, "Warning", "OwnerRefInvalidNamespace", message);
    return "unreachable";
  }
  const ref = { namespace: kind.namespaced ? namespace : undefined, name: reference.name };
  const owner = await findLive(client, kind, ref, signal);
  if (owner?.metadata.uid !== reference.uid) return "dangling";
  return phaseOf(owner.metadata) === "foreground" ? "waiting" : "solid";
}

async function discoveredKind(
  reference: OwnerReference,
  discovery: Discovery,
  signal: AbortSignal,
): Promise<Kind | undefined> {
  try {
    return await discovery.kindOf(reference, { signal });
  } catch (error) {
    if (isApiError(error, "NotFound")) return undefined;
    throw error;
  }
}

async function carryOut(verdict: Verdict, { kind, object }: Found, context: ControllerContext): Promise<void> {
  const { client, log, signal } = context;
  const { metadata } = object;
  const { uid, resourceVersion, ownerReferences = [] } = metadata;
  switch (verdict.kind) {
    case "keep":
      return;
    case "detach": {
      const left = withoutOwners(ownerReferences, verdict.uids);
      await patchMetadata(client, kind, metadata, { ownerReferences: left }, signal);
      return;
    }
    case "delete": {
      if (uid === undefined || resourceVersion === undefined) return;
      if (verdict.unblock) {
        // This makes a new version, so the deletion can only name the uid.
        await patchMetadata(client, kind, metadata, { ownerReferences: unblocking(ownerReferences) }, signal);
      }
      log.debug("deleting an object whose owners are gone", { kind: kind.kind, uid, name: metadata.name });
      const preconditions = verdict.unblock ? { uid } : { uid, resourceVersion };
      await client
        .delete(kind, metadata, { propagationPolicy: verdict.propagationPolicy, preconditions, signal })
        .catch((error: unknown) => {
          if (!isApiError(error, "NotFound")) throw error;
        });
    }
  }
}

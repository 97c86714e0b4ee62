// Writes objects in a member: creates, takes over, puts right, deletes, lets go. What is decided on is the local copy where
// that is safe (a write carries the version it was decided on) and the member itself where it is not.
// Upstream: karmada pkg/util/objectwatcher/objectwatcher.go, pkg/controllers/execution/execution_controller.go.
import type { Work } from "#api/work/work.ts";
import type { Informer } from "#client/informer.ts";
import type { Interpreter } from "#interpreter/interpreter.ts";
import { isApiError } from "#machinery/api-error.ts";
import { apiVersionOf, type Kind, type KubeObject } from "#machinery/object.ts";
import type { RecentWrites } from "#runtime/recent-writes.ts";
import { commit, conflictsMax } from "../commit.ts";
import type { MemberCluster } from "../member-clusters.ts";
import type { Templates } from "../templates.ts";
import type { AppliedVersions } from "./applied-versions.ts";
import { belongsToAnother, differs, isManaged, refusalToUpdate, releasedObject, withMemberMetadata } from "./decide.ts";

export interface MemberWriter {
  readonly templates: Templates;
  readonly interpreter: Interpreter;
  readonly versions: AppliedVersions;
  readonly writes: RecentWrites;
}

interface Task {
  readonly writer: MemberWriter;
  readonly member: MemberCluster;
  readonly work: Work;
  readonly kind: Kind;
  readonly manifest: KubeObject;
}

/** Makes the member's object what the manifest says. Whether that took a write. */
export async function applyManifest(
  writer: MemberWriter,
  member: MemberCluster,
  work: Work,
  manifest: KubeObject,
): Promise<boolean> {
  const kind = await kindOf(writer, manifest);
  member.observe(kind);
  const task: Task = { writer, member, work, kind, manifest };
  try {
    return await retryingConflicts(task, await lastSeen(task), createOrUpdate);
  } catch (error) {
    // A member that does not serve the kind is not asked to list it again and again.
    if (isUnserved(error)) member.unobserve(kind);
    throw error;
  }
}

/** Deletes the member's object, if it is Karmada's and this Work's. Does not wait for it to disappear. */
export async function deleteManifest(
  writer: MemberWriter,
  member: MemberCluster,
  work: Work,
  manifest: KubeObject,
): Promise<void> {
  const kind = await kindToLeave(writer, member, manifest);
  if (kind === undefined) return;
  const task: Task = { writer, member, work, kind, manifest };
  // Not in the local copy says nothing: it may have been created a moment ago, or never been listed.
  const observed = (await lastSeen(task)) ?? (await readLive(task));
  await retryingConflicts(task, observed, deleteIfOurs);
  writer.versions.forget(member.name, kind, manifest.metadata);
  writer.writes.forget(cacheOf(task), manifest.metadata);
}

/** Takes Karmada's marks off the member's object and leaves the rest as it is. An object that is not there is let go. */
export async function releaseManifest(
  writer: MemberWriter,
  member: MemberCluster,
  work: Work,
  manifest: KubeObject,
): Promise<void> {
  const kind = await kindToLeave(writer, member, manifest);
  if (kind === undefined) return;
  const task: Task = { writer, member, work, kind, manifest };
  await retryingConflicts(task, await readLive(task), releaseIfOurs);
  writer.versions.forget(member.name, kind, manifest.metadata);
  writer.writes.forget(cacheOf(task), manifest.metadata);
}

/** Says whether it wrote anything. */
type Step = (task: Task, observed: KubeObject | undefined) => Promise<boolean>;

/** Steps decide on what was seen; when that is not so any more, they decide again on what the member says. */
async function retryingConflicts(task: Task, seen: KubeObject | undefined, step: Step): Promise<boolean> {
  let observed = seen;
  for (let conflicts = 0; ; conflicts++) {
    try {
      return await step(task, observed);
    } catch (error) {
      const isStale =
        isApiError(error, "Conflict", "AlreadyExists") || (isApiError(error, "NotFound") && observed !== undefined);
      if (!isStale || conflicts === conflictsMax) throw error;
      task.writer.writes.forget(cacheOf(task), task.manifest.metadata);
      observed = await readLive(task);
    }
  }
}

async function createOrUpdate(task: Task, observed: KubeObject | undefined): Promise<boolean> {
  const { writer, member, work, kind, manifest } = task;
  const { client, signal } = member;
  if (observed === undefined) {
    record(task, await client.create(kind, manifest, { signal }));
    return true;
  }
  const refusal = refusalToUpdate(manifest, observed, member.name);
  if (refusal !== undefined) throw new Error(refusal);
  if (writer.versions.isCurrent(member.name, kind, observed, work)) return false;
  const desired = await writer.interpreter.retain(withMemberMetadata(manifest, observed), observed);
  const result = differs(desired, observed) ? await client.update(kind, desired, { signal }) : observed;
  record(task, result);
  return result.metadata.resourceVersion !== observed.metadata.resourceVersion;
}

async function deleteIfOurs(task: Task, observed: KubeObject | undefined): Promise<boolean> {
  if (observed === undefined || !isManaged(observed) || belongsToAnother(observed, task.work)) return false;
  const { client, signal } = task.member;
  const { uid = "", resourceVersion = "" } = observed.metadata;
  await client.delete(task.kind, observed.metadata, {
    // A Job's own default would leave its pods behind (karmada #969).
    propagationPolicy: "Background",
    // What was judged is what goes: not an object that has been let go or made anew meanwhile.
    preconditions: { uid, resourceVersion },
    signal,
  });
  return true;
}

async function releaseIfOurs(task: Task, observed: KubeObject | undefined): Promise<boolean> {
  if (observed === undefined || !isManaged(observed) || belongsToAnother(observed, task.work)) return false;
  const { client, signal } = task.member;
  await commit(client, task.kind, observed, releasedObject(observed), { signal });
  return true;
}

async function kindOf({ templates }: MemberWriter, { apiVersion, kind }: KubeObject): Promise<Kind> {
  const found = await templates.kindOf(apiVersion, kind);
  if (found === undefined) throw new Error(`no matches for kind "${kind}" in version "${apiVersion}"`);
  return found;
}

/** A kind that the control plane has lost may still be there in the member. Undefined: there neither, with all its objects. */
async function kindToLeave(
  { templates }: MemberWriter,
  { discovery, signal }: MemberCluster,
  { apiVersion, kind }: KubeObject,
): Promise<Kind | undefined> {
  const known = await templates.kindOf(apiVersion, kind);
  if (known !== undefined) return known;
  const { kinds, failures } = await discovery.refresh({ signal });
  const found = kinds.find((each) => each.kind === kind && apiVersionOf(each) === apiVersion);
  const unknown = failures.find((failure) => failure.apiVersion === apiVersion);
  if (found === undefined && unknown !== undefined) throw new Error(`${apiVersion}: ${unknown.message}`);
  return found;
}

/** The object as last written or heard of; read from the member while its objects have not been listed. */
async function lastSeen(task: Task): Promise<KubeObject | undefined> {
  const informer = cacheOf(task);
  if (!informer.synced) return readLive(task);
  return task.writer.writes.latest(informer, task.manifest.metadata);
}

function readLive({ member, kind, manifest }: Task): Promise<KubeObject | undefined> {
  return member.client.find(kind, manifest.metadata, { signal: member.signal });
}

function record(task: Task, object: KubeObject): void {
  const { writer, member, kind, work } = task;
  writer.versions.record(member.name, kind, object, work);
  writer.writes.remember(cacheOf(task), object);
}

function cacheOf({ member, kind }: Task): Informer {
  return member.informers.for(kind);
}

function isUnserved(error: unknown): boolean {
  return isApiError(error, "NotFound") && error.message.includes("could not find the requested resource");
}

// Brings the status of member objects back to their Works.
// Reads: Works, member objects.  Writes: the Works' status.manifestStatuses.
// Decides in ./decide.ts.  Upstream: karmada pkg/controllers/status/work_status_controller.go.
import { conditionTypes, eventReasons } from "#api/karmada-constants.ts";
import { clusterOfExecutionNamespace, executionNamespace } from "#api/karmada-names.ts";
import { type ResourceHealth, Work } from "#api/work/work.ts";
import type { Interpreter } from "#interpreter/interpreter.ts";
import { errorText, isApiError } from "#machinery/api-error.ts";
import { isConditionTrue } from "#machinery/conditions.ts";
import { isObjectOf } from "#machinery/guards.ts";
import { type Kind, type KubeObject, refKey } from "#machinery/object.ts";
import {
  type Controller,
  type ControllerContext,
  defineController,
  done,
  type ReconcileKey,
  requeueAfter,
  type Result,
  type SourceArguments,
} from "#runtime/controller.ts";
import type { RecentWrites } from "#runtime/recent-writes.ts";
import { untilAborted } from "#std/abort.ts";
import type { Clock } from "#std/time.ts";
import { commit } from "../commit.ts";
import { belongsToAnother, workOfObject } from "../execution/decide.ts";
import type { MemberCluster, MemberClusters } from "../member-clusters.ts";
import { Spacing } from "../spacing.ts";
import type { Templates } from "../templates.ts";
import { type Finding, reportFindings } from "./decide.ts";

/** An object's status changes many times while its member gets it going. */
const distances = { settleMilliseconds: 20, apartMilliseconds: 100 };
/** Works looked at at once. */
const workers = 16;
/** An object that is not there is made anew, which its status outlives. What stays away so long has no status any more. */
const absentMilliseconds = 3_000;

export interface WorkStatusControllerDeps {
  readonly members: MemberClusters;
  readonly templates: Templates;
  readonly interpreter: Interpreter;
  readonly writes: RecentWrites;
  readonly clock: Clock;
}

interface Reporter extends ControllerContext {
  readonly deps: WorkStatusControllerDeps;
  readonly spacing: Spacing;
  /** Since when objects of a Work have been missing, by the Work. Lost with the process, it begins anew. */
  readonly absentSince: Map<string, number>;
}

export function workStatusController(deps: WorkStatusControllerDeps): Controller {
  const spacing = new Spacing(deps.clock, distances);
  const absentSince = new Map<string, number>();
  return defineController({
    name: "workStatus",
    standing: "follows",
    for: [Work],
    changed: (work, old) => isApplied(work) && !isApplied(old),
    options: {},
    workers,
    source: (queue) => feedFromMembers(queue, deps.members),
    reconcile: (key, context) => report(key, { ...context, deps, spacing, absentSince }),
  });
}

function isApplied(work: KubeObject): boolean {
  return isObjectOf(Work, work) && isConditionTrue(work.status?.conditions, conditionTypes.workApplied);
}

async function feedFromMembers(queue: SourceArguments<object>, members: MemberClusters): Promise<void> {
  const removals = [
    members.onObject(({ event: { object } }) => {
      const work = workOfObject(object);
      if (work !== undefined) queue.enqueue({ kind: Work, ...work });
    }),
    // The new connection's informers are started by looking at the Works again.
    members.onConnection((cluster) => {
      for (const { metadata } of queue.informers.for(Work).list(executionNamespace(cluster))) {
        queue.enqueue({ kind: Work, namespace: metadata.namespace, name: metadata.name });
      }
    }),
  ];
  await untilAborted(queue.signal);
  for (const remove of removals) remove();
}

async function report(key: ReconcileKey, reporter: Reporter): Promise<Result> {
  const { deps, spacing, informers, client, signal } = reporter;
  const works = informers.for(Work);
  const work = deps.writes.latest(works, key);
  const member = deps.members.get(clusterOfExecutionNamespace(key.namespace ?? "") ?? "");
  const id = refKey(key);
  if (work === undefined) reporter.absentSince.delete(id);
  if (work === undefined || member === undefined || work.metadata.deletionTimestamp !== undefined) return done;
  // An object under a suspended Work is watched as well, once the Work has been applied.
  if (!isApplied(work)) return done;
  const wait = spacing.waitMilliseconds(id);
  if (wait > 0) return requeueAfter(wait);
  const findings: Finding[] = [];
  const tellings: (() => void)[] = [];
  let missing = 0;
  for (const manifest of work.spec.workload?.manifests ?? []) {
    const observed = await observe(manifest, work, member, deps.templates);
    if (observed === "absent") missing++;
    findings.push(isObject(observed) ? await interpret(observed, work, reporter, tellings) : undefined);
  }
  const absence = judgeAbsence(id, missing > 0, reporter);
  const manifestStatuses = reportFindings(work, findings, absence.isLong);
  spacing.settle(id, manifestStatuses !== undefined);
  const next = absence.waitMilliseconds === undefined ? done : requeueAfter(absence.waitMilliseconds);
  if (manifestStatuses === undefined) return next;
  const desired: Work = { ...work, status: { ...work.status, manifestStatuses } };
  try {
    // Nobody else writes this field, so nobody else's write is in its way.
    deps.writes.remember(
      works,
      await commit(client, Work, work, desired, { signal, subresource: "status", unlocked: true }),
    );
  } catch (error) {
    if (isApiError(error, "NotFound")) return done; // it was deleted meanwhile
    throw error;
  }
  for (const tell of tellings) tell();
  return next;
}

/** The object; `absent`: it is not there, or another Work's; `unknown`: the local copy has not come so far. */
type Sight = KubeObject | "absent" | "unknown";

function isObject(sight: Sight): sight is KubeObject {
  return typeof sight !== "string";
}

/** Whether something has been missing for long, else when to look again. */
function judgeAbsence(
  id: string,
  isMissing: boolean,
  { absentSince, clock }: Reporter,
): { readonly isLong: boolean; readonly waitMilliseconds?: number } {
  if (!isMissing) {
    absentSince.delete(id);
    return { isLong: false };
  }
  const now = clock.monotonic();
  const since = absentSince.get(id) ?? now;
  absentSince.set(id, since);
  const left = since + absentMilliseconds - now;
  return left > 0 ? { isLong: false, waitMilliseconds: left } : { isLong: true };
}

/** Starts watching the kind. */
async function observe(manifest: KubeObject, work: Work, member: MemberCluster, templates: Templates): Promise<Sight> {
  const kind: Kind | undefined = await templates.kindOf(manifest.apiVersion, manifest.kind);
  if (kind === undefined) throw new Error(`no matches for kind "${manifest.kind}" in version "${manifest.apiVersion}"`);
  const informer = member.observe(kind);
  const observed = informer.get(manifest.metadata);
  if (observed !== undefined) return belongsToAnother(observed, work) ? "absent" : observed;
  return informer.synced ? "absent" : "unknown";
}

/** Events are told only if the report says something new. */
async function interpret(
  observed: KubeObject,
  work: Work,
  { deps: { interpreter }, events }: Reporter,
  tellings: (() => void)[],
): Promise<Finding> {
  const { namespace = "", name } = observed.metadata;
  const text = `object(${observed.kind}/${namespace}/${name})`;
  let status: NonNullable<Finding>["status"];
  try {
    status = await interpreter.reflectStatus(observed);
  } catch (error) {
    const message = `Reflect status for ${text} failed, err: ${errorText(error)}.`;
    events.event(work, "Warning", eventReasons.reflectStatusFailed, message);
    throw error;
  }
  tellings.push(() => {
    events.event(work, "Normal", eventReasons.reflectStatusSucceed, `Reflect status for ${text} succeed.`);
  });
  let health: ResourceHealth;
  try {
    health = (await interpreter.interpretHealth(observed)) ? "Healthy" : "Unhealthy";
    const message = `Interpret health of ${text} as ${health.toLowerCase()}.`;
    tellings.push(() => {
      events.event(work, "Normal", eventReasons.interpretHealthSucceed, message);
    });
  } catch (error) {
    health = "Unknown";
    const message = `Interpret health of ${text} failed, err: ${errorText(error)}.`;
    events.event(work, "Warning", eventReasons.interpretHealthFailed, message);
  }
  return { status, health };
}

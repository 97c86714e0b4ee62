// Brings the status of member objects back to their Works.
// Reads: Works, member objects.  Writes: the Works' status.manifestStatuses.
// Decides in ./decide.ts.  Upstream: karmada pkg/controllers/status/work_status_controller.go.
import { conditionTypes, eventReasons } from "#api/karmada-constants.ts";
import { clusterOfExecutionNamespace, executionNamespace } from "#api/karmada-names.ts";
import { Work } from "#api/work/work.ts";
import type { Interpreter } from "#interpreter/interpreter.ts";
import { throwErrors } from "#machinery/aggregate-error.ts";
import { errorText } from "#machinery/api-error.ts";
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
import { defined } from "#std/defined.ts";
import type { Clock } from "#std/time.ts";
import { mutate } from "../commit.ts";
import { belongsToAnother, workOfObject } from "../execution/decide.ts";
import { withReports } from "../failure-condition.ts";
import { interpreterReport } from "../interpret-failures.ts";
import type { MemberCluster, MemberClusters } from "../member-clusters.ts";
import { carriedObjects, ruleWatches } from "../rule-watches.ts";
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
    watches: ruleWatches(deps.templates, ["reflectStatus", "interpretHealth"], (kinds, { informers }) =>
      carriedObjects(kinds, deps.templates, informers).map(({ work }) => work),
    ),
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
  const { deps, spacing, informers } = reporter;
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
  const account = await lookAt(work, member, reporter);
  const absence = judgeAbsence(id, account.isMissing, reporter);
  const written = await write(work, account, absence.isLong, reporter);
  spacing.settle(id, written);
  if (written) for (const tell of account.tellings) tell();
  throwErrors(account.failed.reflectStatus);
  return absence.waitMilliseconds === undefined ? done : requeueAfter(absence.waitMilliseconds);
}

/** Errors of the interpreter, by operation. */
interface Failed {
  readonly reflectStatus: unknown[];
  readonly interpretHealth: unknown[];
}

/** What has been found of the objects of a Work. */
interface Account {
  readonly findings: readonly Finding[];
  readonly isMissing: boolean;
  /** What the interpreter could not say. */
  readonly failed: Readonly<Record<keyof Failed, readonly unknown[]>>;
  /** Events that are told only if the report says something new. */
  readonly tellings: readonly (() => void)[];
}

async function lookAt(work: Work, member: MemberCluster, reporter: Reporter): Promise<Account> {
  const findings: Finding[] = [];
  const failed: Failed = { reflectStatus: [], interpretHealth: [] };
  const tellings: (() => void)[] = [];
  let isMissing = false;
  for (const manifest of work.spec.workload?.manifests ?? []) {
    const observed = await observe(manifest, work, member, reporter.deps.templates);
    if (observed === "absent") isMissing = true;
    findings.push(isObject(observed) ? await interpret(observed, work, reporter, { failed, tellings }) : undefined);
  }
  return { findings, isMissing, failed, tellings };
}

/** Whether there was anything new to be said. */
async function write(
  work: Work,
  { findings, failed }: Account,
  isGone: boolean,
  { deps, informers, client, clock, signal }: Reporter,
): Promise<boolean> {
  const works = informers.for(Work);
  const reports = [
    interpreterReport("reflectStatus", ...failed.reflectStatus),
    interpreterReport("interpretHealth", ...failed.interpretHealth),
  ];
  const change = (current: Work): Work => {
    const { manifestStatuses, conditions } = current.status ?? {};
    // The findings are about these manifests, whatever others are there by now.
    const statuses = reportFindings({ ...current, spec: work.spec }, findings, isGone) ?? manifestStatuses;
    const told = withReports(conditions, reports, clock.now());
    if (statuses === manifestStatuses && told === conditions) return current;
    return { ...current, status: defined({ ...current.status, manifestStatuses: statuses, conditions: told }) };
  };
  const desired = change(work);
  if (desired === work) return false;
  // The statuses are this controller's alone, so nobody else's write is in their way. The conditions are not.
  const unlocked = desired.status?.conditions === work.status?.conditions;
  const written = await mutate(client, Work, work, change, { signal, subresource: "status", unlocked });
  if (written === undefined) return false; // it was deleted meanwhile
  deps.writes.remember(works, written);
  return true;
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

/** What the interpreter says of an object. A status that cannot be told is left out. */
async function interpret(
  observed: KubeObject,
  work: Work,
  { deps: { interpreter }, events }: Reporter,
  { failed, tellings }: { readonly failed: Failed; readonly tellings: (() => void)[] },
): Promise<Finding> {
  const { namespace = "", name } = observed.metadata;
  const text = `object(${observed.kind}/${namespace}/${name})`;
  let reflected: Pick<NonNullable<Finding>, "status"> = {};
  try {
    reflected = { status: await interpreter.reflectStatus(observed) };
    tellings.push(() => {
      events.event(work, "Normal", eventReasons.reflectStatusSucceed, `Reflect status for ${text} succeed.`);
    });
  } catch (error) {
    failed.reflectStatus.push(error);
    const message = `Reflect status for ${text} failed, err: ${errorText(error)}.`;
    events.event(work, "Warning", eventReasons.reflectStatusFailed, message);
  }
  try {
    const health = (await interpreter.interpretHealth(observed)) ? "Healthy" : "Unhealthy";
    const message = `Interpret health of ${text} as ${health.toLowerCase()}.`;
    tellings.push(() => {
      events.event(work, "Normal", eventReasons.interpretHealthSucceed, message);
    });
    return { ...reflected, health };
  } catch (error) {
    failed.interpretHealth.push(error);
    const message = `Interpret health of ${text} failed, err: ${errorText(error)}.`;
    events.event(work, "Warning", eventReasons.interpretHealthFailed, message);
    return { ...reflected, health: "Unknown" };
  }
}

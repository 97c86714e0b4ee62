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
}

export function workStatusController(deps: WorkStatusControllerDeps): Controller {
  const spacing = new Spacing(deps.clock, distances);
  return defineController({
    name: "workStatus",
    standing: "follows",
    for: [Work],
    changed: (work, old) => isApplied(work) && !isApplied(old),
    options: {},
    workers,
    source: (queue) => feedFromMembers(queue, deps.members),
    reconcile: (key, context) => report(key, { ...context, deps, spacing }),
  });
}

function isApplied(work: KubeObject): boolean {
  return isObjectOf(Work, work) && isConditionTrue(work.status?.conditions, conditionTypes.workApplied);
}

async function feedFromMembers(queue: SourceArguments<object>, members: MemberClusters): Promise<void> {
  const removals = [
    members.onObject(({ event: { type, object } }) => {
      // What was last known of an object that has gone stays on the Work.
      const work = type === "deleted" ? undefined : workOfObject(object);
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
  if (work === undefined || member === undefined || work.metadata.deletionTimestamp !== undefined) return done;
  // An object under a suspended Work is watched as well, once the Work has been applied.
  if (!isApplied(work)) return done;
  const id = refKey(key);
  const wait = spacing.waitMilliseconds(id);
  if (wait > 0) return requeueAfter(wait);
  const findings: Finding[] = [];
  const tellings: (() => void)[] = [];
  for (const manifest of work.spec.workload?.manifests ?? []) {
    const observed = await observe(manifest, work, member, deps.templates);
    findings.push(observed === undefined ? undefined : await interpret(observed, work, reporter, tellings));
  }
  const manifestStatuses = reportFindings(work, findings);
  spacing.settle(id, manifestStatuses !== undefined);
  if (manifestStatuses === undefined) return done;
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
  return done;
}

/** The member's object, if it is there and this Work's. Starts watching its kind. */
async function observe(
  manifest: KubeObject,
  work: Work,
  member: MemberCluster,
  templates: Templates,
): Promise<KubeObject | undefined> {
  const kind: Kind | undefined = await templates.kindOf(manifest.apiVersion, manifest.kind);
  if (kind === undefined) throw new Error(`no matches for kind "${manifest.kind}" in version "${manifest.apiVersion}"`);
  const observed = member.observe(kind).get(manifest.metadata);
  return observed === undefined || belongsToAnother(observed, work) ? undefined : observed;
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

// Invariant: an application that takes its state along starts in its next cluster with that state, and only once it has left
// the one that it failed in; and the state has been taken off when all is calm. What runs by hand or from a backup is not
// meant, nor what was on its way before the application failed.
import { karmadaAnnotations } from "#api/karmada-constants.ts";
import { executionNamespace, workName } from "#api/karmada-names.ts";
import { ResourceBinding, type Binding, type GracefulEvictionTask } from "#api/work/binding.ts";
import { Work } from "#api/work/work.ts";
import { deepEqual } from "#machinery/equality.ts";
import type { KubeObject } from "#machinery/object.ts";
import { bindingIn, isLive, isManaged, templateIn } from "../expected.ts";
import { changeOf, type ObservedChange } from "../mirror.ts";
import { kindOf, refOf, stateLabel } from "../workload/objects.ts";
import { templateNames } from "../workload/system-plan.ts";
import { isCarriedByHand } from "./by-hand.ts";
import type { Checker, Observed } from "./checker.ts";
import { templateOfKey } from "./template-of-key.ts";

export function statefulMoves(world: Observed): Checker {
  const { controlPlane, mirror, members } = world;
  const isRestored = new Set<string>();
  /** By binding's uid: its tasks, and which Works there were when the last of them came. */
  const moves = new Map<string, Move>();
  const started = ({ server, key, after }: ObservedChange): string | undefined => {
    const name = templateOfKey(key);
    const copy = after?.object;
    const binding = name === undefined ? undefined : bindingIn(mirror, name);
    const move = moves.get(binding?.metadata.uid ?? "");
    if (name === undefined || copy === undefined || binding === undefined || move === undefined) return undefined;
    const uid = copy.metadata.annotations?.[karmadaAnnotations.templateUid];
    if (!isManaged(copy) || templateIn(mirror, name)?.metadata.uid !== uid || move.worksBefore.has(server))
      return undefined;
    const task = stateTask(binding);
    if (task === undefined || task.fromCluster === server || isCarriedByHand(world, name, [server, task.fromCluster]))
      return undefined;
    return (
      wrongState(copy, task, server) ??
      (isRestored.has(task.fromCluster)
        ? undefined
        : ranTwice(world, name, { from: task.fromCluster, to: server, uid }))
    );
  };
  return {
    committed(change) {
      const { after: binding } = changeOf(controlPlane, ResourceBinding, change);
      if (binding !== undefined) remember(world, binding, moves);
      const isNew = change.before === undefined && change.after !== undefined;
      return change.server !== controlPlane && isNew ? started(change) : undefined;
    },
    restored(server) {
      isRestored.add(server);
      return undefined;
    },
    unsettled() {
      for (const name of templateNames) {
        const binding = bindingIn(mirror, name);
        if (binding === undefined || (binding.spec.gracefulEvictionTasks ?? []).length > 0) continue;
        const isSuspended = binding.spec.suspension !== undefined;
        const marked = members.find((member) => {
          const copy = mirror.find(member, kindOf(name), refOf(name));
          return isLive(copy) && isManaged(copy) && copy.metadata.labels?.[stateLabel] !== undefined;
        });
        if (marked !== undefined && !isSuspended) return `${name} in ${marked}: its state is still on it`;
      }
      return undefined;
    },
  };
}

interface Move {
  readonly tasks: readonly GracefulEvictionTask[];
  readonly worksBefore: ReadonlySet<string>;
}

function remember({ mirror, controlPlane, members }: Observed, binding: Binding, moves: Map<string, Move>): void {
  if (stateTask(binding) === undefined) return;
  const { gracefulEvictionTasks: tasks = [], resource } = binding.spec;
  const uid = binding.metadata.uid ?? "";
  if (deepEqual(moves.get(uid)?.tasks, tasks)) return;
  const name = workName(resource.kind, resource.name, resource.namespace);
  const worksBefore = members.filter(
    (member) => mirror.find(controlPlane, Work, { namespace: executionNamespace(member), name }) !== undefined,
  );
  moves.set(uid, { tasks, worksBefore: new Set(worksBefore) });
}

/** The last task, if it carries state. */
function stateTask({ spec }: Binding): GracefulEvictionTask | undefined {
  const task = spec.gracefulEvictionTasks?.at(-1);
  return task?.preservedLabelState === undefined || (spec.clusters ?? []).length > 1 ? undefined : task;
}

function wrongState({ metadata }: KubeObject, task: GracefulEvictionTask, server: string): string | undefined {
  if (task.clustersBeforeFailover?.includes(server) === true) return undefined;
  const wanted = task.preservedLabelState?.[stateLabel];
  const found = metadata.labels?.[stateLabel];
  return found === wanted
    ? undefined
    : `${metadata.name} starts in ${server} with state ${found ?? "none"}, and ${wanted ?? "none"} was to go along`;
}

interface Way {
  readonly from: string;
  readonly to: string;
  readonly uid: string | undefined;
}

function ranTwice({ mirror }: Observed, name: string, { from, to, uid }: Way): string | undefined {
  const old = mirror.find(from, kindOf(name), refOf(name));
  if (!isLive(old) || !isManaged(old) || mirror.isAbandoned(old)) return undefined;
  if (old.metadata.annotations?.[karmadaAnnotations.templateUid] !== uid) return undefined;
  return `${name} starts in ${to} while it is still in ${from}, where it failed`;
}

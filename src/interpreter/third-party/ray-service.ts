// ray.io/v1 RayService.
import { fieldOf, isRecord } from "#machinery/guards.ts";
import type { KubeObject } from "#machinery/object.ts";
import { withField } from "../edit.ts";
import { interpretationOf, type ReplicaInfo } from "../interpretation.ts";
import {
  count,
  type MemberStatus,
  memberStatuses,
  soleStatus,
  sums,
  text,
  withStatus,
} from "../native/member-status.ts";
import { podRequirements } from "../native/pod-requirements.ts";
import { latest } from "../native/times.ts";
import { largerAmount, rayPods, workerGroups } from "./components.ts";
import { timeOf } from "./job-status.ts";
import { numberAt, records, statusOf } from "./reading.ts";
import { conditionHolds, withoutStatus } from "./status.ts";
import { dependenciesOfAll, worst } from "./worst.ts";

const applicationOrder = ["DEPLOY_FAILED", "UNHEALTHY", "DELETING", "DEPLOYING", "NOT_STARTED", "RUNNING"];

export const rayService = interpretationOf("ray.io/v1", "RayService", {
  getReplicas(object) {
    const cluster = clusterOf(object);
    const [head] = rayPods(cluster);
    if (head === undefined) return { replicas: 0, requirements: undefined };
    const groups = workerGroups(cluster);
    const replicas = 1 + groups.reduce((sum, group) => sum + (numberAt(group, "replicas") ?? 0), 0);
    return { replicas, requirements: largestRequirements(object) };
  },
  /** The head is one of the replicas; the workers share the rest as they did before. */
  reviseReplica(object, replicas) {
    const groups = workerGroups(clusterOf(object));
    if (groups.length === 0) return object;
    const shares = divided(
      groups.map((group) => numberAt(group, "replicas") ?? 0),
      Math.max(0, replicas - 1),
    );
    const revised = groups.map((group, index) => ({ ...group, replicas: shares[index] ?? 0 }));
    return withField(object, ["spec", "rayClusterConfig", "workerGroupSpecs"], revised);
  },
  getDependencies(object) {
    return dependenciesOfAll(rayPods(clusterOf(object)), object.metadata.namespace);
  },
  aggregateStatus(object, items = []) {
    const only = soleStatus(items);
    if (only !== undefined) return withStatus(object, only);
    const statuses = memberStatuses(items);
    if (statuses.length === 0) return withoutStatus(object);
    const conditions = statuses.flatMap((status) => records(status["conditions"]));
    const observed = Math.max(...statuses.map((status) => count(status, "observedGeneration")));
    return withStatus(object, {
      ...(conditions.length === 0 ? {} : { conditions }),
      ...sums(statuses, { unlessZero: ["numServeEndpoints"] }),
      ...timeOf(statuses, "lastUpdateTime", latest),
      ...(observed === 0 ? {} : { observedGeneration: observed }),
      ...(statuses.every((status) => text(status, "serviceStatus") !== "") ? { serviceStatus: "Running" } : {}),
      ...activeService(statuses),
      ...firstRecord(statuses, "pendingServiceStatus"),
    });
  },
  interpretHealth: (object) => conditionHolds(statusOf(object), "Ready"),
});

function clusterOf(object: KubeObject): unknown {
  return fieldOf(object, "spec", "rayClusterConfig");
}

/** Of the head, but no less CPU and memory than any worker asks for. */
function largestRequirements(object: KubeObject): ReplicaInfo["requirements"] {
  const all = rayPods(clusterOf(object)).map(podRequirements);
  const [head] = all;
  const amounts = all.map((requirements) => requirements?.resourceRequest ?? {});
  const raised = ["cpu", "memory"].flatMap((name) => {
    const largest = amounts.map((each) => textOr(each[name])).reduce<string | undefined>(largerAmount, undefined);
    return largest === undefined ? [] : [[name, largest] as const];
  });
  if (raised.length === 0) return head;
  return { ...head, resourceRequest: { ...head?.resourceRequest, ...Object.fromEntries(raised) } };
}

function textOr(amount: string | number | undefined): string | undefined {
  return amount === undefined ? undefined : String(amount);
}

/** `workers` in the proportion of `before`; evenly where there were none. */
function divided(before: readonly number[], workers: number): readonly number[] {
  const total = before.reduce((sum, each) => sum + each, 0);
  if (total === 0) {
    const [each, rest] = [Math.floor(workers / before.length), workers % before.length];
    return before.map((_, index) => each + (index < rest ? 1 : 0));
  }
  let left = workers;
  return before.map((own, index) => {
    const share = index === before.length - 1 ? left : Math.min(left, Math.floor((workers * own) / total + 0.5));
    left -= share;
    return share;
  });
}

/** The first member's, with each application as it is where it is worst. */
function activeService(statuses: readonly MemberStatus[]): MemberStatus {
  const found = firstRecord(statuses, "activeServiceStatus");
  const first = found["activeServiceStatus"];
  if (!isRecord(first)) return {};
  const byName = new Map<string, MemberStatus[]>();
  for (const status of statuses) {
    const applications = fieldOf(status, "activeServiceStatus", "applicationStatuses");
    for (const [name, application] of Object.entries(isRecord(applications) ? applications : {})) {
      if (isRecord(application)) byName.set(name, [...(byName.get(name) ?? []), application]);
    }
  }
  if (byName.size === 0) return found;
  const applicationStatuses = Object.fromEntries([...byName].map(([name, all]) => [name, worstOf(all)]));
  return { activeServiceStatus: { ...first, applicationStatuses } };
}

function worstOf(applications: readonly MemberStatus[]): MemberStatus {
  const state = worst(
    applications.map((application) => text(application, "status")),
    applicationOrder,
  );
  return applications.find((application) => text(application, "status") === state) ?? {};
}

function firstRecord(statuses: readonly MemberStatus[], name: string): MemberStatus {
  const found = statuses.find((status) => isRecord(status[name]));
  return found === undefined ? {} : { [name]: found[name] };
}

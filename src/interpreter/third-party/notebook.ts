// kubeflow.org/v1 Notebook: one pod.
import { fieldOf, isRecord } from "#machinery/guards.ts";
import { formatTime } from "#std/time.ts";
import { interpretationOf } from "../interpretation.ts";
import { count, type MemberStatus, memberStatuses, soleStatus, text, withStatus } from "../native/member-status.ts";
import { podRequirements } from "../native/pod-requirements.ts";
import { latest } from "../native/times.ts";
import { podSpecAt, records, statusOf, textAt } from "./reading.ts";
import { statusHooks, withoutStatus } from "./status.ts";

const failedReasons = ["Error", "OOMKilled", "ContainerCannotRun"];

export const notebook = interpretationOf("kubeflow.org/v1", "Notebook", {
  getReplicas: (object) => ({
    replicas: 1,
    requirements: podRequirements(podSpecAt(object, "spec", "template", "spec")),
  }),
  reflectStatus(object) {
    const reflected = reflectFields(object);
    return reflected === undefined ? undefined : { readyReplicas: 0, ...reflected };
  },
  aggregateStatus(object, items = [], now) {
    const only = soleStatus(items);
    if (only !== undefined) return withStatus(object, only);
    const statuses = memberStatuses(items);
    if (items.length === 0) return withoutStatus(object);
    const failed = items.filter(({ status }) => !isRecord(fieldOf(status, "containerState", "running")));
    const own = statusOf(object) ?? {};
    return withStatus(object, {
      readyReplicas: statuses.reduce((sum, status) => sum + count(status, "readyReplicas"), 0),
      ...(failed.length > 0
        ? {
            containerState: stateOf(failed.at(-1)?.status) ?? { waiting: { reason: "Unschedulable" } },
            conditions: [condition(own, now, failedVerdict(failed.map(({ clusterName }) => clusterName)))],
          }
        : { containerState: newestRun(statuses), conditions: [condition(own, now, readyVerdict)] }),
    });
  },
  interpretHealth(object) {
    const state = stateOf(statusOf(object)) ?? {};
    if (isRecord(state["running"])) return true;
    if (isRecord(state["waiting"])) return textAt(state, "waiting", "reason") === "ContainerCreating";
    const { terminated } = state;
    if (!isRecord(terminated)) return false;
    return !failedReasons.includes(text(terminated, "reason")) && count(terminated, "exitCode") === 0;
  },
});

const reflectFields = statusHooks({ reflectedOnly: ["readyReplicas", "containerState", "conditions"] }).reflectStatus;

interface Verdict {
  readonly type: string;
  readonly status: "True";
  readonly reason: string;
  readonly message: string;
}

const readyVerdict: Verdict = { type: "Ready", status: "True", reason: "Ready", message: "All notebooks are ready" };

function failedVerdict(clusters: readonly string[]): Verdict {
  const message = `Notebook executed failed in member clusters: ${clusters.join(", ")}`;
  return { type: "Failed", status: "True", reason: "NotebookFailed", message };
}

/** With the time at which it was said first, so that saying it again changes nothing. */
function condition(own: MemberStatus, now: number, verdict: Verdict): MemberStatus {
  const said = records(own["conditions"]).find(
    (each) => each["type"] === verdict.type && each["message"] === verdict.message,
  );
  return said ?? { ...verdict, lastTransitionTime: formatTime(now) };
}

function stateOf(status: unknown): MemberStatus | undefined {
  const state = fieldOf(status, "containerState");
  return isRecord(state) && Object.keys(state).length > 0 ? state : undefined;
}

/** The state of the container that was started last. */
function newestRun(statuses: readonly MemberStatus[]): MemberStatus {
  const starts = statuses.map((status) => textAt(status, "containerState", "running", "startedAt") ?? "");
  const startedAt = latest(starts.filter((time) => time !== ""));
  return { running: startedAt === undefined ? {} : { startedAt } };
}

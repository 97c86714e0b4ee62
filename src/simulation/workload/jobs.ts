// The jobs of a simulated user: of a kind that a definition brings, each with the id of its run in its status.
import type { CustomResourceDefinition } from "#api/kinds.ts";
import type { Draft } from "#client/client.ts";
import { fieldOf, isString } from "#machinery/guards.ts";
import type { Kind, KubeObject } from "#machinery/object.ts";

/** One that Karmada knows the status and the health of. */
export const Job: Kind = {
  group: "flink.apache.org",
  version: "v1beta1",
  kind: "FlinkDeployment",
  plural: "flinkdeployments",
  singular: "flinkdeployment",
  listKind: "FlinkDeploymentList",
  namespaced: true,
  shortNames: [],
  categories: [],
};

const anything = { type: "object" as const, "x-kubernetes-preserve-unknown-fields": true };

export const jobDefinition: Draft<CustomResourceDefinition> = {
  metadata: { name: `${Job.plural}.${Job.group}` },
  spec: {
    group: Job.group,
    scope: "Namespaced",
    names: { kind: Job.kind, plural: Job.plural, singular: Job.singular, listKind: Job.listKind },
    versions: [
      {
        ...{ name: Job.version, served: true, storage: true, subresources: { status: {} } },
        schema: { openAPIV3Schema: { type: "object", properties: { spec: anything, status: anything } } },
      },
    ],
  },
};

/** Where the id of a run is, for a policy to read. */
export const runIdPath = "{ .jobStatus.jobID }";

export function jobStatusOf(id: string, isReady: boolean): Readonly<Record<string, unknown>> {
  return { jobStatus: { jobID: id, state: isReady ? "RUNNING" : "RECONCILING" } };
}

/** The run that a job is in; undefined before its first. */
export function runIdOf(job: KubeObject): string | undefined {
  const id = fieldOf(job, "status", "jobStatus", "jobID");
  return isString(id) ? id : undefined;
}

export function isRunning(job: KubeObject): boolean {
  return fieldOf(job, "status", "jobStatus", "state") === "RUNNING";
}

// Creates and deletes pods for their owners, with the events and expectations that go with it.
// Upstream: kubernetes pkg/controller/controller_utils.go (RealPodControl, slowStartBatch).
import { Pod } from "#api/kinds.ts";
import type { Draft } from "#client/client.ts";
import { ApiError, errorText, isApiError } from "#machinery/api-error.ts";
import type { KubeObject } from "#machinery/object.ts";
import type { ControllerContext } from "#runtime/index.ts";
import type { Expectations } from "./expectations.ts";

/** What kept pods from being created or deleted. */
export interface PodFailure {
  readonly reason: "FailedCreate" | "FailedDelete";
  readonly message: string;
  readonly cause: unknown;
}

/** Creates in batches of 1, 2, 4, …: what fails for one pod will fail for the others too. */
export async function createPods(
  owner: KubeObject,
  drafts: readonly Draft<Pod>[],
  expectations: Expectations,
  { client, clock, events, signal }: ControllerContext,
): Promise<PodFailure | undefined> {
  let from = 0;
  try {
    for (let batch = 1; from < drafts.length; batch *= 2) {
      const some = drafts.slice(from, from + batch);
      const results = await Promise.allSettled(some.map((draft) => client.create(Pod, draft, { signal })));
      for (const result of results) {
        if (result.status === "rejected") continue;
        const { name, uid = "" } = result.value.metadata;
        expectations.created(owner.metadata, uid, clock.monotonic());
        events.event(owner, "Normal", "SuccessfulCreate", `Created pod: ${name}`);
      }
      for (const result of results) if (result.status === "rejected") throw result.reason;
      from += some.length;
    }
  } catch (error) {
    if (isTerminatingNamespace(error)) return undefined;
    events.event(owner, "Warning", "FailedCreate", `Error creating: ${errorText(error)}`);
    return { reason: "FailedCreate", message: errorText(error), cause: error };
  }
  return undefined;
}

/** Deletes pods; those that have gone already are no failure. */
export async function deletePods(
  owner: KubeObject,
  pods: readonly Pod[],
  expectations: Expectations,
  { client, clock, events, signal }: ControllerContext,
): Promise<PodFailure | undefined> {
  try {
    for (const { metadata } of pods) {
      const { name, namespace, uid = "" } = metadata;
      expectations.deleted(owner.metadata, uid, clock.monotonic());
      try {
        await client.delete(Pod, { namespace, name }, { preconditions: { uid }, signal });
      } catch (error) {
        if (!isApiError(error, "NotFound", "Conflict")) throw error;
      }
      events.event(owner, "Normal", "SuccessfulDelete", `Deleted pod: ${name}`);
    }
  } catch (error) {
    events.event(owner, "Warning", "FailedDelete", `Error deleting: ${errorText(error)}`);
    return { reason: "FailedDelete", message: errorText(error), cause: error };
  }
  return undefined;
}

function isTerminatingNamespace(error: unknown): boolean {
  return (
    error instanceof ApiError && (error.details?.causes ?? []).some(({ reason }) => reason === "NamespaceTerminating")
  );
}

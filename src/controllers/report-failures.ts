// Writes the condition that tells what fails of an object into its status.
import type { Kind, KubeObject } from "#machinery/object.ts";
import type { Condition } from "#machinery/conditions.ts";
import type { ControllerContext } from "#runtime/controller.ts";
import type { RecentWrites } from "#runtime/recent-writes.ts";
import { mutate } from "./commit.ts";
import { type FailureReport, withReports } from "./failure-condition.ts";

interface Conditioned extends KubeObject {
  readonly status?: { readonly conditions?: readonly Condition[] };
}

export interface FailureReporter extends Pick<ControllerContext, "client" | "clock" | "informers" | "signal"> {
  readonly writes: RecentWrites;
}

/** Nothing is written where the object says so already. Conditions have several writers, so it is done under the lock. */
export async function reportFailures<T extends Conditioned>(
  kind: Kind<T>,
  cached: T,
  reports: readonly FailureReport[],
  { client, clock, informers, signal, writes }: FailureReporter,
): Promise<void> {
  const object = writes.latest(informers.for(kind), cached.metadata) ?? cached;
  const change = (current: T): T => {
    const before = current.status?.conditions;
    const conditions = withReports(before, reports, clock.now());
    if (conditions === undefined || conditions === before) return current;
    return { ...current, status: { ...current.status, conditions } };
  };
  if (change(object) === object) return;
  const written = await mutate(client, kind, object, change, { signal, subresource: "status" });
  if (written !== undefined) writes.remember(informers.for(kind), written);
}

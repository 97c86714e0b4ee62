// Writes the ControllerRevisions of an owner. Decides in ./revisions.ts.
import { ControllerRevision } from "#api/kinds.ts";
import { isApiError } from "#machinery/api-error.ts";
import type { ControllerContext } from "#runtime/index.ts";
import type { RevisionPlan } from "./revisions.ts";

/** Creates or renumbers; `surplus` go. */
export async function writeRevisions(
  plan: RevisionPlan,
  surplus: readonly ControllerRevision[],
  { client, signal }: ControllerContext,
): Promise<void> {
  if (plan.create !== undefined) {
    try {
      await client.create(ControllerRevision, plan.create, { signal });
    } catch (error) {
      // The informer has not shown it yet.
      if (!isApiError(error, "AlreadyExists")) throw error;
    }
  }
  if (plan.renumber !== undefined) {
    const { name, namespace } = plan.renumber.revision.metadata;
    const patch = { revision: plan.renumber.number };
    await client.patch(ControllerRevision, { name, namespace }, { type: "merge", patch }, { signal });
  }
  for (const { metadata } of surplus) {
    try {
      await client.delete(ControllerRevision, { name: metadata.name, namespace: metadata.namespace }, { signal });
    } catch (error) {
      if (!isApiError(error, "NotFound")) throw error;
    }
  }
}

// Writes a Work if it is missing or differs. Works of bindings and of namespaces are written alike.
// Upstream: karmada pkg/controllers/ctrlutil/work.go (CreateOrUpdateWork).
import { executionNamespace, workName } from "#api/karmada-names.ts";
import { Work } from "#api/work/work.ts";
import { isApiError } from "#machinery/api-error.ts";
import { deepEqual } from "#machinery/equality.ts";
import { refKey } from "#machinery/object.ts";
import type { ControllerContext } from "#runtime/controller.ts";
import type { RecentWrites } from "#runtime/recent-writes.ts";
import { conflictsMax, createOrFind } from "../commit.ts";
import { buildWork, type WorkInput } from "./build-work.ts";

export interface WorkWriter extends ControllerContext {
  readonly writes: RecentWrites;
}

/** Whether the Work had to be written. */
export async function writeWork(input: WorkInput, { client, informers, signal, writes }: WorkWriter): Promise<boolean> {
  const { kind, metadata } = input.manifest;
  const ref = {
    namespace: executionNamespace(input.cluster),
    name: workName(kind, metadata.name, metadata.namespace),
  };
  const key = refKey(ref);
  const works = informers.for(Work);
  let existing = writes.latest(works, ref);
  if (existing === undefined) {
    const { object, created } = await createOrFind(client, Work, buildWork(input, undefined), signal);
    writes.remember(works, object);
    if (created) return true;
    existing = object;
  }
  for (let conflicts = 0; ; conflicts++) {
    if (existing.metadata.deletionTimestamp !== undefined) throw new Error(`work ${key} is being deleted`);
    const desired: Work = buildWork(input, existing);
    if (deepEqual(desired, existing)) return false;
    try {
      // Whole, not as a patch: what is null in a manifest must arrive as null.
      writes.remember(works, await client.update(Work, desired, { signal }));
      return true;
    } catch (error) {
      if (!isApiError(error, "Conflict") || conflicts === conflictsMax) throw error;
      writes.forget(works, ref);
      existing = await client.get(Work, ref, { signal });
    }
  }
}

// What a Work says of its objects in the member. Pure.
// Upstream: karmada pkg/controllers/status/work_status_controller.go.
import type { ManifestStatus, ResourceHealth, Work } from "#api/work/work.ts";
import { deepEqual } from "#machinery/equality.ts";
import { type KubeObject, parseApiVersion } from "#machinery/object.ts";
import { defined } from "#std/defined.ts";

/**
 * What was found of one manifest's object. Undefined: nothing, so what was known of it stays, for a while. A status that is
 * left out could not be told: the one that was known stays.
 */
export type Finding =
  { readonly status?: ManifestStatus["status"] | undefined; readonly health: ResourceHealth } | undefined;

/**
 * The statuses with the findings (one per manifest) laid over them, or undefined where they say the same. `isGone`: what was
 * not found has been missing for long, so that nothing is known of it any more.
 */
export function reportFindings(
  work: Work,
  findings: readonly Finding[],
  isGone = false,
): readonly ManifestStatus[] | undefined {
  const manifests = work.spec.workload?.manifests ?? [];
  const current = work.status?.manifestStatuses ?? [];
  const reported = manifests.flatMap((manifest, ordinal) => {
    const finding = findings[ordinal];
    const identifier = identifierOf(manifest, ordinal);
    const known = current.find((status) => deepEqual(status.identifier, identifier));
    if (finding !== undefined) {
      const status = "status" in finding ? finding.status : known?.status;
      return [defined({ identifier, status, health: finding.health })];
    }
    if (known === undefined) return [];
    return [isGone ? { identifier, health: "Unknown" as const } : known];
  });
  return deepEqual(reported, current) ? undefined : reported;
}

/** `resource` is always there and always empty, as upstream. */
function identifierOf(manifest: KubeObject, ordinal: number): ManifestStatus["identifier"] {
  const { group, version } = parseApiVersion(manifest.apiVersion);
  const { kind, metadata } = manifest;
  return defined({
    ordinal,
    group: group === "" ? undefined : group,
    version,
    kind,
    resource: "",
    namespace: metadata.namespace,
    name: metadata.name,
  });
}

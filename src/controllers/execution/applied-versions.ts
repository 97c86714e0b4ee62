// Which version of a member object was last found or made right, and for which state of its Work. Tells our own changes
// from others', and spares a write where neither the object nor the Work has changed since. In memory only: after a
// restart everything is looked at once. Upstream: karmada pkg/util/objectwatcher/objectwatcher.go (VersionRecord).
import type { Work } from "#api/work/work.ts";
import { apiVersionOf, type GroupVersionKind, type KubeObject, type ObjectRef, refKey } from "#machinery/object.ts";

interface Version {
  readonly resourceVersion: string;
  readonly uid: string;
  readonly work: string;
}

export class AppliedVersions {
  readonly #clusters = new Map<string, Map<string, Version>>();

  record(cluster: string, kind: GroupVersionKind, object: KubeObject, work: Work): void {
    const versions = this.#clusters.get(cluster) ?? new Map<string, Version>();
    this.#clusters.set(cluster, versions);
    const { uid = "", resourceVersion = "" } = object.metadata;
    versions.set(keyOf(kind, object.metadata), { uid, resourceVersion, work: stateOf(work) });
  }

  /** The recorded resourceVersion, or undefined: never synced since the start. */
  versionOf(cluster: string, kind: GroupVersionKind, ref: ObjectRef): string | undefined {
    return this.#clusters.get(cluster)?.get(keyOf(kind, ref))?.resourceVersion;
  }

  /** Whether object and Work are both as they were when the object was last right. */
  isCurrent(cluster: string, kind: GroupVersionKind, object: KubeObject, work: Work): boolean {
    const version = this.#clusters.get(cluster)?.get(keyOf(kind, object.metadata));
    const { uid, resourceVersion } = object.metadata;
    return version?.uid === uid && version?.resourceVersion === resourceVersion && version?.work === stateOf(work);
  }

  forget(cluster: string, kind: GroupVersionKind, ref: ObjectRef): void {
    this.#clusters.get(cluster)?.delete(keyOf(kind, ref));
  }

  /** The member may be another one now. */
  forgetCluster(cluster: string): void {
    this.#clusters.delete(cluster);
  }
}

function keyOf(kind: GroupVersionKind, ref: ObjectRef): string {
  return `${apiVersionOf(kind)}/${kind.kind}/${refKey(ref)}`;
}

function stateOf({ metadata }: Work): string {
  return `${metadata.uid ?? ""}/${metadata.generation ?? 0}`;
}

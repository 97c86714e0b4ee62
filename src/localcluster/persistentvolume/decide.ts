// Claims without disks: which volume a claim is bound to, and what a volume made for it looks like. Nothing is stored.
// Upstream: kubernetes pkg/controller/volume/persistentvolume/{pv_controller,index}.go.
import type { PersistentVolume, PersistentVolumeClaim } from "#api/kinds.ts";
import { compareQuantities, parseQuantity } from "#machinery/quantity.ts";

/** On volumes that were made for a claim: they go with it. */
const provisionedBy = "pv.kubernetes.io/provisioned-by";
const provisioner = "localcluster.karmada.io/simulated";

export type ClaimStep =
  | { readonly kind: "bind"; readonly volume: PersistentVolume }
  | { readonly kind: "provision"; readonly volume: Pick<PersistentVolume, "metadata" | "spec"> }
  | { readonly kind: "wait" };

/** What becomes of a claim that is not bound yet. `volumes` are all that there are. */
export function claimStep(claim: PersistentVolumeClaim, volumes: readonly PersistentVolume[]): ClaimStep {
  const { volumeName = "", storageClassName, selector } = claim.spec;
  const fitting = volumes
    .filter(
      (volume) =>
        isFree(volume, claim) && (volumeName === "" ? fits(volume, claim) : volume.metadata.name === volumeName),
    )
    .toSorted((left, right) => compareQuantities(sizeOf(left), sizeOf(right)));
  const [best] = fitting;
  if (best !== undefined) return { kind: "bind", volume: best };
  // Who names a volume, a selector or the class "" wants one that somebody else makes.
  const isStatic = volumeName !== "" || storageClassName === "" || selector !== undefined;
  return isStatic ? { kind: "wait" } : { kind: "provision", volume: volumeFor(claim) };
}

/** Is the volume nobody's, or meant for this claim? */
function isFree({ spec, metadata }: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const ref = spec.claimRef;
  if (metadata.deletionTimestamp !== undefined) return false;
  if (ref === undefined) return true;
  const isItsName = ref.namespace === claim.metadata.namespace && ref.name === claim.metadata.name;
  return isItsName && ((ref.uid ?? "") === "" || ref.uid === claim.metadata.uid);
}

function fits(volume: PersistentVolume, { spec }: PersistentVolumeClaim): boolean {
  if ((volume.spec.storageClassName ?? "") !== (spec.storageClassName ?? "")) return false;
  const modes = volume.spec.accessModes ?? [];
  if (!(spec.accessModes ?? []).every((mode) => modes.includes(mode))) return false;
  const labels = Object.entries(spec.selector?.matchLabels ?? {});
  if (!labels.every(([key, value]) => volume.metadata.labels?.[key] === value)) return false;
  return compareQuantities(sizeOf(volume), parseQuantity(spec.resources?.requests?.["storage"] ?? "0")) >= 0;
}

function sizeOf({ spec }: PersistentVolume): ReturnType<typeof parseQuantity> {
  return parseQuantity(spec.capacity?.["storage"] ?? "0");
}

function volumeFor({ metadata, spec }: PersistentVolumeClaim): Pick<PersistentVolume, "metadata" | "spec"> {
  const { name, namespace = "", uid = "" } = metadata;
  return {
    metadata: { name: `pvc-${uid}`, annotations: { [provisionedBy]: provisioner } },
    spec: {
      capacity: { storage: spec.resources?.requests?.["storage"] ?? "1Gi" },
      accessModes: spec.accessModes ?? ["ReadWriteOnce"],
      persistentVolumeReclaimPolicy: "Delete",
      volumeMode: spec.volumeMode ?? "Filesystem",
      ...(spec.storageClassName === undefined ? {} : { storageClassName: spec.storageClassName }),
      hostPath: { path: `/simulated/${uid}` },
      claimRef: { apiVersion: "v1", kind: "PersistentVolumeClaim", name, namespace, uid },
    },
  };
}

/** What becomes of a volume whose claim is not there: one that was made for it goes, another is kept for a person to see. */
export function orphanStep(
  volume: PersistentVolume,
  claim: PersistentVolumeClaim | undefined,
): "keep" | "delete" | "release" {
  const ref = volume.spec.claimRef;
  if (ref === undefined || (ref.uid ?? "") === "" || ref.uid === claim?.metadata.uid) return "keep";
  if (volume.spec.persistentVolumeReclaimPolicy === "Delete") return "delete";
  return volume.status?.phase === "Released" ? "keep" : "release";
}

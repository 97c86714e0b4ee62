// Tables of volumes and what makes them. Upstream: kubernetes pkg/printers/internalversion/printers.go.
import {
  CSIDriver,
  CSINode,
  CSIStorageCapacity,
  PersistentVolume,
  PersistentVolumeClaim,
  StorageClass,
  VolumeAttachment,
  VolumeAttributesClass,
} from "../../generated/kinds.ts";
import type * as types from "../../generated/types.ts";
import { isDefaultStorageClass, storageClassOf } from "../storage-class.ts";
import { none, quantityText, textOr, unset } from "./cells.ts";
import { ageCell, ageColumn, column, definePrinter, type KindPrinter, nameColumn, wideColumn } from "./printer.ts";

const accessModes: readonly (readonly [mode: string, short: string])[] = [
  ["ReadWriteOnce", "RWO"],
  ["ReadOnlyMany", "ROX"],
  ["ReadWriteMany", "RWX"],
  ["ReadWriteOncePod", "RWOP"],
];

const persistentVolumePrinter = definePrinter(
  PersistentVolume,
  [
    nameColumn,
    column("Capacity", "Size of the volume."),
    column("Access Modes", "How it can be mounted."),
    column("Reclaim Policy", "What happens to it when its claim is gone."),
    column("Status", "Phase of the volume."),
    column("Claim", "Who uses it."),
    column("StorageClass", "Its storage class."),
    column("VolumeAttributesClass", "Its volume attributes class."),
    column("Reason", "Why it is in that phase."),
    ageColumn,
    wideColumn("VolumeMode", "Filesystem or Block."),
  ],
  (volume, now) => {
    const { metadata, spec, status } = volume;
    const { claimRef } = spec;
    return [
      metadata.name,
      quantityText(spec.capacity?.["storage"]),
      modesText(spec.accessModes),
      spec.persistentVolumeReclaimPolicy ?? "",
      phaseText(volume),
      claimRef === undefined ? "" : `${claimRef.namespace ?? ""}/${claimRef.name ?? ""}`,
      storageClassOf(volume) ?? "",
      spec.volumeAttributesClassName ?? unset,
      status?.reason ?? "",
      ageCell(volume, now),
      spec.volumeMode ?? unset,
    ];
  },
);

const persistentVolumeClaimPrinter = definePrinter(
  PersistentVolumeClaim,
  [
    nameColumn,
    column("Status", "Phase of the claim."),
    column("Volume", "Volume that it got."),
    column("Capacity", "Size of the volume."),
    column("Access Modes", "How the volume can be mounted."),
    column("StorageClass", "Storage class that it asks for."),
    column("VolumeAttributesClass", "Volume attributes class that it asks for."),
    ageColumn,
    wideColumn("VolumeMode", "Filesystem or Block."),
  ],
  (claim, now) => {
    const { metadata, spec, status } = claim;
    const isBound = spec.volumeName !== undefined && spec.volumeName !== "";
    return [
      metadata.name,
      phaseText(claim),
      spec.volumeName ?? "",
      isBound ? quantityText(status?.capacity?.["storage"]) : "",
      isBound ? modesText(status?.accessModes) : "",
      storageClassOf(claim) ?? "",
      spec.volumeAttributesClassName ?? unset,
      ageCell(claim, now),
      spec.volumeMode ?? unset,
    ];
  },
);

function phaseText({ metadata, status }: types.PersistentVolume | types.PersistentVolumeClaim): string {
  return metadata.deletionTimestamp === undefined ? (status?.phase ?? "") : "Terminating";
}

function modesText(modes: readonly string[] | undefined = []): string {
  return accessModes.flatMap(([mode, short]) => (modes.includes(mode) ? [short] : [])).join(",");
}

const storageClassPrinter = definePrinter(
  StorageClass,
  [
    nameColumn,
    column("Provisioner", "What makes volumes of this class."),
    column("ReclaimPolicy", "What happens to a volume when its claim is gone."),
    column("VolumeBindingMode", "When claims get their volume."),
    column("AllowVolumeExpansion", "Whether volumes can grow."),
    ageColumn,
  ],
  (storageClass, now) => {
    const { name } = storageClass.metadata;
    return [
      isDefaultStorageClass(storageClass) ? `${name} (default)` : name,
      storageClass.provisioner,
      storageClass.reclaimPolicy ?? "Delete",
      storageClass.volumeBindingMode ?? "Immediate",
      storageClass.allowVolumeExpansion ?? false,
      ageCell(storageClass, now),
    ];
  },
);

const volumeAttributesClassPrinter = definePrinter(
  VolumeAttributesClass,
  [nameColumn, column("DriverName", "Driver that knows the attributes."), ageColumn],
  (attributes, now) => [attributes.metadata.name, attributes.driverName, ageCell(attributes, now)],
);

const volumeAttachmentPrinter = definePrinter(
  VolumeAttachment,
  [
    nameColumn,
    column("Attacher", "Driver that attaches the volume."),
    column("PV", "Volume that is attached."),
    column("Node", "Node that it is attached to."),
    column("Attached", "Whether it is.", "boolean"),
    ageColumn,
  ],
  (attachment, now) => {
    const { spec, status } = attachment;
    return [
      attachment.metadata.name,
      spec.attacher,
      spec.source.persistentVolumeName ?? "",
      spec.nodeName,
      status?.attached ?? false,
      ageCell(attachment, now),
    ];
  },
);

const csiDriverPrinter = definePrinter(
  CSIDriver,
  [
    nameColumn,
    column("AttachRequired", "Whether volumes must be attached before they are mounted.", "boolean"),
    column("PodInfoOnMount", "Whether the driver is told of the pod.", "boolean"),
    column("StorageCapacity", "Whether the scheduler looks at the driver's capacity.", "boolean"),
    column("TokenRequests", "Audiences of the tokens that the driver gets."),
    column("RequiresRepublish", "Whether volumes are published again and again.", "boolean"),
    column("Modes", "Life cycles of its volumes."),
    ageColumn,
  ],
  (driver, now) => {
    const { spec } = driver;
    const audiences = (spec.tokenRequests ?? []).map(({ audience }) => audience).join(",");
    return [
      driver.metadata.name,
      spec.attachRequired ?? true,
      spec.podInfoOnMount ?? false,
      spec.storageCapacity ?? false,
      textOr(audiences, unset),
      spec.requiresRepublish ?? false,
      textOr((spec.volumeLifecycleModes ?? []).join(","), none),
      ageCell(driver, now),
    ];
  },
);

const csiNodePrinter = definePrinter(
  CSINode,
  [nameColumn, column("Drivers", "Number of drivers on the node.", "integer"), ageColumn],
  (node, now) => [node.metadata.name, node.spec.drivers.length, ageCell(node, now)],
);

const csiStorageCapacityPrinter = definePrinter(
  CSIStorageCapacity,
  [nameColumn, column("StorageClassName", "Storage class that it is for."), column("Capacity", "What is free.")],
  ({ metadata, storageClassName, capacity }) => [
    metadata.name,
    storageClassName,
    capacity === undefined ? unset : quantityText(capacity),
  ],
);

export const storagePrinters: readonly KindPrinter[] = [
  persistentVolumePrinter,
  persistentVolumeClaimPrinter,
  storageClassPrinter,
  volumeAttributesClassPrinter,
  volumeAttachmentPrinter,
  csiDriverPrinter,
  csiNodePrinter,
  csiStorageCapacityPrinter,
];

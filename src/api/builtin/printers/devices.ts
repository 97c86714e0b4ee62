// Tables of resource.k8s.io. Upstream: kubernetes pkg/printers/internalversion/printers.go (printResourceClaim, …).
import { DeviceClass, ResourceClaimTemplate, ResourceSlice, ResourceV1ResourceClaim } from "../../generated/kinds.ts";
import type * as types from "../../generated/types.ts";
import { ageCell, ageColumn, column, definePrinter, type KindPrinter, nameColumn } from "./printer.ts";

const deviceClassPrinter = definePrinter(DeviceClass, [nameColumn, ageColumn], (deviceClass, now) => [
  deviceClass.metadata.name,
  ageCell(deviceClass, now),
]);

const resourceClaimPrinter = definePrinter(
  ResourceV1ResourceClaim,
  [nameColumn, column("State", "Whether devices are allocated and in use."), ageColumn],
  (claim, now) => [claim.metadata.name, stateText(claim), ageCell(claim, now)],
);

function stateText({ metadata, status }: types.ResourceV1ResourceClaim): string {
  const isDeleted = metadata.deletionTimestamp !== undefined;
  const states = isDeleted ? ["deleted"] : [];
  if (status?.allocation !== undefined) {
    states.push("allocated");
    if ((status.reservedFor ?? []).length > 0) states.push("reserved");
  } else if (!isDeleted) {
    states.push("pending");
  }
  return states.join(",");
}

const resourceClaimTemplatePrinter = definePrinter(ResourceClaimTemplate, [nameColumn, ageColumn], (template, now) => [
  template.metadata.name,
  ageCell(template, now),
]);

const resourceSlicePrinter = definePrinter(
  ResourceSlice,
  [
    nameColumn,
    column("Node", "Node that has the devices."),
    column("Driver", "Driver that manages them."),
    column("Pool", "Pool that they belong to."),
    ageColumn,
  ],
  (slice, now) => [
    slice.metadata.name,
    slice.spec.nodeName ?? "",
    slice.spec.driver,
    slice.spec.pool.name,
    ageCell(slice, now),
  ],
);

export const devicePrinters: readonly KindPrinter[] = [
  deviceClassPrinter,
  resourceClaimPrinter,
  resourceClaimTemplatePrinter,
  resourceSlicePrinter,
];

// The table of nodes. Upstream: kubernetes pkg/printers/internalversion/printers.go (printNode).
import { compareBytes } from "#machinery/json.ts";
import { Node } from "../../generated/kinds.ts";
import type * as types from "../../generated/types.ts";
import { conditionStatus, none, textOr } from "./cells.ts";
import { ageCell, ageColumn, column, definePrinter, type KindPrinter, nameColumn, wideColumn } from "./printer.ts";

const roleLabelPrefix = "node-role.kubernetes.io/";
const roleLabel = "kubernetes.io/role";
const unknown = "<unknown>";

const nodePrinter = definePrinter(
  Node,
  [
    nameColumn,
    column("Status", "Whether the node takes pods."),
    column("Roles", "What the node is there for."),
    ageColumn,
    column("Version", "Version of its kubelet."),
    wideColumn("Internal-IP", "Its address inside the cluster."),
    wideColumn("External-IP", "Its address from outside."),
    wideColumn("OS-Image", "Its operating system."),
    wideColumn("Kernel-Version", "Version of its kernel."),
    wideColumn("Container-Runtime", "What runs containers on it."),
  ],
  (node, now) => {
    const info = node.status?.nodeInfo;
    return [
      node.metadata.name,
      statusText(node),
      rolesText(node.metadata.labels),
      ageCell(node, now),
      info?.kubeletVersion ?? "",
      addressOf(node, "InternalIP"),
      addressOf(node, "ExternalIP"),
      textOr(info?.osImage, unknown),
      textOr(info?.kernelVersion, unknown),
      textOr(info?.containerRuntimeVersion, unknown),
    ];
  },
);

function statusText({ spec, status }: types.Node): string {
  const ready = conditionStatus(status?.conditions, "Ready");
  const text = ready === undefined ? "Unknown" : ready === "True" ? "Ready" : "NotReady";
  return spec?.unschedulable === true ? `${text},SchedulingDisabled` : text;
}

function rolesText(labels: Readonly<Record<string, string>> = {}): string {
  const roles = new Set<string>();
  for (const [key, value] of Object.entries(labels)) {
    if (key.startsWith(roleLabelPrefix)) roles.add(key.slice(roleLabelPrefix.length));
    else if (key === roleLabel) roles.add(value);
  }
  roles.delete("");
  return textOr([...roles].sort(compareBytes).join(","), none);
}

function addressOf({ status }: types.Node, type: string): string {
  return status?.addresses?.find((address) => address.type === type)?.address ?? none;
}

export const nodePrinters: readonly KindPrinter[] = [nodePrinter];

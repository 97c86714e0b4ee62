// Tables of who may do what, and of certificate requests.
// Upstream: kubernetes pkg/printers/internalversion/printers.go (printRoleBinding, printCertificateSigningRequest).
import { humanDuration } from "#machinery/human-duration.ts";
import { CertificateSigningRequest, ClusterRoleBinding, RoleBinding } from "../../generated/kinds.ts";
import type * as types from "../../generated/types.ts";
import { none } from "./cells.ts";
import {
  ageCell,
  ageColumn,
  type Cell,
  column,
  definePrinter,
  type KindPrinter,
  nameColumn,
  wideColumn,
} from "./printer.ts";

const bindingColumns = [
  nameColumn,
  column("Role", "Role that is given."),
  ageColumn,
  wideColumn("Users", "Users that get it."),
  wideColumn("Groups", "Groups that get it."),
  wideColumn("ServiceAccounts", "Service accounts that get it."),
];

const roleBindingPrinter = definePrinter(RoleBinding, bindingColumns, bindingCells);
const clusterRoleBindingPrinter = definePrinter(ClusterRoleBinding, bindingColumns, bindingCells);

function bindingCells(binding: types.RoleBinding | types.ClusterRoleBinding, now: number): readonly Cell[] {
  const { metadata, roleRef, subjects = [] } = binding;
  const named = (kind: string): string =>
    subjects
      .filter((subject) => subject.kind === kind)
      .map(({ namespace = "", name }) => (kind === "ServiceAccount" ? `${namespace}/${name}` : name))
      .join(", ");
  return [
    metadata.name,
    `${roleRef.kind}/${roleRef.name}`,
    ageCell(binding, now),
    named("User"),
    named("Group"),
    named("ServiceAccount"),
  ];
}

const certificateSigningRequestPrinter = definePrinter(
  CertificateSigningRequest,
  [
    nameColumn,
    ageColumn,
    column("SignerName", "Who is asked to sign."),
    column("Requestor", "Who asks."),
    column("RequestedDuration", "How long the certificate should be valid."),
    column("Condition", "Whether it is approved and issued."),
  ],
  (request, now) => {
    const { expirationSeconds, signerName, username } = request.spec;
    return [
      request.metadata.name,
      ageCell(request, now),
      signerName,
      username ?? "",
      expirationSeconds === undefined ? none : humanDuration(expirationSeconds * 1000),
      requestState(request),
    ];
  },
);

function requestState({ status }: types.CertificateSigningRequest): string {
  const has = (type: string): boolean => (status?.conditions ?? []).some((condition) => condition.type === type);
  const decision = has("Denied") ? "Denied" : has("Approved") ? "Approved" : "Pending";
  const isIssued = status?.certificate !== undefined && status.certificate !== "";
  return `${decision}${has("Failed") ? ",Failed" : ""}${isIssued ? ",Issued" : ""}`;
}

export const accessPrinters: readonly KindPrinter[] = [
  roleBindingPrinter,
  clusterRoleBindingPrinter,
  certificateSigningRequestPrinter,
];

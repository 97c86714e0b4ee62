// Tables of small core kinds: namespaces, configuration, identities, quotas.
// Upstream: kubernetes pkg/printers/internalversion/printers.go.
import { compareBytes } from "#machinery/json.ts";
import { ComponentStatus, ConfigMap, Namespace, ResourceQuota, Secret, ServiceAccount } from "../../generated/kinds.ts";
import type * as types from "../../generated/types.ts";
import { quantityText } from "./cells.ts";
import { ageCell, ageColumn, column, definePrinter, type KindPrinter, nameColumn } from "./printer.ts";

const namespacePrinter = definePrinter(
  Namespace,
  [nameColumn, column("Status", "Active, or Terminating while it is deleted."), ageColumn],
  (namespace, now) => [namespace.metadata.name, namespace.status?.phase ?? "", ageCell(namespace, now)],
);

const secretPrinter = definePrinter(
  Secret,
  [nameColumn, column("Type", "What the secret is for."), column("Data", "Number of keys."), ageColumn],
  (secret, now) => [secret.metadata.name, secret.type ?? "", sizeOf(secret.data), ageCell(secret, now)],
);

const configMapPrinter = definePrinter(
  ConfigMap,
  [nameColumn, column("Data", "Number of keys."), ageColumn],
  (map, now) => [map.metadata.name, sizeOf(map.data) + sizeOf(map.binaryData), ageCell(map, now)],
);

const serviceAccountPrinter = definePrinter(
  ServiceAccount,
  [nameColumn, column("Secrets", "Number of secrets that it may use."), ageColumn],
  (account, now) => [account.metadata.name, account.secrets?.length ?? 0, ageCell(account, now)],
);

const resourceQuotaPrinter = definePrinter(
  ResourceQuota,
  [
    nameColumn,
    column("Request", "What is used, of what may be: requests and counts."),
    column("Limit", "What is used, of what may be: limits."),
    ageColumn,
  ],
  (quota, now) => {
    const names = Object.keys(quota.status?.hard ?? {}).sort(compareBytes);
    const isLimit = (name: string): boolean => name.startsWith("limits.");
    return [
      quota.metadata.name,
      usageText(
        quota,
        names.filter((name) => !isLimit(name)),
      ),
      usageText(quota, names.filter(isLimit)),
      ageCell(quota, now),
    ];
  },
);

function usageText({ status }: types.ResourceQuota, names: readonly string[]): string {
  return names
    .map((name) => `${name}: ${quantityText(status?.used?.[name])}/${quantityText(status?.hard?.[name])}`)
    .join(", ");
}

const componentStatusPrinter = definePrinter(
  ComponentStatus,
  [
    nameColumn,
    column("Status", "Healthy, Unhealthy or Unknown."),
    column("Message", "What it says of itself."),
    column("Error", "What went wrong."),
  ],
  ({ metadata, conditions = [] }) => {
    const health = conditions.find(({ type }) => type === "Healthy");
    const status = health?.status === "True" ? "Healthy" : health?.status === "False" ? "Unhealthy" : "Unknown";
    return [metadata.name, status, health?.message ?? "", health?.error ?? ""];
  },
);

function sizeOf(map: Readonly<Record<string, unknown>> | undefined = {}): number {
  return Object.keys(map).length;
}

export const corePrinters: readonly KindPrinter[] = [
  namespacePrinter,
  secretPrinter,
  configMapPrinter,
  serviceAccountPrinter,
  resourceQuotaPrinter,
  componentStatusPrinter,
];

// Which checks a built-in kind has.
import { admissionChecks, apiregistrationChecks } from "./admission.ts";
import { appsChecks } from "./apps.ts";
import { batchChecks } from "./batch.ts";
import { certificatesChecks } from "./certificates.ts";
import { coreChecks } from "./core.ts";
import type { ChecksByKind, KindChecks } from "./kind-checks.ts";
import {
  autoscalingChecks,
  coordinationChecks,
  discoveryChecks,
  networkingChecks,
  policyChecks,
  rbacChecks,
  schedulingChecks,
  storageChecks,
} from "./policies.ts";

const byGroup: Readonly<Record<string, ChecksByKind>> = {
  "": coreChecks,
  apps: appsChecks,
  batch: batchChecks,
  autoscaling: autoscalingChecks,
  policy: policyChecks,
  "networking.k8s.io": networkingChecks,
  "rbac.authorization.k8s.io": rbacChecks,
  "coordination.k8s.io": coordinationChecks,
  "discovery.k8s.io": discoveryChecks,
  "scheduling.k8s.io": schedulingChecks,
  "storage.k8s.io": storageChecks,
  "certificates.k8s.io": certificatesChecks,
  "admissionregistration.k8s.io": admissionChecks,
  "apiregistration.k8s.io": apiregistrationChecks,
};

/** The checks of a kind; most of the smaller ones have none beyond their schema's. */
export function checksOf(kind: { readonly group: string; readonly kind: string }): KindChecks {
  return byGroup[kind.group]?.[kind.kind] ?? {};
}

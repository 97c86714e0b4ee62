// Which defaults a built-in kind has. They run after the defaults of its schema, at every decode.
import type { Defaults } from "../access.ts";
import { appsDefaults } from "./apps.ts";
import { autoscalingV1Defaults, autoscalingV2Defaults } from "./autoscaling.ts";
import { batchDefaults } from "./batch.ts";
import { coreDefaults } from "./core.ts";
import {
  admissionDefaults,
  apiregistrationDefaults,
  discoveryDefaults,
  flowcontrolDefaults,
  networkingDefaults,
  rbacDefaults,
  resourceDefaults,
  schedulingDefaults,
  storageDefaults,
} from "./policies.ts";

const byGroupVersion: Readonly<Record<string, Readonly<Record<string, Defaults>>>> = {
  "/v1": coreDefaults,
  "apps/v1": appsDefaults,
  "batch/v1": batchDefaults,
  "autoscaling/v1": autoscalingV1Defaults,
  "autoscaling/v2": autoscalingV2Defaults,
  "networking.k8s.io/v1": networkingDefaults,
  "rbac.authorization.k8s.io/v1": rbacDefaults,
  "admissionregistration.k8s.io/v1": admissionDefaults,
  "storage.k8s.io/v1": storageDefaults,
  "scheduling.k8s.io/v1": schedulingDefaults,
  "discovery.k8s.io/v1": discoveryDefaults,
  "flowcontrol.apiserver.k8s.io/v1": flowcontrolDefaults,
  "resource.k8s.io/v1": resourceDefaults,
  "apiregistration.k8s.io/v1": apiregistrationDefaults,
};

/** The defaults of a kind; none: nothing to do. */
export function defaultsOf(kind: {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}): Defaults {
  return byGroupVersion[`${kind.group}/${kind.version}`]?.[kind.kind] ?? nothing;
}

function nothing(): void {
  // The kind has no defaults beyond its schema's.
}

// The controllers that every cluster has, the control plane and its members alike.
// Upstream: kubernetes cmd/kube-controller-manager/app/controllermanager.go.
import type { KeyPair } from "#install/certificates.ts";
import type { Controller } from "#runtime/controller.ts";
import { admissionPolicyStatus } from "./admission-policy-status/controller.ts";
import { bootstrapSigner, tokenCleaner } from "./bootstrap-tokens/controller.ts";
import { certificateSigning } from "./certificate-signing/controller.ts";
import { clusterRoleAggregation } from "./cluster-role-aggregation/controller.ts";
import { garbageCollector } from "./garbage-collector/controller.ts";
import { namespaceController } from "./namespace/controller.ts";
import { resourceQuotas } from "./resource-quota/controller.ts";
import { rootCaPublisher } from "./root-ca/controller.ts";
import { defaultServiceAccount } from "./service-account/controller.ts";
import { serviceAccountTokens } from "./service-account-token/controller.ts";
import { ttlAfterFinished } from "./ttl-after-finished/controller.ts";

export interface KubeControllersOptions {
  /** Behind the server's certificate, and those of its clients. */
  readonly authority: KeyPair;
}

/** To be run by one manager beside the cluster's API server. */
export function kubeControllers({ authority }: KubeControllersOptions): readonly Controller[] {
  return [
    garbageCollector(),
    namespaceController(),
    defaultServiceAccount,
    serviceAccountTokens(authority.certificate),
    rootCaPublisher(authority.certificate),
    clusterRoleAggregation,
    certificateSigning(authority),
    bootstrapSigner,
    tokenCleaner,
    ttlAfterFinished,
    resourceQuotas(),
    admissionPolicyStatus,
  ];
}

// The controllers that every cluster has, the control plane and its members alike.
// Upstream: kubernetes cmd/kube-controller-manager/app/controllermanager.go.
import type { Controller } from "#runtime/controller.ts";
import { garbageCollector } from "./garbage-collector/controller.ts";
import { namespaceController } from "./namespace/controller.ts";
import { rootCaPublisher } from "./root-ca/controller.ts";
import { defaultServiceAccount } from "./service-account/controller.ts";
import { serviceAccountTokens } from "./service-account-token/controller.ts";

export interface KubeControllersOptions {
  /** PEM of the authority behind the server's certificate. */
  readonly authority: string;
}

/** To be run by one manager beside the cluster's API server. */
export function kubeControllers({ authority }: KubeControllersOptions): readonly Controller[] {
  return [
    garbageCollector(),
    namespaceController(),
    defaultServiceAccount,
    serviceAccountTokens(authority),
    rootCaPublisher(authority),
  ];
}

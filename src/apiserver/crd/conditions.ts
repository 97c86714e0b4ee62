// The conditions of a CustomResourceDefinition.
// Upstream: k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/helpers.go.
import type { CustomResourceDefinition } from "#api/kinds.ts";
import { isConditionTrue } from "#machinery/conditions.ts";

export type CrdCondition = NonNullable<NonNullable<CustomResourceDefinition["status"]>["conditions"]>[number];

/** A condition without its time. */
export type CrdVerdict = Pick<CrdCondition, "status" | "reason" | "message">;

export const namesAccepted = "NamesAccepted";
export const established = "Established";
export const terminating = "Terminating";
export const apiApproved = "KubernetesAPIApprovalPolicyConformant";

/** Deletion of the definition waits for this one, which the controller takes away when all its objects are gone. */
export const cleanupFinalizer = "customresourcecleanup.apiextensions.k8s.io";

/** Whether the definition's condition is True. */
export function hasCondition(crd: CustomResourceDefinition, type: string): boolean {
  return isConditionTrue(crd.status?.conditions, type);
}

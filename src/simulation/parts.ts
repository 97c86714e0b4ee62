// The parts of a simulated world, by name.

/** The processes of the control plane that can crash, beside the servers. The first two stand for the same Lease. */
export const componentNames = [
  "controller-manager-a",
  "controller-manager-b",
  "scheduler",
  "kube-controller-manager",
] as const;
export type ComponentName = (typeof componentNames)[number];

export const controlPlane = "karmada";

/** The Lease of the controller managers. */
export const lease = { namespace: "karmada-system", name: "karmada-controller-manager" } as const;

/** Whether the component may write only while it holds the Lease. */
export function needsLease(component: string): boolean {
  return component.startsWith("controller-manager-");
}

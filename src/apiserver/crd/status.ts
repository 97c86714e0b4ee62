// The whole status that a CustomResourceDefinition should have now. Pure.
// Upstream: k8s.io/apiextensions-apiserver/pkg/controller/{status,establish,apiapproval}.
import type { CustomResourceDefinition } from "#api/kinds.ts";
import { setCondition } from "#machinery/conditions.ts";
import { apiApproved, type CrdCondition, type CrdVerdict, established, namesAccepted } from "./conditions.ts";
import { type CrdNames, decideNames } from "./names.ts";

export interface CrdStatus {
  readonly conditions: readonly CrdCondition[];
  readonly acceptedNames: CrdNames;
  readonly storedVersions: readonly string[];
}

const approvalAnnotation = "api-approved.kubernetes.io";

/** The status of `crd` with names and conditions judged anew. `now` in milliseconds. */
export function nextCrdStatus(
  crd: CustomResourceDefinition,
  others: Iterable<CustomResourceDefinition>,
  now: number,
): CrdStatus {
  const decision = decideNames(crd, others);
  let conditions: readonly CrdCondition[] = crd.status?.conditions ?? [];
  conditions = setCondition(conditions, { type: namesAccepted, ...decision.namesAccepted }, now);
  if (decision.established !== undefined)
    conditions = setCondition(conditions, { type: established, ...decision.established }, now);
  const approval = judgeApproval(crd);
  if (approval !== undefined) conditions = setCondition(conditions, { type: apiApproved, ...approval }, now);
  return { conditions, acceptedNames: decision.acceptedNames, storedVersions: withStorageVersion(crd) };
}

/** status.storedVersions with the present storage version in it. */
export function withStorageVersion(crd: CustomResourceDefinition): readonly string[] {
  const stored = crd.status?.storedVersions ?? [];
  const present = crd.spec.versions.find((version) => version.storage)?.name;
  return present === undefined || stored.includes(present) ? stored : [...stored, present];
}

/** Groups that belong to the Kubernetes community. */
export function isProtectedGroup(group: string): boolean {
  return /(^|\.)(k8s|kubernetes)\.io$/.test(group);
}

/** Whether a definition of a community group carries its approval; undefined for other groups. */
function judgeApproval(crd: CustomResourceDefinition): CrdVerdict | undefined {
  if (!isProtectedGroup(crd.spec.group)) return undefined;
  const value = crd.metadata.annotations?.[approvalAnnotation] ?? "";
  switch (approvalOf(value)) {
    case "missing": {
      const message = `protected groups must have approval annotation "${approvalAnnotation}", see https://github.com/kubernetes/enhancements/pull/1111`;
      return { status: "False", reason: "MissingAnnotation", message };
    }
    case "unapproved":
      return { status: "False", reason: "UnapprovedAnnotation", message: `not approved: ${JSON.stringify(value)}` };
    case "approved":
      return { status: "True", reason: "ApprovedAnnotation", message: `approved in ${value}` };
    case "malformed": {
      const message = `protected groups must have approval annotation "${approvalAnnotation}" with either a URL or a reason starting with "unapproved", see https://github.com/kubernetes/enhancements/pull/1111`;
      return { status: "False", reason: "InvalidAnnotation", message };
    }
  }
}

/** What the approval annotation says: a URL approves, "unapproved…" says that nobody has. */
export function approvalOf(value: string): "missing" | "unapproved" | "approved" | "malformed" {
  if (value === "") return "missing";
  if (value.startsWith("unapproved")) return "unapproved";
  const url = URL.canParse(value) ? new URL(value) : undefined;
  return url !== undefined && url.host !== "" ? "approved" : "malformed";
}

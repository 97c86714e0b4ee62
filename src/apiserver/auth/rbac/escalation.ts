// Nobody grants what they do not hold: roles and bindings are checked against the rules of who writes them.
// Upstream: kubernetes pkg/registry/rbac/{role,clusterrole,rolebinding,clusterrolebinding}/policybased/storage.go.
import { childOf, itemsOf, textOf, textsOf } from "#api/builtin/access.ts";
import type { AdmissionPlugin, AdmissionRequest, MutableObject } from "#machinery/admission.ts";
import { ApiError } from "#machinery/api-error.ts";
import { deepEqual } from "#machinery/equality.ts";
import { refusedWrite } from "../../admission/refused-write.ts";
import type { Authorizer } from "../authorizer.ts";
import { groupMasters } from "../users.ts";
import { missingRules, ruleTexts } from "./covers.ts";
import { type PolicyRule, type RbacSource, rulesOf } from "./decide.ts";

const rbacGroup = "rbac.authorization.k8s.io";
const everything: readonly PolicyRule[] = [
  { verbs: ["*"], apiGroups: ["*"], resources: ["*"] },
  { verbs: ["*"], nonResourceURLs: ["*"] },
];

export interface EscalationOptions {
  readonly source: RbacSource;
  readonly authorize: Authorizer;
}

/** Members of `system:masters` may grant everything. */
export function escalationCheck(options: EscalationOptions): AdmissionPlugin {
  return {
    name: "RBACEscalation",
    async validate(request) {
      const { kind, object, operation, user } = request;
      if (kind.group !== rbacGroup || object === undefined || (operation !== "CREATE" && operation !== "UPDATE"))
        return;
      if (user.groups.includes(groupMasters)) return;
      if (kind.kind === "Role" || kind.kind === "ClusterRole") await checkRole(request, object, options);
      else await checkBinding(request, object, options);
    },
  };
}

async function checkRole(
  request: AdmissionRequest,
  object: MutableObject,
  { source, authorize }: EscalationOptions,
): Promise<void> {
  if (keeps(request, object, ["rules", "aggregationRule"])) return;
  if (await may("escalate", request, { resource: request.kind.plural, name: request.name }, authorize)) return;
  const held = rulesOf(request.user, request.namespace ?? "", source);
  if (object["aggregationRule"] !== undefined && missingRules(held, everything).length > 0) {
    throw forbidden(request, "must have cluster-admin privileges to use the aggregationRule");
  }
  refuseMissing(request, missingRules(held, rulesIn(object)));
}

async function checkBinding(
  request: AdmissionRequest,
  object: MutableObject,
  { source, authorize }: EscalationOptions,
): Promise<void> {
  if (keeps(request, object, ["roleRef", "subjects"])) return;
  const reference = childOf(object, "roleRef");
  const name = textOf(reference, "name");
  const isClusterRole = textOf(reference, "kind") === "ClusterRole";
  const resource = isClusterRole ? "clusterroles" : "roles";
  if (await may("bind", request, { resource, name }, authorize)) return;
  const role = isClusterRole ? source.clusterRole(name) : source.role(request.namespace ?? "", name);
  if (role === undefined) {
    const details = { name, group: rbacGroup, kind: resource };
    throw new ApiError("NotFound", `${resource}.${rbacGroup} "${name}" not found`, { details });
  }
  refuseMissing(request, missingRules(rulesOf(request.user, request.namespace ?? "", source), role.rules ?? []));
}

/** Whether an update leaves these fields as they were: what was granted before may stay. */
function keeps({ old }: AdmissionRequest, object: MutableObject, fields: readonly string[]): boolean {
  return old !== undefined && fields.every((field) => deepEqual(object[field] ?? null, old[field] ?? null));
}

/** Whether the roles allow the user this very thing. */
async function may(
  verb: string,
  { user, namespace = "" }: AdmissionRequest,
  { resource, name }: { readonly resource: string; readonly name: string },
  authorize: Authorizer,
): Promise<boolean> {
  const about = {
    group: rbacGroup,
    version: "*",
    resource,
    subresource: "",
    namespace,
    name,
    path: "",
    isResource: true,
  };
  const { allowed } = await authorize({ user, verb, ...about });
  return allowed;
}

function rulesIn(object: Readonly<Record<string, unknown>>): readonly PolicyRule[] {
  return itemsOf(object, "rules").map((rule) => ({
    verbs: textsOf(rule, "verbs"),
    apiGroups: textsOf(rule, "apiGroups"),
    resources: textsOf(rule, "resources"),
    resourceNames: textsOf(rule, "resourceNames"),
    nonResourceURLs: textsOf(rule, "nonResourceURLs"),
  }));
}

function refuseMissing(request: AdmissionRequest, missing: readonly PolicyRule[]): void {
  if (missing.length === 0) return;
  const { name, groups } = request.user;
  const who = `user ${JSON.stringify(name)} (groups=[${groups.map((group) => JSON.stringify(group)).join(" ")}])`;
  const lines = ruleTexts(missing).join("\n");
  throw forbidden(request, `${who} is attempting to grant RBAC permissions not currently held:\n${lines}`);
}

function forbidden({ kind, name }: AdmissionRequest, why: string): ApiError {
  return refusedWrite(kind, name, "Forbidden", why);
}

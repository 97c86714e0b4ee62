// Answers "what may I do in this namespace?": SelfSubjectRulesReview. Nothing is stored.
// Upstream: kubernetes pkg/registry/authorization/selfsubjectrulesreview/rest.go.
import { ApiError } from "#machinery/api-error.ts";
import { fieldOf, isString } from "#machinery/guards.ts";
import type { VirtualHandler } from "../../options.ts";
import { type PolicyRule, type RbacSource, rulesOf } from "../rbac/decide.ts";

/** `POST selfsubjectrulesreviews`: the requester's rules, unmerged, cluster-wide ones first. */
export function selfSubjectRulesReview(source: RbacSource): VirtualHandler {
  return ({ object, user }) => {
    const namespace = fieldOf(object, "spec", "namespace");
    if (!isString(namespace) || namespace === "") throw new ApiError("BadRequest", "no namespace on request");
    const rules = rulesOf(user, namespace, source);
    const status = {
      resourceRules: rules.filter((rule) => (rule.resources ?? []).length > 0).map(resourceRule),
      nonResourceRules: rules
        .filter((rule) => (rule.nonResourceURLs ?? []).length > 0)
        .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs })),
      incomplete: !source.synced,
    };
    return { ...object, status };
  };
}

function resourceRule({ verbs, apiGroups, resources, resourceNames }: PolicyRule): Readonly<Record<string, unknown>> {
  return { verbs, apiGroups, resources, ...((resourceNames ?? []).length === 0 ? {} : { resourceNames }) };
}

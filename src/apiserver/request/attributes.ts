// What a request wants to do, as authorizers see it. Pure.
// Upstream: k8s.io/apiserver/pkg/endpoints/filters/authorization.go (GetAuthorizerAttributes).
import type { UserInfo } from "#machinery/http.ts";
import type { Attributes } from "../auth/authorizer.ts";
import type { RequestInfo } from "./request-info.ts";

export function attributesOf(info: RequestInfo, user: UserInfo): Attributes {
  const { verb, group, version, resource, subresource, namespace, name, path, isResource } = info;
  return { user, verb, group, version, resource, subresource, namespace, name, path, isResource };
}

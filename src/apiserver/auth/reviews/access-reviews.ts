// Answers "may this user do that?": SubjectAccessReview and its kin. Nothing is stored.
// Upstream: kubernetes pkg/registry/authorization/*/rest.go, pkg/apis/authorization/validation/validation.go.
import { type FieldError, invalid, invalidError } from "#machinery/field-error.ts";
import { fieldOf, isRecord, isString, isStringArray } from "#machinery/guards.ts";
import type { UserInfo } from "#machinery/http.ts";
import type { KubeObject } from "#machinery/object.ts";
import type { VirtualHandler, VirtualRequest } from "../../options.ts";
import type { Attributes, Authorizer } from "../authorizer.ts";

/** `POST subjectaccessreviews`: about any user. */
export function subjectAccessReview(authorize: Authorizer): VirtualHandler {
  return async (request) => {
    refuse(request, [...attributeErrors(request.object), ...subjectErrors(request.object)]);
    return answer(request, authorize, subjectOf(request.object));
  };
}

/** `POST selfsubjectaccessreviews`: about the requester. */
export function selfSubjectAccessReview(authorize: Authorizer): VirtualHandler {
  return async (request) => {
    refuse(request, attributeErrors(request.object));
    return answer(request, authorize, request.user);
  };
}

/** `POST namespaces/x/localsubjectaccessreviews`: about any user, in this namespace alone. */
export function localSubjectAccessReview(authorize: Authorizer): VirtualHandler {
  return async (request) => {
    const { object, namespace } = request;
    refuse(request, [...attributeErrors(object), ...subjectErrors(object), ...localErrors(object, namespace)]);
    return answer(request, authorize, subjectOf(object));
  };
}

async function answer(request: VirtualRequest, authorize: Authorizer, user: UserInfo): Promise<KubeObject> {
  const { allowed, reason } = await authorize(attributesOf(request.object, user));
  return { ...request.object, status: { allowed, ...(reason === "" ? {} : { reason }) } };
}

function refuse(request: VirtualRequest, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalidError(request.resource.kind, "", errors);
}

function attributeErrors(object: KubeObject): readonly FieldError[] {
  const path = fieldOf(object, "spec", "nonResourceAttributes") ?? undefined;
  const resource = fieldOf(object, "spec", "resourceAttributes") ?? undefined;
  if (path !== undefined && resource !== undefined) {
    const why = "cannot be specified in combination with resourceAttributes";
    return [invalid("spec.nonResourceAttributes", path, why)];
  }
  if (path !== undefined || resource !== undefined) return [];
  const why = "exactly one of nonResourceAttributes or resourceAttributes must be specified";
  return [invalid("spec.resourceAttributes", undefined, why)];
}

function subjectErrors(object: KubeObject): readonly FieldError[] {
  const { name, groups } = subjectOf(object);
  if (name !== "" || groups.length > 0) return [];
  return [invalid("spec.user", "", "at least one of user or group must be specified")];
}

function localErrors(object: KubeObject, namespace: string): readonly FieldError[] {
  const path = fieldOf(object, "spec", "nonResourceAttributes") ?? undefined;
  if (path !== undefined) return [invalid("spec.nonResourceAttributes", path, "disallowed on this kind of request")];
  const asked = textOf(fieldOf(object, "spec", "resourceAttributes"), "namespace");
  if (asked === namespace) return [];
  return [invalid("spec.resourceAttributes.namespace", asked, "must match metadata.namespace")];
}

/** Groups are taken literally: nobody is added to `system:authenticated` here. */
function subjectOf(object: KubeObject): UserInfo {
  const spec = fieldOf(object, "spec");
  const groups = fieldOf(spec, "groups");
  const uid = textOf(spec, "uid");
  const extra = fieldOf(spec, "extra");
  return {
    name: textOf(spec, "user"),
    groups: isStringArray(groups) ? groups : [],
    ...(uid === "" ? {} : { uid }),
    ...(isRecord(extra) ? { extra: extraOf(extra) } : {}),
  };
}

function extraOf(extra: Readonly<Record<string, unknown>>): Readonly<Record<string, readonly string[]>> {
  const entries = Object.entries(extra).flatMap(([key, values]) =>
    isStringArray(values) ? [[key.toLowerCase(), values] as const] : [],
  );
  return Object.fromEntries(entries);
}

function attributesOf(object: KubeObject, user: UserInfo): Attributes {
  const path = fieldOf(object, "spec", "nonResourceAttributes") ?? undefined;
  const asked = path ?? fieldOf(object, "spec", "resourceAttributes");
  return {
    user,
    verb: textOf(asked, "verb"),
    group: textOf(asked, "group"),
    version: textOf(asked, "version"),
    resource: textOf(asked, "resource"),
    subresource: textOf(asked, "subresource"),
    namespace: textOf(asked, "namespace"),
    name: textOf(asked, "name"),
    path: textOf(asked, "path"),
    isResource: path === undefined,
  };
}

function textOf(value: unknown, name: string): string {
  const text = fieldOf(value, name);
  return isString(text) ? text : "";
}

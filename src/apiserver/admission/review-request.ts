// What webhooks and expressions are told about a write. Pure.
// Upstream: k8s.io/api/admission/v1/types.go (AdmissionRequest).
import type { AdmissionRequest } from "#machinery/admission.ts";
import type { Kind, KubeObject } from "#machinery/object.ts";

export interface ReviewInput extends Pick<
  AdmissionRequest,
  "operation" | "kind" | "subresource" | "namespace" | "name" | "user" | "dryRun"
> {
  readonly uid: string;
  /** The endpoint's resource; `kind` is that of the object where it differs. */
  readonly resource: Kind;
  readonly object: object | undefined;
  readonly old: KubeObject | undefined;
}

const optionKinds: Readonly<Record<string, string>> = {
  CREATE: "CreateOptions",
  UPDATE: "UpdateOptions",
  DELETE: "DeleteOptions",
};

/** What is asked about, without the objects. */
export function reviewRequest(input: ReviewInput): Readonly<Record<string, unknown>> {
  const { uid, operation, kind, resource, subresource, namespace, name, user, dryRun } = input;
  const kindOf = { group: kind.group, version: kind.version, kind: kind.kind };
  const resourceOf = { group: resource.group, version: resource.version, resource: resource.plural };
  const sub = subresource === undefined ? {} : { subResource: subresource };
  const requestSub = subresource === undefined ? {} : { requestSubResource: subresource };
  const options = optionKinds[operation];
  return {
    ...{ uid, kind: kindOf, resource: resourceOf, ...sub },
    ...{ requestKind: kindOf, requestResource: resourceOf, ...requestSub },
    ...(name === "" ? {} : { name }),
    ...(namespace === undefined ? {} : { namespace }),
    operation,
    userInfo: {
      username: user.name,
      ...(user.uid === undefined || user.uid === "" ? {} : { uid: user.uid }),
      ...(user.groups.length === 0 ? {} : { groups: user.groups }),
      ...(user.extra === undefined ? {} : { extra: user.extra }),
    },
    dryRun,
    options:
      options === undefined
        ? null
        : { kind: options, apiVersion: "meta.k8s.io/v1", ...(dryRun ? { dryRun: ["All"] } : {}) },
  };
}

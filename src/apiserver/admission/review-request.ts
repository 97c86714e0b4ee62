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
  /** What the request names, where it is shown in another version. */
  readonly requested?: Kind | undefined;
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
  const { uid, operation, resource, requested = resource, subresource, namespace, name, user, dryRun } = input;
  const requestKind = requested === resource ? kindOf(input.kind) : kindOf(requested);
  const sub = subresource === undefined ? {} : { subResource: subresource };
  const requestSub = subresource === undefined ? {} : { requestSubResource: subresource };
  const options = optionKinds[operation];
  return {
    ...{ uid, kind: kindOf(input.kind), resource: resourceOf(resource), ...sub },
    ...{ requestKind, requestResource: resourceOf(requested), ...requestSub },
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

function kindOf({ group, version, kind }: Kind): object {
  return { group, version, kind };
}

function resourceOf({ group, version, plural }: Kind): object {
  return { group, version, resource: plural };
}

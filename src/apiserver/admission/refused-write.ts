// The error of a write that admission refuses.
import { ApiError, type Reason } from "#machinery/api-error.ts";
import type { WriteContext } from "../crud/write-context.ts";
import type { AdmissionTarget } from "./chain.ts";

/** `<resource> "x" is forbidden: <why>`, whatever the reason. Upstream: k8s.io/apiserver/pkg/admission/errors.go. */
export function refusedWrite(
  { form }: WriteContext,
  { name }: AdmissionTarget,
  reason: Reason,
  why: string,
  causes: readonly { readonly message: string }[] = [],
): ApiError {
  const { group, plural } = form.resource.kind;
  return new ApiError(reason, `${form.qualifiedResource} "${name}" is forbidden: ${why}`, {
    details: {
      ...(name === "" ? {} : { name }),
      ...(group === "" ? {} : { group }),
      kind: plural,
      ...(causes.length === 0 ? {} : { causes }),
    },
  });
}

// The error of a write that admission refuses.
import { ApiError, type Reason, type StatusCause } from "#machinery/api-error.ts";
import type { Kind } from "#machinery/object.ts";

/** `<resource> "x" is forbidden: <why>`, whatever the reason. Upstream: k8s.io/apiserver/pkg/admission/errors.go. */
export function refusedWrite(
  { group, plural }: Kind,
  name: string,
  reason: Reason,
  why: string,
  causes: readonly StatusCause[] = [],
): ApiError {
  const qualified = group === "" ? plural : `${plural}.${group}`;
  return new ApiError(reason, `${qualified} "${name}" is forbidden: ${why}`, {
    details: {
      ...(name === "" ? {} : { name }),
      ...(group === "" ? {} : { group }),
      kind: plural,
      ...(causes.length === 0 ? {} : { causes }),
    },
  });
}

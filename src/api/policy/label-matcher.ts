// Label selectors of policies. Upstream checks them nowhere, so an object may hold one that cannot be understood.
import type { LabelSelector } from "../meta-types.ts";
import { isApiError } from "#machinery/api-error.ts";
import { type Labels, labelSelectorOf } from "#machinery/selectors.ts";

/** The selector's matcher; a bad selector matches nothing, because one bad policy must not stop all others. */
export function labelMatcherOf(selector: LabelSelector): (labels: Labels | undefined) => boolean {
  try {
    return labelSelectorOf(selector);
  } catch (error) {
    if (isApiError(error, "BadRequest")) return () => false;
    throw error;
  }
}

// How large an object may be: what fits in one write of any storage (etcd's limit). Said before anything is written, so that
// a dry run says it too.
import { ApiError } from "#machinery/api-error.ts";
import { transactionBytesMax } from "#storage/transaction.ts";
import { detailsOf } from "./errors.ts";
import type { ResourceForm } from "./resource-form.ts";

/** Room for the key in the same write. */
const keyBytesMax = 2_048;
const objectBytesMax = transactionBytesMax - keyBytesMax;

/** Throws RequestEntityTooLarge, with the size and the limit, for bytes that no storage takes. */
export function checkSize(form: ResourceForm, name: string, value: Uint8Array): void {
  if (value.length <= objectBytesMax) return;
  const size = `it has ${value.length} bytes as JSON, and an object may have ${objectBytesMax}`;
  const advice = "take something out, or spread it over several objects";
  throw new ApiError("RequestEntityTooLarge", `${form.qualifiedResource} "${name}" is too large: ${size}; ${advice}`, {
    details: detailsOf(form, name),
  });
}

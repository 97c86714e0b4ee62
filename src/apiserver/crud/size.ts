// How large an object may be: what fits in one write of any storage (etcd's limit). Said before anything is written, so that
// a dry run says it too.
import { ApiError } from "#machinery/api-error.ts";
import { transactionBytesMax } from "#storage/transaction.ts";
import { detailsOf } from "./errors.ts";
import type { Tracked } from "../apply/tracking.ts";
import type { ResourceForm } from "./resource-form.ts";
import { encodeStored, type ManagedText } from "./stored-form.ts";

/** Room for the key in the same write. */
const keyBytesMax = 2_048;
const objectBytesMax = transactionBytesMax - keyBytesMax;

/**
 * The bytes to store. Where they would be too many, managedFields go first, but for an applied object's. Throws
 * RequestEntityTooLarge, with the size and the limit, for what no storage takes.
 */
export function encodeWithinLimit(
  form: ResourceForm,
  { object, managed, isApplied = false }: Tracked,
): { readonly value: Buffer; readonly managed: ManagedText } {
  const value = encodeStored(object, managed);
  if (value.length <= objectBytesMax) return { value, managed };
  if (managed !== undefined && !isApplied) return encodeWithinLimit(form, { object, managed: undefined });
  throw tooLargeError(form, object.metadata.name, value);
}

function tooLargeError(form: ResourceForm, name: string, value: Uint8Array): ApiError {
  const size = `it has ${value.length} bytes as JSON, and an object may have ${objectBytesMax}`;
  const advice = "take something out, or spread it over several objects";
  return new ApiError("RequestEntityTooLarge", `${form.qualifiedResource} "${name}" is too large: ${size}; ${advice}`, {
    details: detailsOf(form, name),
  });
}

// Errors of one field, with the wire texts of upstream's field.Error (k8s.io/apimachinery/pkg/util/validation/field/errors.go).
import { ApiError } from "./api-error.ts";
import type { GroupVersionKind } from "./object.ts";

export type FieldErrorType =
  | "Required"
  | "Invalid"
  | "TypeInvalid"
  | "NotSupported"
  | "Forbidden"
  | "Duplicate"
  | "NotFound"
  | "TooLong"
  | "TooMany"
  | "InternalError";

/** One finding: `${field}: ${body}` is the text users read. */
export interface FieldError {
  readonly type: FieldErrorType;
  /** It was so before, and may stay: a warning. */
  readonly tolerated?: true;
  /** `spec.template.spec.containers[0].name`; empty for the object itself. */
  readonly field: string;
  /** `Invalid value: "x": must be …`. */
  readonly body: string;
}

const causeReasons: Record<FieldErrorType, string> = {
  Required: "FieldValueRequired",
  Invalid: "FieldValueInvalid",
  TypeInvalid: "FieldValueTypeInvalid",
  NotSupported: "FieldValueNotSupported",
  Forbidden: "FieldValueForbidden",
  Duplicate: "FieldValueDuplicate",
  NotFound: "FieldValueNotFound",
  TooLong: "FieldValueTooLong",
  TooMany: "FieldValueTooMany",
  InternalError: "InternalError",
};

export function required(field: string, detail = ""): FieldError {
  return { type: "Required", field, body: withDetail("Required value", detail) };
}

export function invalid(field: string, value: unknown, detail: string): FieldError {
  return { type: "Invalid", field, body: withDetail(`Invalid value: ${quoteValue(value)}`, detail) };
}

export function typeInvalid(field: string, value: unknown, detail: string): FieldError {
  return { type: "TypeInvalid", field, body: withDetail(`Invalid value: ${quoteValue(value)}`, detail) };
}

export function notSupported(field: string, value: unknown, supported: readonly string[]): FieldError {
  const list = supported.map((item) => JSON.stringify(item)).join(", ");
  return { type: "NotSupported", field, body: `Unsupported value: ${quoteValue(value)}: supported values: ${list}` };
}

export function forbidden(field: string, detail: string): FieldError {
  return { type: "Forbidden", field, body: withDetail("Forbidden", detail) };
}

export function duplicate(field: string, value: unknown): FieldError {
  return { type: "Duplicate", field, body: `Duplicate value: ${quoteValue(value)}` };
}

export function notFound(field: string, value: unknown): FieldError {
  return { type: "NotFound", field, body: `Not found: ${quoteValue(value)}` };
}

/** `limit` in bytes. */
export function tooLong(field: string, limit: number): FieldError {
  return { type: "TooLong", field, body: `Too long: may not be more than ${String(limit)} bytes` };
}

export function tooMany(field: string, actual: number, limit: number): FieldError {
  return { type: "TooMany", field, body: `Too many: ${String(actual)}: must have at most ${String(limit)} items` };
}

/** `field: body`, or the body alone for the object itself. */
export function fieldErrorText(error: FieldError): string {
  return error.field === "" ? error.body : `${error.field}: ${error.body}`;
}

/** The 422 that reports all of `errors` (at least one). Upstream: errors.NewInvalid. */
export function invalidError(kind: GroupVersionKind, name: string, errors: readonly FieldError[]): ApiError {
  const qualified = kind.group === "" ? kind.kind : `${kind.kind}.${kind.group}`;
  const texts = [...new Set(errors.map(fieldErrorText))];
  const list = texts.length === 1 ? (texts[0] ?? "") : `[${texts.join(", ")}]`;
  return new ApiError("Invalid", `${qualified} "${name}" is invalid: ${list}`, {
    details: {
      ...(name === "" ? {} : { name }),
      ...(kind.group === "" ? {} : { group: kind.group }),
      kind: kind.kind,
      causes: errors.map((error) => ({
        reason: causeReasons[error.type],
        message: error.body,
        field: error.field === "" ? "<nil>" : error.field,
      })),
    },
  });
}

function quoteValue(value: unknown): string {
  if (value === undefined || value === null) return "null";
  return JSON.stringify(value);
}

function withDetail(head: string, detail: string): string {
  return detail === "" ? head : `${head}: ${detail}`;
}

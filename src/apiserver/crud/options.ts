// The options of writes, from the query and, for DELETE, the body. Pure.
// Upstream: k8s.io/apimachinery/pkg/apis/meta/v1/validation/validation.go.
import { ApiError } from "#machinery/api-error.ts";
import { type FieldError, forbidden, invalid, invalidError, notSupported, required } from "#machinery/field-error.ts";
import { isRecord } from "#machinery/guards.ts";
import type { Query } from "../request/query.ts";

export type FieldValidation = "Ignore" | "Warn" | "Strict";

export interface WriteOptions {
  readonly dryRun: boolean;
  readonly fieldValidation: FieldValidation;
}

export type WriteOptionsKind = "CreateOptions" | "UpdateOptions" | "PatchOptions" | "ApplyOptions";

const fieldManagerBytesMax = 128;
const modes: readonly FieldValidation[] = ["Ignore", "Warn", "Strict"];

/** Reads and checks what create, update and patch have in common. */
export function parseWriteOptions(query: Query, kind: WriteOptionsKind): WriteOptions {
  if (query.isEmpty && kind !== "ApplyOptions") return { dryRun: false, fieldValidation: "Warn" };
  const asked = query.get("fieldValidation") ?? "";
  const fieldValidation = asked === "" ? "Warn" : modes.find((mode) => mode === asked);
  const dryRun = query.all("dryRun");
  const errors = [
    ...dryRunErrors(dryRun),
    ...fieldManagerErrors(query.get("fieldManager") ?? ""),
    ...(kind === "PatchOptions" && query.has("force")
      ? [forbidden("force", "may not be specified for non-apply patch")]
      : []),
    ...(kind === "ApplyOptions" && (query.get("fieldManager") ?? "") === ""
      ? [required("fieldManager", "is required for apply patch")]
      : []),
  ];
  if (fieldValidation === undefined) {
    errors.push(notSupported("fieldValidation", asked, [...modes].map(String)));
    throw optionsError(kind, errors);
  }
  if (errors.length > 0) throw optionsError(kind, errors);
  return { dryRun: dryRun.length > 0, fieldValidation };
}

export interface DeleteOptions {
  readonly dryRun: boolean;
  readonly gracePeriodSeconds: number | undefined;
  readonly propagationPolicy: "Orphan" | "Background" | "Foreground" | undefined;
  readonly orphanDependents: boolean | undefined;
  readonly uid: string | undefined;
  readonly resourceVersion: string | undefined;
}

const policies = ["Foreground", "Background", "Orphan"] as const;

/** From the body where there is one, else from the query. */
export function parseDeleteOptions(query: Query, body: Readonly<Record<string, unknown>> | undefined): DeleteOptions {
  const raw = body === undefined ? fromQuery(query) : fromBody(body);
  const errors: FieldError[] = [...dryRunErrors(raw.dryRun)];
  const policy = policies.find((candidate) => candidate === raw.propagationPolicy);
  if (raw.propagationPolicy !== undefined && policy === undefined) {
    errors.push(notSupported("propagationPolicy", raw.propagationPolicy, [...policies]));
  }
  if (raw.propagationPolicy !== undefined && raw.orphanDependents !== undefined) {
    const both = "orphanDependents and deletionPropagation cannot be both set";
    errors.push(invalid("propagationPolicy", raw.propagationPolicy, both));
  }
  if (errors.length > 0) throw optionsError("DeleteOptions", errors);
  const { gracePeriodSeconds, orphanDependents, uid, resourceVersion } = raw;
  return {
    dryRun: raw.dryRun.length > 0,
    gracePeriodSeconds,
    propagationPolicy: policy,
    orphanDependents,
    uid,
    resourceVersion,
  };
}

interface RawDeleteOptions {
  readonly dryRun: readonly string[];
  readonly gracePeriodSeconds: number | undefined;
  readonly propagationPolicy: string | undefined;
  readonly orphanDependents: boolean | undefined;
  readonly uid: string | undefined;
  readonly resourceVersion: string | undefined;
}

function fromQuery(query: Query): RawDeleteOptions {
  return {
    dryRun: query.all("dryRun"),
    gracePeriodSeconds: query.integer("gracePeriodSeconds"),
    propagationPolicy: query.get("propagationPolicy"),
    orphanDependents: query.optionalFlag("orphanDependents"),
    uid: undefined,
    resourceVersion: undefined,
  };
}

function fromBody(body: Readonly<Record<string, unknown>>): RawDeleteOptions {
  const preconditions = isRecord(body["preconditions"]) ? body["preconditions"] : {};
  const { dryRun } = body;
  return {
    dryRun: Array.isArray(dryRun) ? dryRun.map(String) : [],
    gracePeriodSeconds: typed(body, "gracePeriodSeconds", isNumber),
    propagationPolicy: typed(body, "propagationPolicy", isText),
    orphanDependents: typed(body, "orphanDependents", isBoolean),
    uid: typed(preconditions, "uid", isText),
    resourceVersion: typed(preconditions, "resourceVersion", isText),
  };
}

function typed<T>(
  record: Readonly<Record<string, unknown>>,
  field: string,
  is: (value: unknown) => value is T,
): T | undefined {
  const value = record[field];
  if (value === undefined || value === null) return undefined;
  if (!is(value)) throw new ApiError("BadRequest", `DeleteOptions.${field} has the wrong type: ${typeof value}`);
  return value;
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isBoolean(value: unknown): value is boolean {
  return typeof value === "boolean";
}

function dryRunErrors(values: readonly string[]): FieldError[] {
  return values.every((value) => value === "All") ? [] : [notSupported("dryRun", values, ["All"])];
}

function fieldManagerErrors(manager: string): FieldError[] {
  const errors: FieldError[] = [];
  if (Buffer.byteLength(manager) > fieldManagerBytesMax) {
    const detail = `may not be more than ${String(fieldManagerBytesMax)} bytes`;
    errors.push({ type: "TooLong", field: "fieldManager", body: `Too long: ${detail}` });
  }
  if (/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(manager)) {
    errors.push(invalid("fieldManager", manager, "should only contain printable characters"));
  }
  return errors;
}

/** The options of an apply are those of any patch. */
function optionsError(kind: string, errors: readonly FieldError[]): ApiError {
  const named = kind === "ApplyOptions" ? "PatchOptions" : kind;
  return invalidError({ group: "meta.k8s.io", version: "v1", kind: named }, "", errors);
}

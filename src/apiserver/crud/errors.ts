// The errors that name an object or a resource, with upstream's texts.
// Upstream: k8s.io/apimachinery/pkg/api/errors/errors.go (NewNotFound, NewConflict, …).
import { ApiError, type StatusDetails } from "#machinery/api-error.ts";
import type { ResourceForm } from "./resource-form.ts";

export const modifiedText =
  "the object has been modified; please apply your changes to the latest version and try again";

export function notFoundError(form: ResourceForm, name: string): ApiError {
  return new ApiError("NotFound", `${form.qualifiedResource} "${name}" not found`, { details: detailsOf(form, name) });
}

export function alreadyExistsError(form: ResourceForm, name: string): ApiError {
  return new ApiError("AlreadyExists", `${form.qualifiedResource} "${name}" already exists`, {
    details: detailsOf(form, name),
  });
}

export function conflictError(form: ResourceForm, name: string, why: string): ApiError {
  return new ApiError("Conflict", `Operation cannot be fulfilled on ${form.qualifiedResource} "${name}": ${why}`, {
    details: detailsOf(form, name),
  });
}

export function methodNotAllowedError(form: ResourceForm, action: string): ApiError {
  const { group, plural } = form.resource.kind;
  return new ApiError(
    "MethodNotAllowed",
    `${action} is not supported on resources of kind "${form.qualifiedResource}"`,
    { details: { ...(group === "" ? {} : { group }), kind: plural } },
  );
}

/** `details` of errors and of the Status that answers a DELETE. */
export function detailsOf(form: ResourceForm, name: string, uid?: string): StatusDetails {
  const { group, plural } = form.resource.kind;
  return {
    ...(name === "" ? {} : { name }),
    ...(group === "" ? {} : { group }),
    kind: plural,
    ...(uid === undefined ? {} : { uid }),
  };
}

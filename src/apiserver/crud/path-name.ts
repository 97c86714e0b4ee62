// Names in paths: what could lead out of an object's place in storage is refused before anything is read.
// Upstream: k8s.io/apimachinery/pkg/api/validation/path/name.go.
import { ApiError } from "#machinery/api-error.ts";
import { pathSegmentErrors } from "#machinery/names.ts";

/** Throws BadRequest for a name that no object can have. */
export function checkPathName(name: string): void {
  const errors = pathSegmentErrors(name);
  if (errors.length === 0) return;
  const why = errors.map((text) => JSON.stringify(text)).join(" ");
  throw new ApiError("BadRequest", `Name parameter invalid: ${JSON.stringify(name)}: [${why}]`);
}

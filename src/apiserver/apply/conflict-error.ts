// The 409 of an apply that would change what others manage. Its texts are API: kubectl prints the causes.
// Upstream: k8s.io/apimachinery/pkg/util/managedfields/internal/conflict.go.
import { ApiError } from "#machinery/api-error.ts";
import { pathTexts } from "#machinery/fields/field-set.ts";
import { type Managed, managerId } from "#machinery/fields/managers.ts";
import type { Conflict } from "#machinery/fields/updater.ts";
import { compareBytes } from "#machinery/json.ts";

interface Path {
  readonly manager: Managed;
  readonly path: string;
}

export function conflictsError(conflicts: readonly Conflict[]): ApiError {
  const sorted = conflicts
    .map((conflict) => ({ ...conflict, id: managerId(conflict.manager) }))
    .sort((left, right) => compareBytes(left.id, right.id));
  const paths = sorted.flatMap(({ manager, set }) => pathTexts(set).map((path): Path => ({ manager, path })));
  const causes = paths.map(({ manager, path }) => ({
    reason: "FieldManagerConflict",
    message: `conflict with ${managerText(manager)}`,
    field: path,
  }));
  return new ApiError("Conflict", message(paths, sorted), { details: { causes } });
}

function message(paths: readonly Path[], conflicts: readonly Conflict[]): string {
  const [first] = paths;
  if (paths.length === 1 && first !== undefined) {
    return `Apply failed with 1 conflict: conflict with ${managerText(first.manager)}: ${first.path}`;
  }
  const blocks = conflicts.map(({ manager, set }) =>
    [`conflicts with ${managerText(manager)}:`, ...pathTexts(set).map((path) => `- ${path}`)].join("\n"),
  );
  return `Apply failed with ${String(paths.length)} conflicts: ${blocks.join("\n")}`;
}

/** `"helm" with subresource "status" using apps/v1`. */
function managerText({ manager, operation, apiVersion, subresource }: Managed): string {
  const where = subresource === "" ? "" : ` with subresource ${JSON.stringify(subresource)}`;
  const version = operation === "Update" ? ` using ${apiVersion}` : "";
  return `${JSON.stringify(manager)}${where}${version}`;
}

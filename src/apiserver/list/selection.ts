// Which objects of a collection a request is about: its namespace, its name, its selectors.
// Upstream: k8s.io/apiserver/pkg/storage/selection_predicate.go.
import { ApiError } from "#machinery/api-error.ts";
import type { KubeObject } from "#machinery/object.ts";
import { type FieldRequirement, parseFieldSelector, parseLabelSelector } from "#machinery/selectors.ts";
import type { StoredEntry } from "#storage/storage.ts";
import { openEntry } from "../crud/open.ts";
import type { ResourceForm } from "../crud/resource-form.ts";
import type { ServerCore } from "../request/context.ts";
import type { RequestInfo } from "../request/request-info.ts";

export interface Selection {
  /** What the keys of all candidates begin with. */
  readonly prefix: string;
  /** No selector leaves anything out. */
  readonly isEverything: boolean;
  /** Deciding needs a look into the object. */
  readonly needsObject: boolean;
  keeps(entry: StoredEntry): boolean;
}

/** The selection of a list, watch or deletecollection. Throws BadRequest for selectors that cannot be. */
export function selectionOf(
  core: Pick<ServerCore, "parsed" | "labels">,
  form: ResourceForm,
  info: RequestInfo,
): Selection {
  const { query } = info;
  const labels = parseLabelSelector(query.get("labelSelector") ?? "");
  const fields = parseFieldSelector(query.get("fieldSelector") ?? "");
  for (const { field } of fields) checkField(form, field);
  const name = pinnedName(info, fields);
  const namespace = info.namespace === "" ? pinned(fields, "metadata.namespace") : info.namespace;
  const key =
    name === undefined || (form.resource.kind.namespaced && !namespace) ? undefined : form.key(namespace, name);
  // What the key says already needs no look into the object.
  const others = key === undefined ? fields : fields.filter((requirement) => !isPin(requirement, "metadata.name"));
  const byLabels = labels.requirements.length > 0 ? labels : undefined;
  const byFields = fieldMatcher(form, others);
  return {
    prefix: key ?? form.collectionPrefix(namespace),
    isEverything: key === undefined && byLabels === undefined && byFields === undefined,
    needsObject: byLabels !== undefined || byFields !== undefined,
    // The cheapest question first. Labels are the same in every version of an object.
    keeps: (entry) =>
      (key === undefined || entry.key === key) &&
      (byLabels?.(core.labels.of(entry.value)) ?? true) &&
      (byFields?.(openEntry(core, form, entry)) ?? true),
  };
}

/** A predicate over parsed objects, or undefined where there is nothing to ask. */
function fieldMatcher(
  form: ResourceForm,
  fields: readonly FieldRequirement[],
): ((object: KubeObject) => boolean) | undefined {
  if (fields.length === 0) return undefined;
  const readers = fields.map(({ field, operator, value }) => ({ read: fieldReader(form, field), operator, value }));
  return (object) => readers.every(({ read, operator, value }) => (read(object) === value) === (operator === "="));
}

function fieldReader(form: ResourceForm, field: string): (object: KubeObject) => string {
  switch (field) {
    case "metadata.name":
      return ({ metadata }) => metadata.name;
    case "metadata.namespace":
      return ({ metadata }) => metadata.namespace ?? "";
    default: {
      const { selectableFields } = form.resource.strategy;
      return (Object.hasOwn(selectableFields, field) ? selectableFields[field] : undefined) ?? (() => "");
    }
  }
}

function checkField({ resource }: ResourceForm, field: string): void {
  if (field === "metadata.name" || (field === "metadata.namespace" && resource.kind.namespaced)) return;
  const { selectableFields } = resource.strategy;
  if (Object.hasOwn(selectableFields, field)) return;
  const hasOwnFields = resource.custom || Object.keys(selectableFields).length > 0;
  throw new ApiError(
    "BadRequest",
    hasOwnFields
      ? `field label not supported: ${field}`
      : `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`,
  );
}

/** The one name that the request is about, from its path or its field selector. */
function pinnedName(info: RequestInfo, fields: readonly FieldRequirement[]): string | undefined {
  const selected = pinned(fields, "metadata.name");
  if (!info.named) return selected;
  if (selected !== undefined && selected !== info.name) {
    throw new ApiError("BadRequest", "fieldSelector metadata.name doesn't match requested name");
  }
  return info.name;
}

function pinned(fields: readonly FieldRequirement[], field: string): string | undefined {
  return fields.find((requirement) => isPin(requirement, field))?.value;
}

function isPin(requirement: FieldRequirement, field: string): boolean {
  return requirement.field === field && requirement.operator === "=";
}

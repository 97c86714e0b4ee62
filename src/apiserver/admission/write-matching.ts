// Which write this is, as rules and selectors of webhooks and policies look at it.
import { childOf, textMapOf } from "#api/builtin/access.ts";
import { ApiError } from "#machinery/api-error.ts";
import type { KubeObject } from "#machinery/object.ts";
import type { WriteContext } from "../crud/write-context.ts";
import type { AdmissionTarget } from "./chain.ts";
import type { WriteAttributes, WriteLabels } from "./webhooks/match.ts";

/** What rules look at. */
export function writeAttributes({ form }: WriteContext, target: AdmissionTarget): WriteAttributes {
  const { operation, subresource, namespace } = target;
  return { operation, resource: form.resource.kind, subresource, namespace: namespace === "" ? undefined : namespace };
}

/**
 * What selectors look at, as it is now: an earlier webhook may have changed labels. `namespace`: the one that the object is
 * in. A Namespace is selected by its own labels.
 */
export function writeLabels(
  context: WriteContext,
  { object, old }: AdmissionTarget,
  namespace: KubeObject | undefined,
): WriteLabels {
  const present = [object, old].filter((each) => each !== undefined);
  const labels = present.map((each) => textMapOf(childOf(each, "metadata"), "labels"));
  const around = namespace === undefined ? undefined : (namespace.metadata.labels ?? {});
  return { namespace: isNamespace(context) ? labels[0] : around, object: labels };
}

function isNamespace({ form }: WriteContext): boolean {
  const { group, kind } = form.resource.kind;
  return group === "" && kind === "Namespace";
}

/** The namespace that the object is in; undefined: it is in none. Throws NotFound where there is no such namespace. */
export async function namespaceOf(
  context: WriteContext,
  { namespace: name }: AdmissionTarget,
): Promise<KubeObject | undefined> {
  if (name === "" || isNamespace(context)) return undefined;
  const { storage, parsed } = context.core;
  const entry = await storage.get(`/registry/namespaces/${name}`);
  if (entry !== undefined) return parsed.get(entry);
  throw new ApiError("NotFound", `namespaces "${name}" not found`, { details: { name, kind: "namespaces" } });
}

// The error of a write that admission refuses, and the namespace it is in.
import { ApiError, type Reason } from "#machinery/api-error.ts";
import type { KubeObject } from "#machinery/object.ts";
import type { WriteContext } from "../crud/write-context.ts";
import type { AdmissionTarget } from "./chain.ts";

/** `<resource> "x" is forbidden: <why>`, whatever the reason. Upstream: k8s.io/apiserver/pkg/admission/errors.go. */
export function refusedWrite(
  { form }: WriteContext,
  { name }: AdmissionTarget,
  reason: Reason,
  why: string,
  causes: readonly { readonly message: string }[] = [],
): ApiError {
  const { group, plural } = form.resource.kind;
  const qualified = group === "" ? plural : `${plural}.${group}`;
  return new ApiError(reason, `${qualified} "${name}" is forbidden: ${why}`, {
    details: {
      ...(name === "" ? {} : { name }),
      ...(group === "" ? {} : { group }),
      kind: plural,
      ...(causes.length === 0 ? {} : { causes }),
    },
  });
}

/** Whether a Namespace itself is written: it is selected by its own labels. */
export function isNamespace({ form }: WriteContext): boolean {
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

// PATCH: the change is worked out on the newest object, and again when somebody else was faster.
// Upstream: k8s.io/apiserver/pkg/endpoints/handlers/patch.go.
import type { MutableObject } from "#machinery/admission.ts";
import { ApiError } from "#machinery/api-error.ts";
import type { ApiResponse } from "#machinery/http.ts";
import type { KubeObject } from "#machinery/object.ts";
import type { DecodeFinding } from "#machinery/schema.ts";
import type { ResourceContext } from "../request/context.ts";
import { negotiate } from "../request/negotiation.ts";
import type { Warnings } from "../request/warnings.ts";
import { type Tracked, trackUpdate, withManagedFields } from "../apply/tracking.ts";
import { handleApply } from "./apply.ts";
import { decodeKeepingReset, finishObject } from "./decode.ts";
import { mainEndpoint } from "./endpoints.ts";
import { writeContext } from "./handlers.ts";
import { type FieldValidation, parseWriteOptions } from "./options.ts";
import { applyPatch, invalidPatchError, isApply, type PatchDocument, readPatch } from "./patch-document.ts";
import { objectOffer, objectResponse } from "./serve.ts";
import type { ResourceForm } from "./resource-form.ts";
import { type UpdateEndpoint, updateObject } from "./update.ts";

export async function handlePatch(
  context: ResourceContext,
  endpoint: UpdateEndpoint = mainEndpoint(context.resource),
): Promise<ApiResponse> {
  if (isApply(context.request)) return handleApply(context, endpoint);
  const { core, info, warnings, resource } = context;
  const negotiated = negotiate(context.request, info, objectOffer);
  // The type comes first: what the options may be depends on it.
  const patch = readPatch(context.request, { allowStrategic: !resource.custom });
  const { dryRun, fieldValidation } = parseWriteOptions(info.query, "PatchOptions");
  const form = core.forms.of(resource);
  const write = writeContext(context, form, dryRun);
  const served = await updateObject(write, {
    namespace: info.namespace,
    name: info.name,
    endpoint,
    change: (old) => trackUpdate(write, endpoint, old, patchedObject(form, old, { patch, fieldValidation, warnings })),
    alwaysCurrent: true,
  });
  return objectResponse(context, negotiated, served);
}

interface PatchOptions {
  readonly patch: PatchDocument;
  readonly fieldValidation: FieldValidation;
  readonly warnings: Warnings;
}

function patchedObject(form: ResourceForm, old: Tracked<KubeObject>, options: PatchOptions): MutableObject {
  const record = applyPatch(options.patch, seenByPatch(options.patch, old), form.resource);
  const { apiVersion, kind } = old.object;
  if (record["apiVersion"] !== apiVersion || record["kind"] !== kind) {
    const found = `${String(record["apiVersion"])}, Kind=${String(record["kind"])}`;
    throw new ApiError("BadRequest", `a patch may not change apiVersion or kind: found ${found}`);
  }
  judgePatchFindings([...options.patch.findings, ...decodeKeepingReset(form, record)], options);
  return finishObject(form, record);
}

/** The object as the patch is laid over it. managedFields are there for those that speak of them; few do. */
function seenByPatch({ text }: PatchDocument, { object, managed }: Tracked<KubeObject>): KubeObject {
  return text.includes("managedFields") ? withManagedFields(object, managed) : object;
}

/** Like judgeFindings, but what is wrong is said of the patch. */
export function judgePatchFindings(findings: readonly DecodeFinding[], options: PatchOptions): void {
  if (findings.length === 0) return;
  const wrong = findings.find((finding) => finding.kind === "type");
  if (wrong !== undefined) throw invalidPatchError(options.patch.text, wrong.message);
  if (options.fieldValidation === "Ignore") return;
  if (options.fieldValidation === "Strict") {
    const list = findings.map((finding) => finding.message).join(", ");
    throw invalidPatchError(options.patch.text, `strict decoding error: ${list}`);
  }
  for (const finding of findings) options.warnings.add(finding.message);
}

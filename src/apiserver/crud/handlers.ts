// The verbs of a resource as requests come in: read options and body, do it, answer as negotiated.
// Upstream: k8s.io/apiserver/pkg/endpoints/handlers/{get,create,update,delete}.go.
import type { ApiResponse } from "#machinery/http.ts";
import type { MutableObject } from "#machinery/admission.ts";
import { ApiError, isApiError } from "#machinery/api-error.ts";
import { isRecord } from "#machinery/guards.ts";
import { negotiate } from "../request/negotiation.ts";
import type { ResourceContext } from "../request/context.ts";
import { readBody } from "../request/body.ts";
import { successResponse } from "../request/respond.ts";
import { fieldManagerOf } from "../apply/field-manager.ts";
import { trackUpdate } from "../apply/tracking.ts";
import { forbiddenError } from "../auth/forbidden.ts";
import { parseRevision } from "../list/options.ts";
import { waitForRevision } from "../list/read-at.ts";
import { attributesOf } from "../request/attributes.ts";
import { checkName } from "./metadata.ts";
import { createObject } from "./create.ts";
import { decodeBody } from "./decode.ts";
import { deleteObject } from "./delete.ts";
import { mainEndpoint } from "./endpoints.ts";
import { detailsOf, notFoundError } from "./errors.ts";
import { readableEntry, serveEntry } from "./open.ts";
import { parseDeleteOptions, parseWriteOptions, type DeleteOptions } from "./options.ts";
import { objectOffer, objectResponse } from "./serve.ts";
import type { ResourceForm } from "./resource-form.ts";
import { updateObject, type UpdateEndpoint } from "./update.ts";
import type { WriteContext } from "./write-context.ts";

export async function handleGet(context: ResourceContext): Promise<ApiResponse> {
  const { core, info } = context;
  const negotiated = negotiate(context.request, info, objectOffer);
  const form = core.forms.of(context.resource);
  if (!info.query.isEmpty) await checkGetOptions(context);
  const entry = await core.storage.get(form.key(info.namespace, info.name));
  if (entry === undefined) throw notFoundError(form, info.name);
  return objectResponse(context, negotiated, serveEntry(form, await readableEntry(form, entry)));
}

/** Waits for the revision that is asked for. The newest object is never older. */
async function checkGetOptions({ core, info, signal }: ResourceContext): Promise<void> {
  if (info.query.flag("export")) {
    throw new ApiError("BadRequest", "the export parameter, deprecated since v1.14, is no longer supported");
  }
  const asked = info.query.get("resourceVersion") ?? "";
  const revision = parseRevision(asked, (why) => new ApiError("Unknown", why));
  if (revision !== undefined) await waitForRevision(core, revision, signal);
}

export async function handleCreate(context: ResourceContext): Promise<ApiResponse> {
  const { core, info, warnings } = context;
  const negotiated = negotiate(context.request, info, objectOffer);
  const form = core.forms.of(context.resource);
  const { dryRun, fieldValidation } = parseWriteOptions(info.query, "CreateOptions");
  const object = decodeBody(form, context.request, { fieldValidation, warnings });
  const served = await createObject(writeContext(context, form, dryRun), info.namespace, object);
  return objectResponse(context, negotiated, served, 201);
}

export async function handleUpdate(
  context: ResourceContext,
  endpoint: UpdateEndpoint = mainEndpoint(context.resource),
): Promise<ApiResponse> {
  const { core, info, warnings } = context;
  const negotiated = negotiate(context.request, info, objectOffer);
  const form = core.forms.of(context.resource);
  const { dryRun, fieldValidation } = parseWriteOptions(info.query, "UpdateOptions");
  const object = decodeBody(form, context.request, { fieldValidation, warnings });
  const write = writeContext(context, form, dryRun);
  try {
    const served = await updateObject(write, {
      namespace: info.namespace,
      name: info.name,
      endpoint,
      change: (old) => trackUpdate(write, endpoint, old, form.edit(object)),
      alwaysCurrent: false,
    });
    return objectResponse(context, negotiated, served);
  } catch (error) {
    if (!isApiError(error, "NotFound") || !mayCreate(context, endpoint, object)) throw error;
    await authorizeCreation(context);
    checkName(object, info.name);
    return objectResponse(context, negotiated, await createObject(write, info.namespace, object), 201);
  }
}

/** May this PUT make the object that it did not find? Not if it says which version it wants to replace. */
function mayCreate({ resource }: ResourceContext, endpoint: UpdateEndpoint, object: MutableObject): boolean {
  const { resourceVersion } = object.metadata;
  const isNew = resourceVersion === undefined || resourceVersion === "" || resourceVersion === "0";
  return endpoint.subresource === "" && resource.strategy.allowCreateOnUpdate && isNew;
}

/** Throws Forbidden where the user may not create what the request would. */
export async function authorizeCreation({ core, info, user }: ResourceContext): Promise<void> {
  const attributes = { ...attributesOf(info, user), verb: "create" };
  const { allowed, reason } = await core.authorize(attributes);
  if (!allowed) throw forbiddenError(attributes, reason);
}

export async function handleDelete(context: ResourceContext): Promise<ApiResponse> {
  const { core, info } = context;
  const negotiated = negotiate(context.request, info, objectOffer);
  const form = core.forms.of(context.resource);
  const options = readDeleteOptions(context);
  const outcome = await deleteObject(writeContext(context, form, options.dryRun), {
    ...options,
    namespace: info.namespace,
    name: info.name,
  });
  const code = !outcome.removed && options.orphanDependents === false ? 202 : 200;
  if (!outcome.removed || context.resource.strategy.returnsDeleted) {
    return objectResponse(context, negotiated, outcome.served, code);
  }
  return successResponse(code, detailsOf(form, info.name, outcome.uid), negotiated);
}

export function readDeleteOptions(context: ResourceContext): DeleteOptions {
  const { request, info } = context;
  if (request.body === undefined || request.body.length === 0) return parseDeleteOptions(info.query, undefined);
  const { value } = readBody(request, { isBuiltin: true });
  return parseDeleteOptions(info.query, isRecord(value) ? value : {});
}

export function writeContext(context: ResourceContext, form: ResourceForm, dryRun: boolean): WriteContext {
  const { core, user, warnings } = context;
  return { core, form, user, dryRun, warnings, fieldManager: fieldManagerOf(context) };
}

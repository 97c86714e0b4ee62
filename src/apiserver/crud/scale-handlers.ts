// The requests that `/scale` answers.
import { builtinResolver } from "#api/builtin/definitions.ts";
import type { ScalePaths } from "#api/resource.ts";
import type { MutableObject } from "#machinery/admission.ts";
import type { ApiResponse } from "#machinery/http.ts";
import { invariant } from "#std/invariant.ts";
import type { ResourceContext } from "../request/context.ts";
import { negotiate, type Negotiated } from "../request/negotiation.ts";
import { valueResponse } from "../request/respond.ts";
import { decodeAs, decodeInPlace, schemaOf } from "./body-kinds.ts";
import { withMetadata } from "./decode.ts";
import { notFoundError } from "./errors.ts";
import { writeContext } from "./handlers.ts";
import { openEntry, openServed } from "./open.ts";
import { parseWriteOptions } from "./options.ts";
import { applyPatch, readPatch } from "./patch-document.ts";
import { judgePatchFindings } from "./patch.ts";
import { applyScale, scaleEndpoint, scaleForUpdate, scaleKind, scaleOf } from "./scale.ts";
import { updateObject } from "./update.ts";

const plainOffer = { transformations: [], stream: false } as const;

export async function handleGetScale(context: ResourceContext): Promise<ApiResponse> {
  const { core, info, resource } = context;
  const negotiated = negotiate(context.request, info, plainOffer);
  const form = core.forms.of(resource);
  const entry = await core.storage.get(form.key(info.namespace, info.name));
  if (entry === undefined) throw notFoundError(form, info.name);
  return valueResponse(200, scaleOf(pathsOf(context), openEntry(core, form, entry)), negotiated);
}

export async function handleUpdateScale(context: ResourceContext): Promise<ApiResponse> {
  const { info, warnings } = context;
  const negotiated = negotiate(context.request, info, plainOffer);
  const { dryRun, fieldValidation } = parseWriteOptions(info.query, "UpdateOptions");
  const scale = decodeAs(scaleKind, context.request, { fieldValidation, warnings });
  return writeScale(context, { negotiated, dryRun, scaleFor: () => scale });
}

export async function handlePatchScale(context: ResourceContext): Promise<ApiResponse> {
  const { info, warnings, resource } = context;
  const negotiated = negotiate(context.request, info, plainOffer);
  const patch = readPatch(context.request, { allowStrategic: !resource.custom });
  const { dryRun, fieldValidation } = parseWriteOptions(info.query, "PatchOptions");
  const target = { schema: schemaOf(scaleKind), resolve: builtinResolver };
  return writeScale(context, {
    negotiated,
    dryRun,
    scaleFor: (current) => {
      const scale = applyPatch(patch, current, target);
      const findings = [...patch.findings, ...decodeInPlace(scaleKind, scale)];
      judgePatchFindings(findings, { patch, fieldValidation, warnings });
      return withMetadata(scaleKind, scale);
    },
  });
}

interface ScaleWrite {
  readonly negotiated: Negotiated;
  readonly dryRun: boolean;
  /** The wanted Scale, from the present one. */
  scaleFor(current: MutableObject): MutableObject;
}

/** Changes the workload to what a Scale asks for and answers with the new Scale. */
async function writeScale(context: ResourceContext, write: ScaleWrite): Promise<ApiResponse> {
  const { core, info, resource } = context;
  const form = core.forms.of(resource);
  const paths = pathsOf(context);
  const served = await updateObject(writeContext(context, form, write.dryRun), {
    namespace: info.namespace,
    name: info.name,
    endpoint: scaleEndpoint(resource),
    change: (old) => applyScale(paths, form.edit(old), write.scaleFor(scaleForUpdate(paths, old))),
    alwaysCurrent: true,
  });
  return valueResponse(200, scaleOf(paths, openServed(core, served)), write.negotiated);
}

function pathsOf({ resource }: ResourceContext): ScalePaths {
  invariant(resource.scale !== undefined, "a resource with a scale subresource must say where its replicas are");
  return resource.scale;
}

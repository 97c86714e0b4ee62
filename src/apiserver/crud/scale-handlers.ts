// The requests that `/scale` answers.
import { builtinResolver } from "#api/builtin/definitions.ts";
import type { ScalePaths } from "#api/resource.ts";
import type { MutableObject } from "#machinery/admission.ts";
import type { ApiResponse } from "#machinery/http.ts";
import { cloneJson } from "#machinery/equality.ts";
import { type ManagerName, type Managers, writeManagers } from "#machinery/fields/managers.ts";
import { mergeTypeOf } from "#machinery/fields/merge-type.ts";
import { type FieldRules, updateManagers } from "#machinery/fields/updater.ts";
import { apiVersionOf, type KubeObject } from "#machinery/object.ts";
import { invariant } from "#std/invariant.ts";
import { formatTime } from "#std/time.ts";
import { applyTo, readConfig } from "../apply/apply.ts";
import { fieldManagerOf } from "../apply/field-manager.ts";
import { scaleRules } from "../apply/field-rules.ts";
import { fromScaleManagers, toScaleManagers } from "../apply/scale-fields.ts";
import { liveManagers, type Tracked } from "../apply/tracking.ts";
import type { ResourceContext } from "../request/context.ts";
import { negotiate, type Negotiated } from "../request/negotiation.ts";
import { valueResponse } from "../request/respond.ts";
import { decodeAs, decodeInPlace, schemaOf } from "./body-kinds.ts";
import { judgeFindings, withMetadata } from "./decode.ts";
import { notFoundError } from "./errors.ts";
import { writeContext } from "./handlers.ts";
import { openServed, readableEntry, serveEntry } from "./open.ts";
import { parseWriteOptions } from "./options.ts";
import { applyPatch, isApply, readPatch } from "./patch-document.ts";
import { judgePatchFindings } from "./patch.ts";
import { applyScale, scaleEndpoint, scaleForUpdate, scaleKind, scaleOf } from "./scale.ts";
import type { ResourceForm } from "./resource-form.ts";
import { managedTextOf } from "./stored-form.ts";
import { updateObject } from "./update.ts";
import { asKubeObject, type ServedObject } from "./write-context.ts";

const plainOffer = { transformations: [], stream: false } as const;

export async function handleGetScale(context: ResourceContext): Promise<ApiResponse> {
  const { core, info, resource } = context;
  const negotiated = negotiate(context.request, info, plainOffer);
  const form = core.forms.of(resource);
  const entry = await core.storage.get(form.key(info.namespace, info.name));
  if (entry === undefined) throw notFoundError(form, info.name);
  return valueResponse(200, scaleOfServed(context, serveEntry(form, await readableEntry(form, entry))), negotiated);
}

export async function handleUpdateScale(context: ResourceContext): Promise<ApiResponse> {
  const { info, warnings } = context;
  const negotiated = negotiate(context.request, info, plainOffer);
  const { dryRun, fieldValidation } = parseWriteOptions(info.query, "UpdateOptions");
  const scale = decodeAs(scaleKind, context.request, { fieldValidation, warnings });
  return writeScale(context, { negotiated, dryRun, change: updates(() => scale) });
}

export async function handlePatchScale(context: ResourceContext): Promise<ApiResponse> {
  if (isApply(context.request)) return handleApplyScale(context);
  const { info, warnings, resource } = context;
  const negotiated = negotiate(context.request, info, plainOffer);
  const patch = readPatch(context.request, { allowStrategic: !resource.custom });
  const { dryRun, fieldValidation } = parseWriteOptions(info.query, "PatchOptions");
  const target = { schema: schemaOf(scaleKind), resolve: builtinResolver };
  const change = updates((current) => {
    const scale = applyPatch(patch, current, target);
    const findings = [...patch.findings, ...decodeInPlace(scaleKind, scale)];
    judgePatchFindings(findings, { patch, fieldValidation, warnings });
    return withMetadata(scaleKind, scale);
  });
  return writeScale(context, { negotiated, dryRun, change });
}

async function handleApplyScale(context: ResourceContext): Promise<ApiResponse> {
  const { info, warnings } = context;
  const negotiated = negotiate(context.request, info, plainOffer);
  const { dryRun, fieldValidation } = parseWriteOptions(info.query, "ApplyOptions");
  const config = readConfig(context.request, scaleKind, { fieldValidation, warnings });
  const force = info.query.flag("force");
  const change: ScaleWrite["change"] = ({ current, managers: present, rules, manager, now }) => {
    const name: ManagerName = { ...manager, operation: "Apply" };
    const live = asKubeObject(current);
    const request = { rules, kind: scaleKind, config, name, force, now };
    const { object, managers } = applyTo(request, { object: live, managers: present }, live);
    const scale: Record<string, unknown> = cloneJson(object);
    judgeFindings(scaleKind, decodeInPlace(scaleKind, scale), { fieldValidation, warnings });
    return { scale: withMetadata(scaleKind, scale), managers };
  };
  return writeScale(context, { negotiated, dryRun, change });
}

/** The present Scale, and who changes it. */
interface ScaleStep {
  readonly current: MutableObject;
  readonly managers: Managers;
  readonly rules: FieldRules;
  readonly manager: Omit<ManagerName, "operation">;
  readonly now: string;
}

interface ScaleWrite {
  readonly negotiated: Negotiated;
  readonly dryRun: boolean;
  /** The wanted Scale and its managers, from the present ones. */
  readonly change: (step: ScaleStep) => { readonly scale: MutableObject; readonly managers: Managers };
}

/** Every change but an apply. */
function updates(scaleFor: (current: MutableObject) => MutableObject): ScaleWrite["change"] {
  return ({ current, managers, rules, manager, now }) => {
    const scale = scaleFor(current);
    const name: ManagerName = { ...manager, operation: "Update" };
    return { scale, managers: updateManagers(rules, { old: current, object: scale, managers, name, now }) };
  };
}

/** Changes the workload to what a Scale asks for and answers with the new Scale. */
async function writeScale(context: ResourceContext, write: ScaleWrite): Promise<ApiResponse> {
  const { core, info, resource } = context;
  const form = core.forms.of(resource);
  const served = await updateObject(writeContext(context, form, write.dryRun), {
    namespace: info.namespace,
    name: info.name,
    endpoint: scaleEndpoint(resource),
    change: (old) => scaledObject(context, form, old, write),
    alwaysCurrent: true,
  });
  return valueResponse(200, scaleOfServed(context, served), write.negotiated);
}

function scaleOfServed(context: ResourceContext, served: ServedObject): MutableObject {
  const managers = liveManagers(served.form, managedTextOf(served.value));
  return scaleOf(pathsOf(context), openServed(context.core, served), managers, served.form.fieldSets);
}

/** The workload with the wanted replicas. One whose managers nobody keeps gets none. */
function scaledObject(
  context: ResourceContext,
  form: ResourceForm,
  { object: old, managed }: Tracked<KubeObject>,
  { change }: ScaleWrite,
): Tracked {
  const paths = pathsOf(context);
  const version = { apiVersion: form.apiVersion, specReplicas: paths.specReplicas };
  const managers = liveManagers(form, managed);
  const wanted = change({
    current: scaleForUpdate(paths, old),
    managers: toScaleManagers(managers, version),
    rules: scaleRules(apiVersionOf(scaleKind), scaleType),
    manager: { manager: fieldManagerOf(context), apiVersion: apiVersionOf(scaleKind), subresource: "scale" },
    now: formatTime(context.core.clock.now()),
  });
  const object = applyScale(paths, form.edit(old), wanted.scale);
  if (managers.size === 0) return { object, managed: undefined };
  const next = fromScaleManagers(managers, wanted.managers, version);
  return { object, managed: writeManagers(next, form.fieldSets) };
}

const scaleType = mergeTypeOf({ $ref: "io.k8s.api.autoscaling.v1.Scale" }, builtinResolver, { custom: false });

function pathsOf({ resource }: ResourceContext): ScalePaths {
  invariant(resource.scale !== undefined, "a resource with a scale subresource must say where its replicas are");
  return resource.scale;
}

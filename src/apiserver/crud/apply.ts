// PATCH of type apply: the configuration is merged into the newest object, or becomes a new one.
// Upstream: k8s.io/apiserver/pkg/endpoints/handlers/patch.go (applyPatcher).
import { isApiError } from "#machinery/api-error.ts";
import { cloneJson } from "#machinery/equality.ts";
import { type ManagerName, readManagers, writeManagers } from "#machinery/fields/managers.ts";
import type { Fields } from "#machinery/fields/updater.ts";
import { fieldOf, isString } from "#machinery/guards.ts";
import type { ApiResponse } from "#machinery/http.ts";
import type { KubeObject } from "#machinery/object.ts";
import { formatTime } from "#std/time.ts";
import { applyTo, readConfig } from "../apply/apply.ts";
import { fieldRules } from "../apply/field-rules.ts";
import type { Tracked } from "../apply/tracking.ts";
import type { ResourceContext } from "../request/context.ts";
import { negotiate } from "../request/negotiation.ts";
import { createObject } from "./create.ts";
import { finishObject, judgeFindings } from "./decode.ts";
import { conflictError } from "./errors.ts";
import { authorizeCreation, writeContext } from "./handlers.ts";
import { checkName } from "./metadata.ts";
import { parseWriteOptions } from "./options.ts";
import { objectOffer, objectResponse } from "./serve.ts";
import { type UpdateEndpoint, updateObject } from "./update.ts";
import type { ServedObject, WriteContext } from "./write-context.ts";

/** How often an object that comes and goes under an apply is tried as the other. */
const attemptsMax = 8;

export async function handleApply(context: ResourceContext, endpoint: UpdateEndpoint): Promise<ApiResponse> {
  const { core, info, warnings } = context;
  const negotiated = negotiate(context.request, info, objectOffer);
  const { dryRun, fieldValidation } = parseWriteOptions(info.query, "ApplyOptions");
  const form = core.forms.of(context.resource);
  const config = readConfig(context.request, form.resource.kind, { fieldValidation, warnings });
  const write = writeContext(context, form, dryRun);
  const apply: Apply = { write, endpoint, config, force: info.query.flag("force") };
  for (let attempt = 1; ; attempt++) {
    try {
      return objectResponse(context, negotiated, await applyToPresent(context, apply));
    } catch (error) {
      if (!isApiError(error, "NotFound") || endpoint.subresource !== "") throw error;
    }
    try {
      return objectResponse(context, negotiated, await createApplied(context, apply), 201);
    } catch (error) {
      // Somebody has just created it.
      if (!isApiError(error, "AlreadyExists") || attempt === attemptsMax) throw error;
    }
  }
}

interface Apply {
  readonly write: WriteContext;
  readonly endpoint: UpdateEndpoint;
  readonly config: Fields;
  readonly force: boolean;
}

function applyToPresent({ info }: ResourceContext, apply: Apply): Promise<ServedObject> {
  return updateObject(apply.write, {
    namespace: info.namespace,
    name: info.name,
    endpoint: apply.endpoint,
    change: (old) => appliedObject(apply, old),
    alwaysCurrent: true,
  });
}

async function createApplied(context: ResourceContext, apply: Apply): Promise<ServedObject> {
  const { info } = context;
  const { form } = apply.write;
  await authorizeCreation(context);
  const uid = fieldOf(apply.config, "metadata", "uid");
  if (isString(uid) && uid !== "") {
    const why = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`;
    throw conflictError(form, info.name, why);
  }
  const { object, managed } = appliedObject(apply, { object: form.empty, managed: undefined });
  checkName(object, info.name);
  return createObject(apply.write, info.namespace, object, managed);
}

/** The wanted object: decoded and defaulted like any other, with its managedFields. */
function appliedObject({ write, endpoint, config, force }: Apply, live: Tracked<KubeObject>): Tracked {
  const { core, form, fieldManager, warnings } = write;
  const { subresource } = endpoint;
  const name: ManagerName = { manager: fieldManager, operation: "Apply", apiVersion: form.apiVersion, subresource };
  const now = formatTime(core.clock.now());
  const rules = fieldRules(core, form, subresource);
  const { kind } = form.resource;
  const present = { object: live.object, managers: readManagers(live.managed, form.fieldSets) };
  const applied = applyTo({ rules, kind, config, name, force, now }, present, form.empty);
  const record: Record<string, unknown> = cloneJson(applied.object);
  judgeFindings(kind, form.decode(record), { fieldValidation: "Warn", warnings });
  const object = finishObject(form, record);
  return { object, managed: writeManagers(applied.managers, form.fieldSets), isApplied: true };
}

// The two subresources of pods that act: `binding` puts a pod on a node, `eviction` deletes it if budgets allow.
// Upstream: kubernetes pkg/registry/core/pod/storage/{storage,eviction}.go.
import type { MutableObject } from "#machinery/admission.ts";
import { ApiError } from "#machinery/api-error.ts";
import { fieldOf, isArray, isRecord, isString, isStringMap } from "#machinery/guards.ts";
import type { ApiResponse } from "#machinery/http.ts";
import type { KubeObject } from "#machinery/object.ts";
import { isLabelSelectorSpec, labelSelectorOf } from "#machinery/selectors.ts";
import { formatTime } from "#std/time.ts";
import type { ResourceContext } from "../request/context.ts";
import { negotiate } from "../request/negotiation.ts";
import { successResponse } from "../request/respond.ts";
import { admitMutating, admitValidating } from "../admission/chain.ts";
import { decodeAs } from "./body-kinds.ts";
import { deleteObject } from "./delete.ts";
import { openEntry } from "./open.ts";
import { parseDeleteOptions, parseWriteOptions } from "./options.ts";
import { conflictError, notFoundError } from "./errors.ts";
import { writeContext } from "./handlers.ts";
import { updateObject, type UpdateEndpoint } from "./update.ts";
import { virtualTarget } from "./virtual.ts";

const bindingKind = { group: "", version: "v1", kind: "Binding" } as const;
const evictionKind = { group: "policy", version: "v1", kind: "Eviction" } as const;

/** POST `pods/x/binding`, and POST `bindings`, which names the pod in its body. */
export async function handleBinding(context: ResourceContext): Promise<ApiResponse> {
  const { core, info, warnings } = context;
  const negotiated = negotiate(context.request, info, { transformations: [], stream: false });
  const { dryRun, fieldValidation } = parseWriteOptions(info.query, "CreateOptions");
  const binding = decodeAs(bindingKind, context.request, { fieldValidation, warnings });
  const pods = core.registry.find("", "v1", "pods");
  const node = fieldOf(binding, "target", "name");
  if (pods === undefined || !isString(node) || node === "") throw new ApiError("BadRequest", "target.name is required");
  const name = info.named ? info.name : binding.metadata.name;
  const write = writeContext({ ...context, resource: pods }, core.forms.of(pods), dryRun);
  const target = virtualTarget(context, binding);
  await admitMutating(write, target);
  await admitValidating(write, target);
  const now = formatTime(core.clock.now());
  await updateObject(write, {
    namespace: info.namespace,
    name,
    endpoint: bindingEndpoint,
    alwaysCurrent: true,
    change: ({ object: old, managed }) => ({
      object: bindPod({ pod: write.form.edit(old), binding, node, now }),
      managed,
    }),
    checkFirst: (old) => {
      const why = bindingConflict(old);
      if (why !== undefined) throw conflictError(write.form, name, why);
    },
  });
  return successResponse(201, undefined, negotiated);
}

/** Nothing of a pod but where it runs; admission has seen the Binding already. */
const bindingEndpoint: UpdateEndpoint = {
  subresource: "binding",
  prepare: () => undefined,
  bumpsGeneration: () => false,
  validate: () => [],
};

function bindingConflict(pod: KubeObject): string | undefined {
  const { name, deletionTimestamp } = pod.metadata;
  if (deletionTimestamp !== undefined) return `pod ${name} is being deleted, cannot be assigned to a host`;
  const node = fieldOf(pod, "spec", "nodeName");
  return isString(node) && node !== "" ? `pod ${name} is already assigned to node ${JSON.stringify(node)}` : undefined;
}

interface PodBinding {
  readonly pod: MutableObject;
  readonly binding: MutableObject;
  readonly node: string;
  readonly now: string;
}

function bindPod({ pod, binding, node, now }: PodBinding): MutableObject {
  const { annotations } = binding.metadata;
  if (isStringMap(annotations)) {
    const present = pod.metadata["annotations"];
    pod.metadata["annotations"] = { ...(isStringMap(present) ? present : {}), ...annotations };
  }
  pod["spec"] = { ...(isRecord(pod["spec"]) ? pod["spec"] : {}), nodeName: node };
  const status = isRecord(pod["status"]) ? pod["status"] : {};
  const conditions = isArray(status["conditions"]) ? status["conditions"] : [];
  const others = conditions.filter((condition) => fieldOf(condition, "type") !== "PodScheduled");
  const scheduled = { type: "PodScheduled", status: "True", lastTransitionTime: now };
  pod["status"] = { ...status, conditions: [...others, scheduled] };
  return pod;
}

/** POST `pods/x/eviction`. */
export async function handleEviction(context: ResourceContext): Promise<ApiResponse> {
  const { core, info, warnings, resource } = context;
  const negotiated = negotiate(context.request, info, { transformations: [], stream: false });
  const { dryRun, fieldValidation } = parseWriteOptions(info.query, "CreateOptions");
  const eviction = decodeAs(evictionKind, context.request, { fieldValidation, warnings });
  const form = core.forms.of(resource);
  const entry = await core.storage.get(form.key(info.namespace, info.name));
  if (entry === undefined) throw notFoundError(form, info.name);
  const asked = eviction["deleteOptions"];
  const options = parseDeleteOptions(info.query, isRecord(asked) ? asked : {});
  const write = writeContext(context, form, dryRun || options.dryRun);
  const target = virtualTarget(context, eviction);
  await admitMutating(write, target);
  await admitValidating(write, target);
  const pod = openEntry(core, form, entry);
  const refusal = isDone(pod) ? undefined : budgetRefusal(pod, await readBudgets(context));
  if (refusal !== undefined) throw refusal;
  await deleteObject(write, { ...options, namespace: info.namespace, name: info.name });
  return successResponse(201, undefined, negotiated);
}

/** Pods that do not run any more, or not yet, count for no budget. */
function isDone(pod: KubeObject): boolean {
  const phase = fieldOf(pod, "status", "phase");
  return (
    phase === "Succeeded" || phase === "Failed" || phase === "Pending" || pod.metadata.deletionTimestamp !== undefined
  );
}

async function readBudgets({ core, info }: ResourceContext): Promise<readonly KubeObject[]> {
  const resource = core.registry.find("policy", "v1", "poddisruptionbudgets");
  if (resource === undefined) return [];
  const form = core.forms.of(resource);
  const { entries } = await core.storage.range({ prefix: form.collectionPrefix(info.namespace) });
  return entries.map((entry) => openEntry(core, form, entry));
}

/** Why a budget forbids the eviction of `pod`, or undefined. Pure. */
function budgetRefusal(pod: KubeObject, budgets: readonly KubeObject[]): ApiError | undefined {
  for (const budget of budgets) {
    const selector = fieldOf(budget, "spec", "selector");
    if (!isLabelSelectorSpec(selector) || !labelSelectorOf(selector)(pod.metadata.labels)) continue;
    const allowed = fieldOf(budget, "status", "disruptionsAllowed");
    if (typeof allowed === "number" && allowed > 0) continue;
    return disruptionError(budget, typeof allowed === "number");
  }
  return undefined;
}

function disruptionError(budget: KubeObject, isKnown: boolean): ApiError {
  const { name } = budget.metadata;
  const wanted = numberOr(fieldOf(budget, "status", "desiredHealthy"), 0);
  const healthy = numberOr(fieldOf(budget, "status", "currentHealthy"), 0);
  const message = isKnown
    ? `The disruption budget ${name} needs ${wanted} healthy pods and has ${healthy} currently`
    : `The disruption budget ${name} is still being processed by the server.`;
  return new ApiError("TooManyRequests", "Cannot evict pod as it would violate the pod's disruption budget.", {
    details: {
      causes: [{ reason: "DisruptionBudget", message }],
      ...(isKnown ? {} : { retryAfterSeconds: 10 }),
    },
  });
}

function numberOr(value: unknown, fallback: number): number {
  return typeof value === "number" ? value : fallback;
}

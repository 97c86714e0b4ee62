// Runs the admission plugins over a write: first every one that mutates, later every one that validates, in order.
// Upstream: k8s.io/apiserver/pkg/admission/chain.go.
import type { AdmissionPlugin, AdmissionRequest, MutableObject } from "#machinery/admission.ts";
import type { Kind, KubeObject } from "#machinery/object.ts";
import type { ManagedText } from "../crud/stored-form.ts";
import type { WriteContext } from "../crud/write-context.ts";

/** What is being written, as far as admission differs from write to write. */
export interface AdmissionTarget {
  readonly operation: AdmissionRequest["operation"];
  readonly subresource?: string | undefined;
  readonly namespace: string;
  readonly name: string;
  readonly object: MutableObject | undefined;
  readonly old: KubeObject | undefined;
  /** Their managedFields, which travel beside them. Only webhooks are shown them; one may change those of the object. */
  managed?: ManagedText;
  readonly oldManaged?: ManagedText;
  /** Kind of `object`, where it is not the resource's own (Scale, Eviction, …). */
  readonly kind?: Kind;
  /** The resource that the request names, where the write is shown in another version of it. */
  readonly requested?: Kind;
}

/**
 * Runs every mutating plugin, policy and webhook; they edit `target.object` in place. Where a policy or webhook has changed
 * it all run once more, policies and webhooks only if they ask for it.
 */
export async function admitMutating(context: WriteContext, target: AdmissionTarget): Promise<void> {
  await runMutatingPlugins(context, target);
  const { policies, webhooks } = context.core;
  const byPolicies = await policies?.mutate(context, target);
  const byWebhooks = await webhooks?.mutate(context, target);
  if (byPolicies?.changed !== true && byWebhooks?.changed !== true) return;
  await runMutatingPlugins(context, target);
  await policies?.mutate(context, target, byPolicies);
  await webhooks?.mutate(context, target, byWebhooks);
}

function runMutatingPlugins(context: WriteContext, target: AdmissionTarget): Promise<void> {
  return runPlugins(context, target, (plugin, request) => plugin.mutate?.(request));
}

/** Runs every validating plugin, then the policies, then the webhooks; the first to refuse ends it. */
export async function admitValidating(context: WriteContext, target: AdmissionTarget): Promise<void> {
  await runPlugins(context, target, (plugin, request) => plugin.validate?.(request));
  await context.core.policies?.validate(context, target);
  await context.core.webhooks?.validate(context, target);
}

async function runPlugins(
  context: WriteContext,
  target: AdmissionTarget,
  run: (plugin: AdmissionPlugin, request: AdmissionRequest) => Promise<void> | void | undefined,
): Promise<void> {
  const request = admissionRequest(context, target);
  for (const plugin of context.core.admission) {
    // Awaited only when there is something to wait for: most plugins answer at once, and a write passes all of them.
    const pending = run(plugin, request);
    if (pending !== undefined) await pending;
  }
}

function admissionRequest(context: WriteContext, target: AdmissionTarget): AdmissionRequest {
  return {
    operation: target.operation,
    kind: target.kind ?? context.form.resource.kind,
    subresource: target.subresource,
    namespace: target.namespace === "" ? undefined : target.namespace,
    name: target.name,
    object: target.object,
    old: target.old,
    user: context.user,
    dryRun: context.dryRun,
    list: async () => {
      const { storage, parsed } = context.core;
      const { entries } = await storage.range({ prefix: context.form.collectionPrefix(undefined) });
      return entries.map((entry) => parsed.get(entry));
    },
    warn: (text) => {
      context.warnings.add(text);
    },
  };
}

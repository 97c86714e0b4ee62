// Asks the cluster's admission webhooks about a write: the mutating ones one after another, the validating ones at once.
// Upstream: k8s.io/apiserver/pkg/admission/plugin/webhook/{mutating,validating}/dispatcher.go.
import { childOf, textOf } from "#api/builtin/access.ts";
import { MutatingWebhookConfiguration, ValidatingWebhookConfiguration } from "#api/kinds.ts";
import type { InformerFactory } from "#client/informer.ts";
import { become, type MutableObject } from "#machinery/admission.ts";
import { ApiError, errorText } from "#machinery/api-error.ts";
import type { AdmissionValues } from "#machinery/cel/admission-environment.ts";
import { cloneJson } from "#machinery/equality.ts";
import { isRecord } from "#machinery/guards.ts";
import { encodeJson, parseJson } from "#machinery/json.ts";
import type { Kind, KubeObject } from "#machinery/object.ts";
import { applyJsonPatch, type JsonPatchOperation } from "#machinery/patch/json-patch.ts";
import type { AdmissionTarget } from "../chain.ts";
import { matchConditions } from "../expressions.ts";
import { refusedWrite } from "../refused-write.ts";
import type { ReviewInput } from "../review-request.ts";
import { hasTurn, type MutationRound } from "../round.ts";
import { namespaceOf, writeAttributes, writeLabels } from "../write-matching.ts";
import { askedVersion, inVersion, takeOver, valuesOnce, viewsOf, type WriteView } from "../write-versions.ts";
import { managedByWebhook, withManagedFields } from "../../apply/tracking.ts";
import { finishObject } from "../../crud/decode.ts";
import type { ServerCore } from "../../request/context.ts";
import type { ResourceForm } from "../../crud/resource-form.ts";
import type { WriteContext } from "../../crud/write-context.ts";
import type { WebhookCaller } from "#client/webhook-caller.ts";
import { callWebhook, type FindService } from "./call.ts";
import { ruleMatches, selectorsMatch } from "./match.ts";
import { BadReviewError, readReview, type ReviewAnswer, reviewBody } from "./review.ts";
import { type Webhook, webhooksOf } from "./webhook.ts";

const kinds: readonly Kind[] = [MutatingWebhookConfiguration, ValidatingWebhookConfiguration];
const managersPath = "/metadata/managedFields";
const exemptGroup = "admissionregistration.k8s.io";

export interface WebhookAdmission {
  /** Resolves when all configurations that there are have been read. */
  synced(signal: AbortSignal): Promise<void>;
  /**
   * Calls the mutating webhooks that the write concerns; they edit `target.object`. In a second round (`previous`) only
   * those that ask for it and have not seen what the object is now.
   */
  mutate(
    context: WriteContext,
    target: AdmissionTarget,
    previous?: MutationRound<Webhook>,
  ): Promise<MutationRound<Webhook>>;
  /** Calls the validating ones. Throws ApiError where one refuses. */
  validate(context: WriteContext, target: AdmissionTarget): Promise<void>;
}

/** Webhooks as the server's own informers show their configurations. */
export function webhookAdmission(informers: InformerFactory, caller: WebhookCaller): WebhookAdmission {
  const mutating = liveWebhooks(informers, MutatingWebhookConfiguration);
  const validating = liveWebhooks(informers, ValidatingWebhookConfiguration);
  return {
    async synced(signal) {
      await Promise.all(kinds.map((kind) => informers.for(kind).waitForSync(signal)));
    },
    async mutate(context, target, previous) {
      const called = new Map<Webhook, object>();
      let changed = false;
      const asked = askedBy(mutating(), context, target);
      const write = { context, target };
      const values = valuesOnce(write);
      const namespace = asked.length === 0 ? undefined : await namespaceOf(context, target);
      for (const { webhook, form } of asked) {
        if (!hasTurn(webhook, target.object ?? {}, previous)) continue;
        if (!selectorsMatch(webhook, writeLabels(context, target, namespace))) continue;
        const seen = await inVersion(write, form);
        if (!conditionsMatch(webhook, seen.target === target ? values : valuesOnce(seen), write)) continue;
        const answer = await ask(webhook, seen, { caller, mutating: true });
        if (answer !== undefined && answer.patch.length > 0) {
          applyPatch(webhook, seen, answer.patch);
          await takeOver(write, seen);
          changed = true;
        }
        if (webhook.reinvoked) called.set(webhook, cloneJson(target.object ?? {}));
      }
      return { called, changed };
    },
    async validate(context, target) {
      const asked = askedBy(validating(), context, target);
      if (asked.length === 0) return;
      const labels = writeLabels(context, target, await namespaceOf(context, target));
      const selected = asked.filter(({ webhook }) => selectorsMatch(webhook, labels));
      const write = { context, target };
      const viewIn = viewsOf(write);
      const concerned: { readonly webhook: Webhook; readonly seen: WriteView }[] = [];
      for (const { webhook, form } of selected) {
        const { seen, values } = await viewIn(form);
        if (conditionsMatch(webhook, values, write)) concerned.push({ webhook, seen });
      }
      const results = await Promise.allSettled(
        concerned.map(({ webhook, seen }) => ask(webhook, seen, { caller, mutating: false })),
      );
      for (const result of results) if (result.status === "rejected") throw result.reason;
    },
  };
}

/** Read anew only when a configuration has changed. */
function liveWebhooks(informers: InformerFactory, kind: Kind): () => readonly Webhook[] {
  const informer = informers.for(kind);
  let known: readonly Webhook[] | undefined;
  informer.onEvent(() => {
    known = undefined;
  });
  return () => (known ??= webhooksOf(informer.list()));
}

/** A webhook, and the version of the resource that it wants to see. */
interface Asked {
  readonly webhook: Webhook;
  readonly form: ResourceForm;
}

/**
 * Those with a rule for the write. Configurations of admission are never subject to it: a bad one could not be mended.
 */
function askedBy(webhooks: readonly Webhook[], context: WriteContext, target: AdmissionTarget): readonly Asked[] {
  const attributes = writeAttributes(context, target);
  if (attributes.resource.group === exemptGroup) return [];
  return webhooks.flatMap((webhook) => {
    const form = askedVersion(context, attributes, { ...webhook, covers: ruleMatches });
    return form === undefined ? [] : [{ webhook, form }];
  });
}

/** Whether its conditions hold. Throws Forbidden where that cannot be said and its failurePolicy is to fail. */
function conditionsMatch(
  { matchConditions: conditions, failurePolicy }: Webhook,
  values: () => AdmissionValues,
  { context, target }: WriteView,
): boolean {
  if (conditions.length === 0) return true;
  const matching = matchConditions(conditions, values());
  if (matching.kind === "error" && failurePolicy === "Fail") {
    throw refusedWrite(context.form.resource.kind, target.name, "Forbidden", matching.error);
  }
  return matching.kind === "match";
}

interface AskOptions {
  readonly caller: WebhookCaller;
  readonly mutating: boolean;
}

/** What the webhook says; undefined: it failed, and its failurePolicy is to ignore that. Throws its denial. */
async function ask(webhook: Webhook, seen: WriteView, options: AskOptions): Promise<ReviewAnswer | undefined> {
  const { context } = seen;
  let answer: ReviewAnswer;
  try {
    answer = await callOnce(webhook, seen, options);
  } catch (error) {
    const why = `failed calling webhook "${webhook.name}": ${errorText(error)}`;
    if (webhook.failurePolicy === "Fail") {
      throw new ApiError("InternalError", `Internal error occurred: ${why}`, { cause: error });
    }
    context.core.log.warn("a webhook failed and was ignored, as its failurePolicy says", { error: why });
    return undefined;
  }
  for (const text of answer.warnings) context.warnings.add(text);
  if (answer.denial !== undefined) throw answer.denial;
  return answer;
}

async function callOnce(
  webhook: Webhook,
  { context, target }: WriteView,
  { caller, mutating }: AskOptions,
): Promise<ReviewAnswer> {
  const { core } = context;
  const uid = core.random.uuid();
  const review = reviewBody(webhook, reviewInput(uid, context, target));
  const calls = { caller, findService: serviceIn(core), clock: core.clock, signal: core.closing };
  let answer: Uint8Array;
  try {
    answer = await callWebhook(webhook, review, calls);
  } catch (error) {
    throw new Error(`failed to call webhook: ${errorText(error)}`, { cause: error });
  }
  try {
    return readReview(webhook, uid, answer, mutating);
  } catch (error) {
    if (!(error instanceof BadReviewError)) throw error;
    throw new Error(`received invalid webhook response: ${error.message}`, { cause: error });
  }
}

function reviewInput(uid: string, { form, user, dryRun }: WriteContext, target: AdmissionTarget): ReviewInput {
  const { operation, subresource, namespace, name, requested } = target;
  const object = target.object === undefined ? undefined : withManagedFields(target.object, target.managed);
  const old = target.old === undefined ? undefined : withManagedFields(target.old, target.oldManaged);
  const resource = form.resource.kind;
  return {
    ...{ uid, operation, resource, requested, subresource, name, object, old, user, dryRun },
    kind: target.kind ?? resource,
    namespace: namespace === "" ? undefined : namespace,
  };
}

/** Services as they are stored now. */
function serviceIn({ storage, parsed }: ServerCore): FindService {
  return async ({ namespace, name }) => {
    const entry = await storage.get(`/registry/services/specs/${namespace}/${name}`);
    return entry === undefined ? undefined : parsed.get(entry);
  };
}

/** Lays the patch over the request's object, decoded, pruned and defaulted like any body. */
function applyPatch({ name }: Webhook, { context, target }: WriteView, patch: readonly JsonPatchOperation[]): void {
  const { object } = target;
  const { form } = context;
  if (object === undefined) {
    const why = "attempted to modify the object, which is not supported for this operation";
    throw new ApiError("InternalError", `Internal error occurred: admission webhook "${name}" ${why}`);
  }
  let patched: unknown;
  try {
    patched = applyJsonPatch(parseJson(encodeJson(withManagedFields(object, target.managed))), patch);
  } catch (error) {
    throw patchError(name, errorText(error), error);
  }
  if (!isRecord(patched)) throw patchError(name, "the object would be none any more");
  if (isRecord(patched["metadata"])) {
    const { managedFields } = patched["metadata"];
    Reflect.deleteProperty(patched["metadata"], "managedFields");
    if (patch.some(speaksOfManagers)) target.managed = managedByWebhook(context, managedFields, target.managed);
  }
  if (target.kind === undefined) {
    const wrong = form.decode(patched).find((finding) => finding.kind === "type");
    if (wrong !== undefined) throw patchError(name, wrong.message);
    finishObject(form, patched);
  }
  checkIdentity(name, patched, object, target.old);
  become(object, patched);
}

function speaksOfManagers({ path }: JsonPatchOperation): boolean {
  return path.length < managersPath.length ? managersPath.startsWith(path) : path.startsWith(managersPath);
}

/** A webhook may not turn an object into another one. */
function checkIdentity(
  webhook: string,
  patched: Record<string, unknown>,
  object: MutableObject,
  old: KubeObject | undefined,
): void {
  const metadata = childOf(patched, "metadata");
  for (const field of ["apiVersion", "kind"]) {
    if (patched[field] !== object[field]) throw patchError(webhook, `${field} may not be changed`);
  }
  const isMoved = textOf(metadata, "namespace") !== textOf(object.metadata, "namespace");
  const isRenamed = old !== undefined && textOf(metadata, "name") !== object.metadata.name;
  if (metadata === undefined || isMoved || isRenamed) {
    throw patchError(webhook, "metadata.name and metadata.namespace may not be changed");
  }
}

function patchError(webhook: string, why: string, cause?: unknown): ApiError {
  const text = `Internal error occurred: admission webhook "${webhook}" returned a patch that does not apply: ${why}`;
  return new ApiError("InternalError", text, { cause });
}

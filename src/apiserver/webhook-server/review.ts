// AdmissionReview from the side of the webhook: what another API server asks, and what it is answered. Pure.
// Upstream: k8s.io/api/admission/v1/types.go; sigs.k8s.io/controller-runtime/pkg/webhook/admission/http.go.
import { asPlugin, type Webhook } from "#api/admission/webhook.ts";
import type { WebhookStage } from "#api/admission/webhook-configuration.ts";
import { childOf, textOf, textsOf } from "#api/builtin/access.ts";
import type { AdmissionRequest, MutableObject } from "#machinery/admission.ts";
import { ApiError, type Status } from "#machinery/api-error.ts";
import { deepEqual } from "#machinery/equality.ts";
import { isKubeObject, isRecord } from "#machinery/guards.ts";
import { encodeJsonText, parseJson } from "#machinery/json.ts";
import type { Kind } from "#machinery/object.ts";
import { isMutableObject } from "../crud/stored-form.ts";
import { statusOf } from "../request/respond.ts";

const apiVersion = "admission.k8s.io/v1";
const kind = "AdmissionReview";
const operations = ["CREATE", "UPDATE", "DELETE", "CONNECT"] as const;

/** The answer to the review in `body`. Throws ApiError BadRequest where it is none. */
export async function answerReview(webhook: Webhook, stage: WebhookStage, body: Uint8Array): Promise<object> {
  const review = parseJson(body);
  const asked = isRecord(review) ? childOf(review, "request") : undefined;
  if (!isRecord(review) || asked === undefined || review["apiVersion"] !== apiVersion || review["kind"] !== kind) {
    throw new ApiError("BadRequest", `the body must be an ${kind} of ${apiVersion} with a request`);
  }
  const warnings: string[] = [];
  const uid = textOf(asked, "uid");
  const reply = (answer: object): object => ({
    apiVersion,
    kind,
    response: { uid, ...answer, ...(warnings.length === 0 ? {} : { warnings }) },
  });
  try {
    const request = requestOf(asked, (text) => warnings.push(text));
    if (stage === "validate") {
      await asPlugin(webhook).validate?.(request);
      return reply({ allowed: true });
    }
    await asPlugin(webhook).mutate?.(request);
    return reply({ allowed: true, ...patchOf(asked["object"], request.object) });
  } catch (error) {
    return reply({ allowed: false, status: denialOf(webhook, error) });
  }
}

/** The asking server says itself which webhook it was. */
function denialOf({ name }: Webhook, error: unknown): Status {
  const status = statusOf(error);
  const prefix = `admission webhook "${name}" denied the request: `;
  const { message = "" } = status;
  return message.startsWith(prefix) ? { ...status, message: message.slice(prefix.length) } : status;
}

function requestOf(asked: Readonly<Record<string, unknown>>, warn: (text: string) => void): AdmissionRequest {
  const operation = operations.find((each) => each === asked["operation"]);
  if (operation === undefined) {
    throw new ApiError("BadRequest", `request.operation must be one of ${operations.join(", ")}`);
  }
  const namespace = textOf(asked, "namespace");
  const subresource = textOf(asked, "subResource");
  const user = childOf(asked, "userInfo");
  const old = asked["oldObject"] ?? undefined;
  if (old !== undefined && !isKubeObject(old)) throw notAnObject("oldObject");
  return {
    operation,
    kind: kindOf(asked),
    subresource: subresource === "" ? undefined : subresource,
    namespace: namespace === "" ? undefined : namespace,
    name: textOf(asked, "name"),
    object: mutableCopy(asked["object"] ?? undefined),
    old,
    user: { name: textOf(user, "username"), groups: textsOf(user, "groups") },
    dryRun: asked["dryRun"] === true,
    warn,
  };
}

/** A copy that may be edited, with the empty name that an object with generateName has before it is stored. */
function mutableCopy(object: unknown): MutableObject | undefined {
  if (object === undefined) return undefined;
  const copy = parseJson(encodeJsonText(object));
  const metadata = isRecord(copy) ? copy["metadata"] : undefined;
  if (isRecord(metadata)) metadata["name"] ??= "";
  if (!isMutableObject(copy)) throw notAnObject("object");
  return copy;
}

function notAnObject(field: string): ApiError {
  return new ApiError("BadRequest", `request.${field} must be an object with apiVersion, kind and metadata`);
}

function kindOf(asked: Readonly<Record<string, unknown>>): Kind {
  const coordinates = childOf(asked, "kind");
  const name = textOf(coordinates, "kind");
  return {
    group: textOf(coordinates, "group"),
    version: textOf(coordinates, "version"),
    kind: name,
    plural: textOf(childOf(asked, "resource"), "resource"),
    singular: name.toLowerCase(),
    listKind: `${name}List`,
    namespaced: textOf(asked, "namespace") !== "",
    shortNames: [],
    categories: [],
  };
}

/** A JSON Patch of whole top-level fields; nothing where nothing was edited. */
function patchOf(before: unknown, after: MutableObject | undefined): object {
  if (after === undefined || !isRecord(before)) return {};
  const metadata = isRecord(before["metadata"]) ? before["metadata"] : {};
  const edited = "name" in metadata ? after : { ...after, metadata: withoutEmptyName(after.metadata) };
  const operationsOfPatch = Object.entries(edited).flatMap(([name, value]) => {
    if (deepEqual(value, before[name])) return [];
    const path = `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
    return [{ op: Object.hasOwn(before, name) ? "replace" : "add", path, value }];
  });
  if (operationsOfPatch.length === 0) return {};
  const patch = Buffer.from(encodeJsonText(operationsOfPatch)).toString("base64");
  return { patchType: "JSONPatch", patch };
}

function withoutEmptyName({ name, ...others }: MutableObject["metadata"]): Record<string, unknown> {
  return name === "" ? others : { name, ...others };
}

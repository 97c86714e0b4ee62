// ResourceInterpreterContext: what a webhook is asked, and how its answer is read. Pure.
// Upstream: karmada pkg/apis/config/v1alpha1/interpretercontext_types.go,
// pkg/resourceinterpreter/customized/webhook/request/{interpreter,response}.go.
import type { AggregatedStatusItem, Component } from "#api/work/binding.ts";
import { errorText } from "#machinery/api-error.ts";
import { isArray, isKubeObject, isRecord, isString } from "#machinery/guards.ts";
import { parseJson } from "#machinery/json.ts";
import { type KubeObject, parseApiVersion } from "#machinery/object.ts";
import { applyJsonPatch, decodeJsonPatch } from "#machinery/patch/json-patch.ts";
import { defined } from "#std/defined.ts";
import { componentsOf, dependenciesOf, requirementsOf, toInt32 } from "../answers.ts";
import type { DependentObject, ReflectedStatus, ReplicaInfo } from "../interpretation.ts";

const apiVersion = "config.karmada.io/v1alpha1";
const kind = "ResourceInterpreterContext";
/** The versions of the context that are spoken here. */
export const contextVersions: readonly string[] = ["v1alpha1"];

export interface Question {
  /** As users name it. */
  readonly operation: string;
  readonly object: KubeObject;
  /** Of Retain. */
  readonly observed?: KubeObject;
  /** Of ReviseReplica. */
  readonly replicas?: number;
  /** Of AggregateStatus. */
  readonly items?: readonly AggregatedStatusItem[] | undefined;
}

export function contextOf(uid: string, { operation, object, observed, replicas = 0, items }: Question): object {
  const { group, version } = parseApiVersion(object.apiVersion);
  const { name, namespace } = object.metadata;
  return {
    apiVersion,
    kind,
    request: {
      uid,
      kind: { group, version, kind: object.kind },
      name,
      ...defined({ namespace }),
      operation,
      object,
      ...defined({ observedObject: observed }),
      replicas,
      ...defined({ aggregatedStatus: items }),
    },
  };
}

export type Answer = Readonly<Record<string, unknown>>;

/** The response in the body of an answer. Throws where it is none, or says that the webhook failed. */
export function readAnswer(body: Uint8Array, uid: string): Answer {
  const context = parseJson(body);
  if (!isRecord(context) || context["apiVersion"] !== apiVersion || context["kind"] !== kind) {
    throw new Error(`expected webhook response of ${apiVersion}, Kind=${kind}`);
  }
  const response = context["response"];
  if (!isRecord(response)) throw new Error("webhook response was absent");
  if (response["uid"] !== uid) {
    throw new Error(`expected response.uid ${JSON.stringify(uid)}, got ${JSON.stringify(response["uid"] ?? "")}`);
  }
  if (response["successful"] === true) return response;
  const { status } = response;
  if (!isRecord(status)) throw new Error("webhook require response.status when response.successful is false");
  const { code = 0, message = "" } = status;
  throw new Error(`webhook call failed, get status code: ${String(code)}, msg: ${String(message)}`);
}

export function replicasAnswer({ replicas, replicaRequirements }: Answer): ReplicaInfo {
  if (typeof replicas !== "number") throw new Error("webhook returned nil response.replicas");
  return { replicas: toInt32(replicas), requirements: requirementsOf(replicaRequirements) };
}

export function componentsAnswer({ components }: Answer): readonly Component[] {
  return isArray(components) ? componentsOf(components) : [];
}

export function dependenciesAnswer({ dependencies }: Answer): readonly DependentObject[] {
  return isArray(dependencies) ? dependenciesOf(dependencies) : [];
}

export function statusAnswer({ rawStatus }: Answer): ReflectedStatus {
  if (!isRecord(rawStatus)) throw new Error("webhook returned nill response.rawStatus");
  return rawStatus;
}

export function healthAnswer({ healthy }: Answer): boolean {
  if (typeof healthy !== "boolean") throw new Error("webhook returned nil response.healthy");
  return healthy;
}

/** The object with the patch of the answer, or the object itself when there is none. */
export function patchedBy({ patch, patchType }: Answer, object: KubeObject): KubeObject {
  const hasPatch = isString(patch) && patch !== "";
  if (!hasPatch && patchType === undefined) return object;
  if (patchType === undefined) throw new Error("webhook returned nil response.patchType");
  if (!hasPatch) throw new Error("webhook returned empty response.patch");
  if (patchType !== "JSONPatch") throw new Error(`unknown patch type ${JSON.stringify(patchType)}`);
  const patched = applyPatch(patch, object);
  if (!isKubeObject(patched)) throw new Error("the patched object has no apiVersion, kind and metadata");
  return patched;
}

function applyPatch(patch: string, object: KubeObject): unknown {
  try {
    return applyJsonPatch(object, decodeJsonPatch(parseJson(Buffer.from(patch, "base64"))));
  } catch (error) {
    throw new Error(`the patch cannot be applied: ${errorText(error)}`, { cause: error });
  }
}

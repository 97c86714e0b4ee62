// What Karmada's admission is made of: one webhook per kind, with upstream's name. The embedded API server calls them in
// process; served over HTTPS they are the same functions. Upstream: karmada artifacts/deploy/webhook-configuration.yaml.
import type { AdmissionPlugin, AdmissionRequest, MutableObject } from "#machinery/admission.ts";
import { ApiError } from "#machinery/api-error.ts";
import { type FieldError, fieldErrorText } from "#machinery/field-error.ts";
import { isObjectOf } from "#machinery/guards.ts";
import type { Kind, KubeObject } from "#machinery/object.ts";

type Operation = AdmissionRequest["operation"];

export interface Webhook {
  /** `propagationpolicy.karmada.io`. */
  readonly name: string;
  /** Absent: every kind. */
  readonly kind?: Kind;
  readonly operations: readonly Operation[];
  /** Edits the object in place. It has not been validated yet: nothing about its shape is certain. */
  mutate?(object: MutableObject, request: AdmissionRequest): void;
  /** Why the request is refused, as users read it; undefined lets it pass. */
  refusal?(request: AdmissionRequest): string | undefined | Promise<string | undefined>;
}

/** The webhook as a plugin of the embedded API server. Like upstream's, it sees main resources only. */
export function asPlugin(webhook: Webhook): AdmissionPlugin {
  return {
    name: webhook.name,
    mutate(request) {
      if (concerns(webhook, request) && request.object !== undefined) webhook.mutate?.(request.object, request);
    },
    validate(request) {
      const refusal = concerns(webhook, request) ? webhook.refusal?.(request) : undefined;
      if (refusal === undefined) return;
      const deny = (text: string): never => {
        throw new ApiError("Forbidden", `admission webhook "${webhook.name}" denied the request: ${text}`);
      };
      if (typeof refusal === "string") return deny(refusal);
      return refusal.then((text) => (text === undefined ? undefined : deny(text)));
    },
  };
}

function concerns({ kind, operations }: Webhook, request: AdmissionRequest): boolean {
  if (request.subresource !== undefined || !operations.includes(request.operation)) return false;
  return kind === undefined || (request.kind.group === kind.group && request.kind.kind === kind.kind);
}

/** The new and the old object by their kind; undefined where there is none. What is validated has its kind's shape. */
export function objectsOf<T extends KubeObject>(
  kind: Kind<T>,
  { object, old }: AdmissionRequest,
): { readonly object: T | undefined; readonly old: T | undefined } {
  return {
    object: isObjectOf(kind, object) ? object : undefined,
    old: isObjectOf(kind, old) ? old : undefined,
  };
}

/** All findings in one text, or undefined when there is none. Upstream: field.ErrorList.ToAggregate. */
export function aggregateText(errors: readonly FieldError[]): string | undefined {
  const texts = [...new Set(errors.map(fieldErrorText))];
  return texts.length > 1 ? `[${texts.join(", ")}]` : texts[0];
}

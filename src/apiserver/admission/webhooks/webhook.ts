// A webhook as its configuration declares it, read once. Pure.
// Upstream: k8s.io/api/admissionregistration/v1/types.go, apiserver pkg/admission/plugin/webhook/accessors.go.
import { childOf, type Fields, itemsOf, numberOf, textOf, textsOf } from "#api/builtin/access.ts";
import { isLabelSelectorSpec, type LabelMatcher, labelSelectorOf } from "#machinery/selectors.ts";
import type { KubeObject } from "#machinery/object.ts";
import { matchConditionsOf, type NamedExpression } from "../expressions.ts";

const timeoutSecondsDefault = 10;
const servicePortDefault = 443;

export interface WebhookRule {
  readonly operations: readonly string[];
  readonly groups: readonly string[];
  readonly versions: readonly string[];
  readonly resources: readonly string[];
  /** `*`, `Cluster` or `Namespaced`. */
  readonly scope: string;
}

/** Where a webhook listens: a URL, or a Service of the cluster. */
export type WebhookAddress =
  | { readonly kind: "url"; readonly url: string }
  | {
      readonly kind: "service";
      readonly namespace: string;
      readonly name: string;
      readonly port: number;
      readonly path: string;
    };

export interface Webhook {
  readonly name: string;
  readonly rules: readonly WebhookRule[];
  /** Rules are about all versions of a resource that they name in one. */
  readonly isEquivalent: boolean;
  readonly failurePolicy: "Fail" | "Ignore";
  readonly reinvoked: boolean;
  readonly namespaceSelector: LabelMatcher;
  readonly objectSelector: LabelMatcher;
  readonly matchConditions: readonly NamedExpression[];
  readonly timeoutSeconds: number;
  /** The review version that is spoken with it. */
  readonly reviewVersion: "v1" | "v1beta1";
  readonly address: WebhookAddress;
  /** PEM; undefined: the system's authorities. */
  readonly authority: string | undefined;
}

/** The webhooks of configurations: by the configurations' names, then in the order of each list. */
export function webhooksOf(configurations: readonly KubeObject[]): readonly Webhook[] {
  const byName = [...configurations].sort((left, right) => (left.metadata.name < right.metadata.name ? -1 : 1));
  return byName.flatMap((configuration) => itemsOf(configuration, "webhooks").map(webhookOf));
}

function webhookOf(fields: Fields): Webhook {
  return {
    name: textOf(fields, "name"),
    rules: itemsOf(fields, "rules").map(webhookRuleOf),
    isEquivalent: textOf(fields, "matchPolicy") !== "Exact",
    failurePolicy: textOf(fields, "failurePolicy") === "Ignore" ? "Ignore" : "Fail",
    reinvoked: textOf(fields, "reinvocationPolicy") === "IfNeeded",
    namespaceSelector: selectorOf(fields["namespaceSelector"]),
    objectSelector: selectorOf(fields["objectSelector"]),
    matchConditions: matchConditionsOf(fields, {}),
    timeoutSeconds: numberOf(fields, "timeoutSeconds") ?? timeoutSecondsDefault,
    reviewVersion: webhookReviewVersion(textsOf(fields, "admissionReviewVersions")),
    ...webhookClientOf(childOf(fields, "clientConfig") ?? {}),
  };
}

/** Reads `clientConfig`. */
export function webhookClientOf(config: Fields): Pick<Webhook, "address" | "authority"> {
  const bundle = textOf(config, "caBundle");
  const authority = bundle === "" ? undefined : Buffer.from(bundle, "base64").toString("utf8");
  return { address: addressOf(config), authority };
}

/** A rule with operations, as webhooks and policies have them. */
export function webhookRuleOf(fields: Fields): WebhookRule {
  const scope = textOf(fields, "scope");
  return {
    operations: textsOf(fields, "operations"),
    groups: textsOf(fields, "apiGroups"),
    versions: textsOf(fields, "apiVersions"),
    resources: textsOf(fields, "resources"),
    scope: scope === "" ? "*" : scope,
  };
}

/** The matcher of a LabelSelector; absent: all. */
export function selectorOf(value: unknown): LabelMatcher {
  return labelSelectorOf(isLabelSelectorSpec(value) ? value : {});
}

/** The first that is known; validation has seen to it that there is one. */
export function webhookReviewVersion(versions: readonly string[]): "v1" | "v1beta1" {
  return versions.find((version) => version === "v1" || version === "v1beta1") === "v1beta1" ? "v1beta1" : "v1";
}

function addressOf(config: Fields): WebhookAddress {
  const service = childOf(config, "service");
  if (service === undefined) return { kind: "url", url: textOf(config, "url") };
  const path = textOf(service, "path");
  return {
    kind: "service",
    namespace: textOf(service, "namespace"),
    name: textOf(service, "name"),
    port: numberOf(service, "port") ?? servicePortDefault,
    path: path.startsWith("/") ? path : `/${path}`,
  };
}

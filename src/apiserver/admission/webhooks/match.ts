// Which webhooks a write concerns: rules, then selectors. Pure.
// Upstream: k8s.io/apiserver/pkg/admission/plugin/webhook/predicates.
import type { Kind } from "#machinery/object.ts";
import type { Webhook, WebhookRule } from "./webhook.ts";

type Labels = Readonly<Record<string, string>>;

/** What rules look at. */
export interface WriteAttributes {
  readonly operation: string;
  readonly resource: Kind;
  readonly subresource: string | undefined;
  readonly namespace: string | undefined;
}

/** What selectors look at. */
export interface WriteLabels {
  /** Of the namespace that the object is in, or of the Namespace that is written; undefined: neither. */
  readonly namespace: Labels | undefined;
  /** Of the new object and of the old one. */
  readonly object: readonly Labels[];
}

/** Whether the webhook wants to see an object with these labels. */
export function selectorsMatch(
  { namespaceSelector, objectSelector }: Pick<Webhook, "namespaceSelector" | "objectSelector">,
  labels: WriteLabels,
): boolean {
  if (labels.namespace !== undefined && !namespaceSelector(labels.namespace)) return false;
  return labels.object.some((each) => objectSelector(each));
}

/** Whether the rule is about such a write. */
export function ruleMatches(
  rule: WebhookRule,
  { operation, resource, subresource, namespace }: WriteAttributes,
): boolean {
  return (
    has(rule.operations, operation) &&
    has(rule.groups, resource.group) &&
    has(rule.versions, resource.version) &&
    rule.resources.some((pattern) => resourceMatches(pattern, resource.plural, subresource)) &&
    scopeMatches(rule.scope, resource, namespace)
  );
}

function has(list: readonly string[], value: string): boolean {
  return list.includes("*") || list.includes(value);
}

/** `pods`, `pods/*`, `pods/scale`, `*` (no subresources), `*` with `/scale`, `*` with `/*`. */
function resourceMatches(pattern: string, plural: string, subresource = ""): boolean {
  const [resource = "", part = ""] = pattern.split("/");
  return (resource === "*" || resource === plural) && (part === "*" || part === subresource);
}

/** Namespaces count as objects of the cluster. */
function scopeMatches(scope: string, { group, kind }: Kind, namespace: string | undefined): boolean {
  if (scope === "*") return true;
  const isNamespaced = namespace !== undefined && !(group === "" && kind === "Namespace");
  return (scope === "Namespaced") === isNamespaced;
}

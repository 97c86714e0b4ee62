// Which webhooks a write concerns: rules, then selectors. Pure.
// Upstream: k8s.io/apiserver/pkg/admission/plugin/webhook/predicates.
import type { Kind } from "#machinery/object.ts";
import type { Webhook, WebhookRule } from "./webhook.ts";

type Labels = Readonly<Record<string, string>>;

export interface WriteFacts {
  readonly operation: string;
  readonly resource: Kind;
  readonly subresource: string | undefined;
  readonly namespace: string | undefined;
  /** Of the namespace that the object is in, or of the Namespace that is written; undefined: neither. */
  readonly namespaceLabels: Labels | undefined;
  /** Of the new object and of the old one. */
  readonly objectLabels: readonly Labels[];
}

/** Whether the webhook is to be asked. Its matchConditions are not looked at. */
export function concerns(webhook: Webhook, facts: WriteFacts): boolean {
  if (!webhook.rules.some((rule) => ruleMatches(rule, facts))) return false;
  if (facts.namespaceLabels !== undefined && !webhook.namespaceSelector(facts.namespaceLabels)) return false;
  return facts.objectLabels.some((labels) => webhook.objectSelector(labels));
}

/** Whether any rule may match, whatever the selectors say: what namespaces are called need not be read otherwise. */
export function mayConcern(webhook: Webhook, facts: Omit<WriteFacts, "namespaceLabels" | "objectLabels">): boolean {
  return webhook.rules.some((rule) => ruleMatches(rule, facts));
}

function ruleMatches(
  rule: WebhookRule,
  { operation, resource, subresource, namespace }: Omit<WriteFacts, "namespaceLabels" | "objectLabels">,
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

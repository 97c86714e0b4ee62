// The record of what a template refers to, on its binding, and which objects it means. Pure.
// Upstream: karmada pkg/dependenciesdistributor/dependencies_distributor.go (recordDependencies, matchesWithBindingDependencies).
import type { LabelSelector } from "#api/meta-types.ts";
import { labelMatcherOf } from "#api/policy/label-matcher.ts";
import type { DependentObject } from "#interpreter/interpretation.ts";
import { encodeJsonText } from "#machinery/json.ts";
import type { KubeObject } from "#machinery/object.ts";
import { defined } from "#std/defined.ts";

/** The annotation's text, in the order of Go's fields; upstream writes `null` where there are none. */
export function recordText(dependencies: readonly DependentObject[]): string {
  if (dependencies.length === 0) return "null";
  return encodeJsonText(
    dependencies.map(({ apiVersion, kind, namespace, name, labelSelector }) =>
      defined({ apiVersion, kind, namespace, name, labelSelector: labelSelector && ordered(labelSelector) }),
    ),
  );
}

/** Maps as Go writes them, so that the text does not depend on who wrote the selector. */
function ordered({ matchLabels, matchExpressions }: LabelSelector): LabelSelector {
  const labels = Object.entries(matchLabels ?? {}).sort(([left], [right]) => (left < right ? -1 : 1));
  return defined({
    matchLabels: matchLabels === undefined ? undefined : Object.fromEntries(labels),
    matchExpressions: matchExpressions?.map(({ key, operator, values }) => defined({ key, operator, values })),
  });
}

/** Whether a dependency means this object: by name, else by label. */
export function means(
  { apiVersion, kind, namespace = "", name = "", ...by }: DependentObject,
  object: KubeObject,
): boolean {
  const { metadata } = object;
  if (object.apiVersion !== apiVersion || object.kind !== kind || (metadata.namespace ?? "") !== namespace)
    return false;
  if (name !== "") return metadata.name === name;
  return by.labelSelector !== undefined && labelMatcherOf(by.labelSelector)(metadata.labels);
}

/** Under what a referrer is looked for when an object changes: the object's name, or all of its kind in its namespace. */
export function dependencyKeys(dependencies: readonly DependentObject[]): readonly string[] {
  return dependencies.map(({ apiVersion, kind, namespace = "", name = "" }) =>
    name === "" ? keyOf(apiVersion, kind, namespace, "*") : keyOf(apiVersion, kind, namespace, name),
  );
}

/** The keys of dependencies that may mean this object. */
export function objectKeys({ apiVersion, kind, metadata: { namespace = "", name } }: KubeObject): readonly string[] {
  return [keyOf(apiVersion, kind, namespace, name), keyOf(apiVersion, kind, namespace, "*")];
}

/** No name is `*`. */
function keyOf(apiVersion: string, kind: string, namespace: string, name: string): string {
  return `${apiVersion}/${kind}/${namespace}/${name}`;
}

/** The list as upstream's event prints it: Go's `%+v`. */
export function eventText(dependencies: readonly DependentObject[]): string {
  const texts = dependencies.map(
    ({ apiVersion, kind, namespace = "", name = "", labelSelector }) =>
      `{APIVersion:${apiVersion} Kind:${kind} Namespace:${namespace} Name:${name} LabelSelector:${selectorText(labelSelector)}}`,
  );
  return `[${texts.join(" ")}]`;
}

function selectorText(selector: LabelSelector | undefined): string {
  if (selector === undefined) return "nil";
  const labels = Object.entries(selector.matchLabels ?? {})
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, value]) => `${key}: ${value},`);
  const expressions = (selector.matchExpressions ?? []).map(
    ({ key, operator, values = [] }) =>
      `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(" ")}],},`,
  );
  return (
    `&LabelSelector{MatchLabels:map[string]string{${labels.join("")}},` +
    `MatchExpressions:[]LabelSelectorRequirement{${expressions.join("")}},}`
  );
}

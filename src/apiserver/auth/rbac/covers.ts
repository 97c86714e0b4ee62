// Whether rules give all that other rules give. Pure.
// Upstream: k8s.io/component-helpers/auth/rbac/validation/policy_comparator.go, kubernetes pkg/registry/rbac/validation.
import type { PolicyRule } from "./decide.ts";

/** The rules of `wanted`, each of one verb on one thing, that no rule of `held` covers. */
export function missingRules(held: readonly PolicyRule[], wanted: readonly PolicyRule[]): readonly PolicyRule[] {
  return wanted.flatMap(breakDown).filter((rule) => !held.some((other) => covers(other, rule)));
}

function breakDown(rule: PolicyRule): readonly PolicyRule[] {
  const { verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule;
  const named = resourceNames.length === 0 ? [{}] : resourceNames.map((name) => ({ resourceNames: [name] }));
  const onResources = apiGroups.flatMap((group) =>
    resources.flatMap((resource) =>
      verbs.flatMap((verb) =>
        named.map((names) => ({ verbs: [verb], apiGroups: [group], resources: [resource], ...names })),
      ),
    ),
  );
  const onPaths = nonResourceURLs.flatMap((url) => verbs.map((verb) => ({ verbs: [verb], nonResourceURLs: [url] })));
  return [...onResources, ...onPaths];
}

/** `rule` is of one verb on one thing. */
function covers(held: PolicyRule, rule: PolicyRule): boolean {
  if (!has(held.verbs, rule.verbs)) return false;
  const [url] = rule.nonResourceURLs ?? [];
  if (url !== undefined) return (held.nonResourceURLs ?? []).some((pattern) => urlCovers(pattern, url));
  const names = held.resourceNames ?? [];
  const [name] = rule.resourceNames ?? [];
  return (
    has(held.apiGroups, rule.apiGroups) &&
    (rule.resources ?? []).every((resource) => resourceCovers(held.resources ?? [], resource)) &&
    (names.length === 0 || (name !== undefined && names.includes(name)))
  );
}

function has(held: readonly string[] = [], wanted: readonly string[] = []): boolean {
  return held.includes("*") || wanted.every((each) => held.includes(each));
}

/** The form with a star before the slash covers one subresource of every kind. */
function resourceCovers(held: readonly string[], wanted: string): boolean {
  const [, subresource] = wanted.split("/");
  return (
    held.includes("*") || held.includes(wanted) || (subresource !== undefined && held.includes(`*/${subresource}`))
  );
}

function urlCovers(pattern: string, url: string): boolean {
  return pattern === url || (pattern.endsWith("*") && url.startsWith(pattern.slice(0, -1)));
}

/** One line for each thing, sorted: `{APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}`. `rules` as missingRules gives. */
export function ruleTexts(rules: readonly PolicyRule[]): readonly string[] {
  const verbsByThing = new Map<string, string[]>();
  for (const { verbs, apiGroups, resources, nonResourceURLs, resourceNames } of rules) {
    const parts: readonly (readonly [string, readonly string[] | undefined])[] = [
      ["APIGroups", apiGroups],
      ["Resources", resources],
      ["NonResourceURLs", nonResourceURLs],
      ["ResourceNames", resourceNames],
    ];
    const thing = parts.flatMap(([name, list]) => (list === undefined ? [] : [`${name}:${goList(list)}`])).join(", ");
    verbsByThing.set(thing, [...(verbsByThing.get(thing) ?? []), ...verbs]);
  }
  return [...verbsByThing].map(([thing, verbs]) => `{${thing}, Verbs:${goList([...new Set(verbs)])}}`).sort();
}

function goList(texts: readonly string[]): string {
  return `[${texts.map((text) => JSON.stringify(text)).join(" ")}]`;
}

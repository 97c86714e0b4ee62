// What is never propagated: Karmada's own API groups, events, leases, reserved and skipped namespaces.
// Upstream: karmada pkg/util/apigroup.go (SkippedResourceConfig), pkg/detector/detector.go (EventFilter).
import type { GroupVersionKind, ObjectRef } from "#machinery/object.ts";
import { isReservedNamespace } from "#api/karmada-names.ts";

/** `--skipped-propagating-apis` and `--skipped-propagating-namespaces`. */
export interface SkipOptions {
  /** `group`, `group/version`, `group/version/Kind,Kind` or (core) `v1/Kind,Kind`, separated by semicolons. */
  readonly apis: string;
  /** Regular expressions that must match a namespace whole. */
  readonly namespaces: readonly string[];
}

export const skipDefaults: SkipOptions = { apis: "", namespaces: ["kube-.*"] };

export interface SkipRules {
  skipsKind(kind: GroupVersionKind): boolean;
  skipsObject(kind: GroupVersionKind, ref: ObjectRef): boolean;
  /** Whether the user's list names the namespace. */
  skipsNamespace(namespace: string): boolean;
}

const ownGroups: readonly string[] = [
  "cluster.karmada.io",
  "policy.karmada.io",
  "work.karmada.io",
  "config.karmada.io",
  "networking.karmada.io",
  "autoscaling.karmada.io",
  "remedy.karmada.io",
  "apps.karmada.io",
];

/** Writes of machines to machines, many a second, that mean nothing elsewhere. */
const noise: readonly string[] = ["events.k8s.io", "coordination.k8s.io/v1", "v1/Event"];

/** The rules that `options` spell out, on top of the built-in ones. Throws RangeError for text that is no API. */
export function skipRules(options: SkipOptions): SkipRules {
  const skipped = new Set([...ownGroups, ...noise, ...options.apis.split(";").flatMap(parseApis)]);
  const namespaces = options.namespaces.map((pattern) => new RegExp(`^(?:${pattern})$`));
  const skipsNamespace = (namespace: string): boolean => namespaces.some((pattern) => pattern.test(namespace));
  return {
    skipsNamespace,
    skipsKind: ({ group, version, kind }) => {
      const groupVersion = group === "" ? version : `${group}/${version}`;
      return skipped.has(group) || skipped.has(groupVersion) || skipped.has(`${groupVersion}/${kind}`);
    },
    skipsObject: ({ group, kind }, { namespace = "", name }) =>
      isReservedNamespace(namespace) ||
      skipsNamespace(namespace) ||
      // Made by the API server for its own extensions (karmada #4228).
      (group === "" &&
        kind === "ConfigMap" &&
        namespace === "kube-system" &&
        name === "extension-apiserver-authentication"),
  };
}

/** One entry: `apps/v1/Deployment,StatefulSet` gives a rule for each kind. */
function parseApis(entry: string): string[] {
  if (entry === "") return [];
  const parts = entry.split("/");
  const kinds = parts.at(-1)?.split(",") ?? [];
  if (parts.length > 3 || parts.includes("")) throw new RangeError(`not an API to skip: ${entry}`);
  const namesKinds = parts.length === 3 || (parts.length === 2 && /^v\d/.test(entry));
  if (!namesKinds) return [entry];
  return kinds.map((kind) => [...parts.slice(0, -1), kind].join("/"));
}

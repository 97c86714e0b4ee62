// The warning that users of a deprecated version get. Pure.
// Upstream: k8s.io/apiextensions-apiserver/pkg/apiserver/customresource_handler.go (defaultDeprecationWarning).
import type { CustomResourceDefinition } from "#api/kinds.ts";
import { compareApiVersions } from "#machinery/api-version-order.ts";

/** The text, or undefined for a version that is not deprecated. */
export function deprecationWarningOf({ spec }: CustomResourceDefinition, version: string): string | undefined {
  const found = spec.versions.find(({ name }) => name === version);
  if (found?.deprecated !== true) return undefined;
  if (found.deprecationWarning !== undefined) return found.deprecationWarning;
  const [better] = spec.versions
    .filter((other) => other.served && other.deprecated !== true)
    .map((other) => other.name)
    .filter((name) => compareApiVersions(name, version) < 0)
    .sort(compareApiVersions);
  const text = `${spec.group}/${version} ${spec.names.kind} is deprecated`;
  return better === undefined ? text : `${text}; use ${spec.group}/${better} ${spec.names.kind}`;
}

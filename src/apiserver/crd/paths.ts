// The simple JSON paths of CustomResourceDefinitions (`.spec.replicas`) as lists of field names. Pure.
// Upstream: k8s.io/apiextensions-apiserver/pkg/apiserver/validation/fieldpath.go.

/** The field names of `.spec.a`, also with quoted keys (`.metadata.annotations['a.b']`); undefined: not a simple path. */
export function parseSimplePath(path: string): readonly string[] | undefined {
  const names: string[] = [];
  const pattern = /\.([A-Za-z_][\w-]*)|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]/y;
  while (pattern.lastIndex < path.length) {
    const match = pattern.exec(path);
    if (match === null) return undefined;
    names.push(match[1] ?? (match[2] ?? match[3] ?? "").replace(/\\(.)/g, "$1"));
  }
  return names.length === 0 ? undefined : names;
}

// The parameters of operations. Upstream: the *Options kinds of k8s.io/apimachinery/pkg/apis/meta/v1.
import type { Operation, QuerySet } from "./operations.ts";

export interface Parameter {
  readonly name: string;
  readonly in: "query" | "path";
  readonly type: "string" | "integer" | "boolean";
  readonly description: string;
}

const query = (name: string, type: Parameter["type"], description: string): Parameter => ({
  name,
  in: "query",
  type,
  description,
});

const path = (name: string, description: string): Parameter => ({ name, in: "path", type: "string", description });

const dryRun = query("dryRun", "string", "All: do everything but store the result.");

const sets: Readonly<Record<QuerySet, readonly Parameter[]>> = {
  none: [],
  list: [
    query("allowWatchBookmarks", "boolean", "Whether a watch may send bookmarks."),
    query("continue", "string", "Where a list goes on that came in pieces."),
    query("fieldSelector", "string", "Only objects whose fields are these."),
    query("labelSelector", "string", "Only objects whose labels are these."),
    query("limit", "integer", "How many objects to send at once."),
    query("resourceVersion", "string", "How new the answer must be."),
    query("resourceVersionMatch", "string", "What resourceVersion means for a list."),
    query("sendInitialEvents", "boolean", "Whether a watch begins with what there is."),
    query("timeoutSeconds", "integer", "When the server ends the request."),
    query("watch", "boolean", "Send changes as they happen."),
  ],
  write: [
    dryRun,
    query("fieldManager", "string", "Who makes the change."),
    query("fieldValidation", "string", "What to do about unknown and repeated fields: Ignore, Warn or Strict."),
  ],
  patch: [query("force", "boolean", "Whether apply takes over fields that others manage.")],
  delete: [
    dryRun,
    query("gracePeriodSeconds", "integer", "Seconds before the object is removed."),
    query("ignoreStoreReadErrorWithClusterBreakingPotential", "boolean", "Delete even what cannot be read."),
    query("orphanDependents", "boolean", "Superseded by propagationPolicy."),
    query("propagationPolicy", "string", "What becomes of dependents: Orphan, Background or Foreground."),
  ],
};

/** The query parameters of an operation. */
export function queryParameters({ query: names }: Operation): readonly Parameter[] {
  const all = names.flatMap((name) => sets[name]);
  return all.filter((parameter, index) => all.findIndex(({ name }) => name === parameter.name) === index);
}

/** The parameters that all operations of a path share. */
export function pathParameters(text: string): readonly Parameter[] {
  return [
    ...(text.includes("{name}") ? [path("name", "Name of the object.")] : []),
    ...(text.includes("{namespace}") ? [path("namespace", "Namespace of the object.")] : []),
    query("pretty", "string", "Whether the answer is laid out for people."),
  ];
}

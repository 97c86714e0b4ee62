// The 403 that tells a user what it may not do. Upstream: k8s.io/apiserver/pkg/endpoints/handlers/responsewriters/errors.go.
import { ApiError } from "#machinery/api-error.ts";
import type { Attributes } from "./authorizer.ts";

const escapes: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/** `pods "x" is forbidden: User "u" cannot get resource "pods" in API group "" in the namespace "ns": <reason>`. */
export function forbiddenError(attributes: Attributes, reason: string): ApiError {
  const what = escape(forbiddenText(attributes));
  const why = reason === "" ? what : `${what}: ${reason}`;
  if (!attributes.isResource) return new ApiError("Forbidden", `forbidden: ${why}`, { details: {} });
  const { group, resource, name } = attributes;
  const qualified = group === "" ? resource : `${resource}.${group}`;
  return new ApiError("Forbidden", `${name === "" ? qualified : `${qualified} "${name}"`} is forbidden: ${why}`, {
    details: {
      ...(name === "" ? {} : { name }),
      ...(group === "" ? {} : { group }),
      kind: resource,
    },
  });
}

function forbiddenText({ user, verb, group, resource, subresource, namespace, path, isResource }: Attributes): string {
  const who = `User ${JSON.stringify(user.name)} cannot ${verb}`;
  if (!isResource) return `${who} path ${JSON.stringify(path)}`;
  const what = subresource === "" ? resource : `${resource}/${subresource}`;
  const where = namespace === "" ? "at the cluster scope" : `in the namespace "${namespace}"`;
  return `${who} resource "${what}" in API group "${group}" ${where}`;
}

/** The text may end up in a browser. */
function escape(text: string): string {
  return text.replace(/[&<>]/g, (character) => escapes[character] ?? character);
}

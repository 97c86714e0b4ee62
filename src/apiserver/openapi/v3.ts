// OpenAPI version 3 documents, one a group version. Pure. Upstream: k8s.io/kube-openapi/pkg/builder3.
import { builtinResolver } from "#api/builtin/index.ts";
import type { Resource } from "#api/resource.ts";
import { Definitions } from "./definitions.ts";
import { referenceTo } from "./dialect.ts";
import { basePath, idPart, type Operation, operationsOf } from "./operations.ts";
import { type Parameter, pathParameters, queryParameters } from "./parameters.ts";

/** An OpenAPI document, ready to be encoded. */
export type OpenApiDocument = Readonly<Record<string, unknown>>;

const answerTypes = ["application/json", "application/yaml"];

/** The document of the group version that `resources`, at least one, belong to. */
export function openapiV3Document(resources: readonly Resource[], version: string): OpenApiDocument {
  const definitions = new Definitions(3, builtinResolver);
  const paths: Record<string, Record<string, unknown>> = {};
  for (const resource of resources) definitions.addResource(resource);
  for (const resource of resources) {
    definitions.use(resource.definitionName);
    for (const operation of operationsOf(resource)) {
      const item = (paths[operation.path] ??= { parameters: pathParameters(operation.path).map(parameterObject) });
      item[operation.method] = operationObject(operation, definitions);
    }
  }
  const first = resources[0]?.kind;
  if (first !== undefined) paths[`${basePath(first)}/`] = discoveryPath(`get${idPart(first)}APIResources`);
  return documentOf(version, paths, definitions);
}

/** The document of a path that only lists others: `api`, `apis`, `apis/apps`, `version`. */
export function openapiV3PathDocument(path: string, version: string): OpenApiDocument {
  const words = path.split(/[^a-z0-9]+/i).map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return documentOf(version, { [`/${path}/`]: discoveryPath(`get${words.join("")}`) }, undefined);
}

function documentOf(
  version: string,
  paths: Readonly<Record<string, unknown>>,
  definitions: Definitions | undefined,
): OpenApiDocument {
  const securitySchemes = { BearerToken: { type: "apiKey", in: "header", name: "authorization" } };
  return {
    openapi: "3.0.0",
    info: { title: "Kubernetes", version },
    paths: Object.fromEntries(Object.entries(paths).sort(([a], [b]) => (a < b ? -1 : 1))),
    components: { ...(definitions === undefined ? {} : { schemas: definitions.all() }), securitySchemes },
  };
}

function operationObject(operation: Operation, definitions: Definitions): OpenApiDocument {
  const { id, action, kind, body, consumes } = operation;
  const parameters = queryParameters(operation).map(parameterObject);
  if (body !== undefined) definitions.use(body);
  return {
    tags: [tagOf(operation)],
    operationId: withLowerFirst(id),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: requestBody(body, consumes, action !== "delete") }),
    responses: responsesOf(operation, definitions),
    "x-kubernetes-action": action,
    "x-kubernetes-group-version-kind": kind,
  };
}

function requestBody(body: string, consumes: readonly string[], isRequired: boolean): OpenApiDocument {
  const schema = referenceTo(body, 3);
  return {
    ...(isRequired ? { required: true } : {}),
    content: Object.fromEntries(consumes.map((type) => [type, { schema }])),
  };
}

function responsesOf({ answer, codes }: Operation, definitions: Definitions): OpenApiDocument {
  if (answer !== undefined) definitions.use(answer);
  const schema = answer === undefined ? { type: "string" } : referenceTo(answer, 3);
  const types = answer === undefined ? ["*/*"] : answerTypes;
  const content = Object.fromEntries(types.map((type) => [type, { schema }]));
  return {
    ...Object.fromEntries(codes.map((code) => [String(code), { description: codeWords[code] ?? "OK", content }])),
    "401": { description: "Unauthorized" },
  };
}

export const codeWords: Readonly<Record<number, string>> = { 200: "OK", 201: "Created", 202: "Accepted" };

function parameterObject({ type, ...rest }: Parameter): OpenApiDocument {
  const schema = { type, uniqueItems: true };
  return { ...rest, ...(rest.in === "path" ? { required: true } : {}), schema };
}

function discoveryPath(id: string): Record<string, unknown> {
  const responses = { "200": { description: "OK" }, "401": { description: "Unauthorized" } };
  return { get: { operationId: withLowerFirst(id), responses } };
}

/** `apps_v1`. */
export function tagOf({ kind }: { readonly kind: { readonly group: string; readonly version: string } }): string {
  return `${kind.group === "" ? "core" : kind.group.replace(/\.k8s\.io$/, "").replace(/[.-]/g, "_")}_${kind.version}`;
}

export function withLowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

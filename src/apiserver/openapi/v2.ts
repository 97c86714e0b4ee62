// The OpenAPI version 2 document of all resources, which older clients read. Pure. Upstream: k8s.io/kube-openapi/pkg/builder.
import { builtinResolver } from "#api/builtin/index.ts";
import type { Resource } from "#api/resource.ts";
import { Definitions } from "./definitions.ts";
import { referenceTo } from "./dialect.ts";
import { type Operation, operationsOf } from "./operations.ts";
import { type Parameter, pathParameters, queryParameters } from "./parameters.ts";
import { codeWords, type OpenApiDocument, tagOf, withLowerFirst } from "./v3.ts";

/** The document of all `resources`. */
export function openapiV2Document(resources: readonly Resource[], version: string): OpenApiDocument {
  const definitions = new Definitions(2, builtinResolver);
  const paths: Record<string, Record<string, unknown>> = {};
  for (const resource of resources) definitions.addResource(resource);
  for (const resource of resources) {
    definitions.use(resource.definitionName);
    for (const operation of operationsOf(resource)) {
      const item = (paths[operation.path] ??= { parameters: pathParameters(operation.path).map(parameterObject) });
      item[operation.method] = operationObject(operation, definitions);
    }
  }
  return {
    swagger: "2.0",
    info: { title: "Kubernetes", version },
    paths: Object.fromEntries(Object.entries(paths).sort(([a], [b]) => (a < b ? -1 : 1))),
    definitions: definitions.all(),
    securityDefinitions: { BearerToken: { type: "apiKey", in: "header", name: "authorization" } },
    security: [{ BearerToken: [] }],
  };
}

function operationObject(operation: Operation, definitions: Definitions): OpenApiDocument {
  const { id, action, kind, body, answer, codes, consumes } = operation;
  for (const name of [body, answer]) if (name !== undefined) definitions.use(name);
  const bodyParameter =
    body === undefined
      ? []
      : [
          {
            name: "body",
            in: "body",
            schema: referenceTo(body, 2),
            ...(action === "delete" ? {} : { required: true }),
          },
        ];
  const schema = answer === undefined ? { type: "string" } : referenceTo(answer, 2);
  const parameters = [...bodyParameter, ...queryParameters(operation).map(parameterObject)];
  return {
    tags: [tagOf(operation)],
    operationId: withLowerFirst(id),
    consumes: consumes.length === 0 ? ["*/*"] : consumes,
    produces: answer === undefined ? ["*/*"] : ["application/json", "application/yaml"],
    schemes: ["https"],
    ...(parameters.length === 0 ? {} : { parameters }),
    responses: {
      ...Object.fromEntries(codes.map((code) => [String(code), { description: codeWords[code] ?? "OK", schema }])),
      "401": { description: "Unauthorized" },
    },
    "x-kubernetes-action": action,
    "x-kubernetes-group-version-kind": kind,
  };
}

function parameterObject(parameter: Parameter): OpenApiDocument {
  return { ...parameter, uniqueItems: true, ...(parameter.in === "path" ? { required: true } : {}) };
}

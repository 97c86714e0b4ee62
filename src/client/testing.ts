// What tests of this layer share: kinds, and a transport made of a function.
import type { ApiRequest, ApiResponse } from "#machinery/http.ts";
import type { Kind } from "#machinery/object.ts";
import type { Transport } from "./client.ts";

export const ConfigMapKind: Kind = kindOf("", "v1", "ConfigMap", "configmaps", true);
export const NamespaceKind: Kind = kindOf("", "v1", "Namespace", "namespaces", false);
export const DeploymentKind: Kind = kindOf("apps", "v1", "Deployment", "deployments", true);

/** A kind from its coordinates. */
export function kindOf(group: string, version: string, kind: string, plural: string, namespaced: boolean): Kind {
  const listKind = `${kind}List`;
  return {
    group,
    version,
    kind,
    plural,
    singular: kind.toLowerCase(),
    listKind,
    namespaced,
    shortNames: [],
    categories: [],
  };
}

/** A transport that answers by `handle` and keeps every request. */
export function fakeTransport(handle: (request: ApiRequest) => ApiResponse | Promise<ApiResponse>): Transport & {
  readonly requests: ApiRequest[];
} {
  const requests: ApiRequest[] = [];
  return {
    requests,
    async send(request) {
      requests.push(request);
      return await handle(request);
    },
    close: () => Promise.resolve(),
  };
}

/** An answer of JSON. */
export function jsonAnswer(body: unknown, status = 200, headers: ApiResponse["headers"] = {}): ApiResponse {
  return {
    status,
    headers: { "content-type": "application/json", ...headers },
    body: Buffer.from(JSON.stringify(body)),
  };
}

/** A stream of the given chunks. */
export async function* chunksOf(chunks: Iterable<Uint8Array | string>): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) {
    await Promise.resolve();
    yield typeof chunk === "string" ? Buffer.from(chunk) : chunk;
  }
}

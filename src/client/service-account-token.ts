// Asks the API server for a token of a service account: it alone has the signing key.
// Upstream: k8s.io/client-go/kubernetes/typed/core/v1 (ServiceAccounts.CreateToken).
import { ServiceAccount } from "#api/kinds.ts";
import { ApiError } from "#machinery/api-error.ts";
import { fieldOf, isString } from "#machinery/guards.ts";
import { parseJson } from "#machinery/json.ts";
import type { KubeObject, ObjectRef } from "#machinery/object.ts";
import type { Client } from "./client.ts";
import { objectPath } from "./paths.ts";

export interface WantedToken {
  readonly account: ObjectRef;
  /** The token ends with this object. */
  readonly boundTo: { readonly kind: "Pod" | "Secret"; readonly object: KubeObject };
  readonly expirationSeconds: number;
}

/** Throws ApiError where there is none to be had. */
export async function requestServiceAccountToken(
  client: Client,
  { account, boundTo, expirationSeconds }: WantedToken,
  signal: AbortSignal,
): Promise<string> {
  const { name, uid } = boundTo.object.metadata;
  const boundObjectRef = { apiVersion: "v1", kind: boundTo.kind, name, uid };
  const body = {
    apiVersion: "authentication.k8s.io/v1",
    kind: "TokenRequest",
    spec: { expirationSeconds, boundObjectRef },
  };
  const answer = await client.raw("POST", objectPath(ServiceAccount, account, "token"), { body, signal });
  const token = fieldOf(parseJson(answer.body), "status", "token");
  if (!isString(token) || token === "") throw new ApiError("InternalError", "the server's answer holds no token");
  return token;
}

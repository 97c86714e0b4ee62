// Reads the objects that service account tokens name, from the server itself.
import { Node, Pod, Secret, ServiceAccount } from "#api/kinds.ts";
import type { Client } from "#client/client.ts";
import type { Kind } from "#machinery/object.ts";
import type { TokenObjectLookup } from "./service-account-authenticator.ts";

const kinds: Readonly<Record<Parameters<TokenObjectLookup>[0], Kind>> = {
  serviceaccount: ServiceAccount,
  pod: Pod,
  secret: Secret,
  node: Node,
};

/** Looks objects up through `client`, which is a member of `system:masters`; read live, so a deletion counts at once. */
export function clientTokenObjects(client: Pick<Client, "find">): TokenObjectLookup {
  return (kind, ref) => client.find(kinds[kind], ref);
}

// The way into a member: one function, behind which a proxy in the control plane can take the place of the member's own
// credentials. Those are read with the user's rights: who may not read the Secret does not get in.
// Upstream: karmada pkg/karmadactl/util/factory.go (goes through the aggregated clusters/proxy).
import { Cluster } from "#api/cluster/cluster.ts";
import { Secret } from "#api/kinds.ts";
import type { Client } from "#client/client.ts";
import { createClient } from "#client/rest-client.ts";
import { accessOf } from "#controllers/member-access.ts";
import { ApiError, isApiError } from "#machinery/api-error.ts";
import { defined } from "#std/defined.ts";
import type { Invocation, Flags } from "./command.ts";

export interface MemberAccessOptions {
  /** Of the control plane. */
  readonly client: Client;
  readonly cluster: string;
  readonly openTransport: Invocation<Flags>["openTransport"];
  readonly signal: AbortSignal;
}

/** A client of the member. ApiError NotFound without such a cluster, Forbidden where the user may not. */
export async function connectToMember(options: MemberAccessOptions): Promise<Client> {
  const { client, cluster: name, openTransport, signal } = options;
  const cluster = await client.get(Cluster, { name }, { signal });
  const access = accessOf(cluster, await readSecret(options, cluster));
  if (access === undefined) {
    throw new ApiError(
      "ServiceUnavailable",
      `cluster ${name} has no address or no credentials in the control plane: look at "karmadactl get cluster ${name} -o yaml"`,
    );
  }
  const { endpoint: server, token, caBundle: certificateAuthority, insecure, proxyUrl } = access;
  const insecureSkipTlsVerify = insecure ? true : undefined;
  const config = { server, token, ...defined({ certificateAuthority, insecureSkipTlsVerify, proxyUrl }) };
  return createClient(openTransport(config), { userAgent: "karmadactl", keepManagedFields: true });
}

async function readSecret({ client, signal }: MemberAccessOptions, cluster: Cluster): Promise<Secret | undefined> {
  const { secretRef } = cluster.spec;
  if (secretRef === undefined) return undefined;
  try {
    return await client.find(Secret, secretRef, { signal });
  } catch (error) {
    if (!isApiError(error, "Forbidden")) throw error;
    throw new ApiError(
      "Forbidden",
      `you may not read Secret ${secretRef.namespace}/${secretRef.name}, which holds the way into cluster ` +
        `${cluster.metadata.name}: ${error.message}`,
      { cause: error },
    );
  }
}

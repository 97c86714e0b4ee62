// How `up` reaches members that run in its own process: straight, without TLS and HTTP between; in a thread of their own,
// through a message port. The token of the member's
// Secret goes along, so the member authenticates and authorizes each request as it would have over TLS.
import type { Transport } from "#client/client.ts";
import { inProcessTokenTransport } from "#client/in-process-transport.ts";
import { connectByHttp } from "#controllers/all.ts";
import type { MemberAccess } from "#controllers/member-access.ts";
import type { LocalMember } from "./members/local-member.ts";

type Here = Pick<LocalMember, "server" | "authority" | "handle">;

/** Straight to those of `members` that a Cluster and its Secret name by address and authority; HTTPS to all others. */
export function connectStraight(members: readonly Here[]): (access: MemberAccess) => Transport {
  const byServer = new Map(members.map((member) => [member.server, member]));
  return (access) => {
    const member = byServer.get(access.endpoint);
    const isTrusted = access.insecure || access.caBundle === member?.authority;
    if (member === undefined || !isTrusted || access.proxyUrl !== undefined) return connectByHttp(access);
    return inProcessTokenTransport(member.handle, access.token);
  };
}

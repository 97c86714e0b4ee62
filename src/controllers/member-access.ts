// What it takes to reach a member, read from its Cluster and the Secret that the Cluster names. Pure.
// Upstream: karmada pkg/util/membercluster_client.go (BuildClusterConfig).
import type { Cluster } from "#api/cluster/cluster.ts";
import type { Secret } from "#api/kinds.ts";
import { defined } from "#std/defined.ts";

/** Secret: never logged as a whole. */
export interface MemberAccess {
  readonly cluster: string;
  readonly endpoint: string;
  readonly token: string;
  /** PEM. Absent with `insecure`, or where the system's roots do. */
  readonly caBundle?: string;
  readonly insecure: boolean;
  readonly proxyUrl?: string;
  readonly proxyHeaders?: Readonly<Record<string, string>>;
  /** Differs whenever a connection built from this would; a member that was replaced under its old name included. */
  readonly fingerprint: string;
}

/** The way into a member, or undefined while something is missing: an endpoint, the Secret, a token in it. */
export function accessOf(cluster: Cluster, secret: Secret | undefined): MemberAccess | undefined {
  const { spec, metadata } = cluster;
  const token = decoded(secret, "token");
  const endpoint = spec.apiEndpoint ?? "";
  if (endpoint === "" || token === undefined) return undefined;
  const insecure = spec.insecureSkipTLSVerification === true;
  const access = defined({
    cluster: metadata.name,
    endpoint,
    token,
    caBundle: insecure ? undefined : decoded(secret, "caBundle"),
    insecure,
    proxyUrl: spec.proxyURL === "" ? undefined : spec.proxyURL,
    proxyHeaders: spec.proxyHeader,
  });
  return { ...access, fingerprint: JSON.stringify([metadata.uid, spec.id, access]) };
}

function decoded(secret: Secret | undefined, key: string): string | undefined {
  const data = secret?.data ?? {};
  const value = Object.hasOwn(data, key) ? data[key] : undefined;
  return value === undefined || value === "" ? undefined : Buffer.from(value, "base64").toString("utf8");
}

// Writes kubeconfig files: which servers there are, as whom to speak to them, and how a context joins the two.
// Upstream: k8s.io/client-go/tools/clientcmd/api/v1/types.go.
import { dirname } from "node:path";
import { stringify } from "yaml";
import { ensurePrivateDirectory, writeFileAtomic } from "#std/files.ts";
import type { KeyPair } from "./certificates.ts";

/** One cluster, one user and the context of the same name that joins them. */
export interface KubeconfigEntry {
  readonly context: string;
  /** `https://127.0.0.1:6443`. */
  readonly server: string;
  /** PEM of the authority that signed the server's certificate. */
  readonly authority: string;
  readonly user: string;
  readonly credentials: KeyPair | { readonly token: string };
  /** Absent: `default`, as clients assume. */
  readonly namespace?: string;
}

/** A kubeconfig as plain data, with the first entry as the current context. Certificates are inside, in base64. */
function buildKubeconfig(entries: readonly KubeconfigEntry[]): Readonly<Record<string, unknown>> {
  return {
    apiVersion: "v1",
    kind: "Config",
    preferences: {},
    clusters: entries.map((entry) => ({
      name: entry.context,
      cluster: { "certificate-authority-data": base64(entry.authority), server: entry.server },
    })),
    users: entries.map((entry) => ({ name: userName(entry), user: userOf(entry) })),
    contexts: entries.map((entry) => ({
      name: entry.context,
      context: {
        cluster: entry.context,
        user: userName(entry),
        ...(entry.namespace === undefined ? {} : { namespace: entry.namespace }),
      },
    })),
    "current-context": entries[0]?.context ?? "",
  };
}

/** Writes the file in one step, for its owner alone. Missing directories are made. */
export async function writeKubeconfig(path: string, entries: readonly KubeconfigEntry[]): Promise<void> {
  await ensurePrivateDirectory(dirname(path));
  await writeFileAtomic(path, stringify(buildKubeconfig(entries), { lineWidth: 0 }));
}

/** Users of several clusters may have one name, with other credentials in each. */
function userName(entry: KubeconfigEntry): string {
  return `${entry.user}@${entry.context}`;
}

function userOf({ credentials }: KubeconfigEntry): Readonly<Record<string, string>> {
  if ("token" in credentials) return { token: credentials.token };
  return {
    "client-certificate-data": base64(credentials.certificate),
    "client-key-data": base64(credentials.privateKey),
  };
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

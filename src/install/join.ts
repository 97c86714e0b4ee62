// Joins a cluster in Push mode, and takes it out again: what `karmadactl join`, `unjoin` and `karmada up` do.
// Upstream: karmada pkg/karmadactl/join/join.go, unjoin/unjoin.go, pkg/util/credential.go.
import { Cluster } from "#api/cluster/cluster.ts";
import { karmadaFinalizers, karmadaLabels, karmadaValues } from "#api/karmada-constants.ts";
import {
  executionNamespace,
  impersonatorSecretName,
  memberClusterRoleName,
  memberServiceAccountName,
} from "#api/karmada-names.ts";
import { ClusterRole, ClusterRoleBinding, Namespace, Secret, ServiceAccount } from "#api/kinds.ts";
import { Work } from "#api/work/work.ts";
import type { Client } from "#client/client.ts";
import { ApiError, isApiError } from "#machinery/api-error.ts";
import { isDns1123Label } from "#machinery/names.ts";
import type { Kind, KubeObject } from "#machinery/object.ts";
import type { Clock } from "#std/time.ts";

export const clusterNamespaceDefault = "karmada-cluster";
const impersonator = "karmada-impersonator";
const clusterNameBytesMax = 48;
const tokenWaitMilliseconds = 30_000;
const pollFirstMilliseconds = 5;
const pollMaxMilliseconds = 1_000;
const systemLabels = { [karmadaLabels.system]: karmadaValues.system } as const;

export interface JoinOptions {
  readonly controlPlane: Client;
  readonly member: Client;
  readonly name: string;
  /** `https://host:port` of the member, as the control plane reaches it. */
  readonly endpoint: string;
  /** PEM; undefined with `insecureSkipTlsVerification`. */
  readonly caBundle: string | undefined;
  readonly insecureSkipTlsVerification?: boolean;
  readonly clusterNamespace: string;
  readonly provider?: string;
  readonly region?: string;
  readonly zones?: readonly string[];
  readonly proxyUrl?: string;
  /** Only checks that it could be joined. */
  readonly dryRun?: boolean;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Registers a member under `name`. ApiError AlreadyExists when the cluster or its name is registered already; Invalid
 * for a name that cannot be one. What an earlier attempt left behind is taken up again.
 */
export async function joinCluster(options: JoinOptions): Promise<void> {
  const { controlPlane, member, name, signal } = options;
  checkClusterName(name);
  const id = (await member.get(Namespace, { name: "kube-system" }, { signal })).metadata.uid ?? "";
  await refuseDuplicate(controlPlane, name, id, signal);
  if (options.dryRun === true) return;
  const tokens = await prepareMember(options);
  const secrets = await storeCredentials(options, tokens);
  const cluster = await controlPlane.create(Cluster, clusterOf(options, id), { signal });
  // The secrets go with the cluster.
  const owner = {
    apiVersion: cluster.apiVersion,
    kind: cluster.kind,
    name,
    uid: cluster.metadata.uid ?? "",
    controller: true,
    blockOwnerDeletion: true,
  };
  for (const secret of secrets) {
    const patch = { metadata: { ownerReferences: [owner] } };
    await controlPlane.patch(
      Secret,
      { namespace: options.clusterNamespace, name: secret },
      { type: "merge", patch },
      { signal },
    );
  }
}

function checkClusterName(name: string): void {
  if (name.length <= clusterNameBytesMax && isDns1123Label(name)) return;
  throw new ApiError(
    "Invalid",
    `invalid cluster name "${name}": it must be a DNS-1123 label (lower-case letters, digits and "-") of at most ${clusterNameBytesMax} characters`,
  );
}

async function refuseDuplicate(controlPlane: Client, name: string, id: string, signal: AbortSignal): Promise<void> {
  const { items } = await controlPlane.list(Cluster, { signal });
  if (!items.some((cluster) => cluster.metadata.name === name || cluster.spec.id === id)) return;
  throw new ApiError("AlreadyExists", `the cluster ID ${id} or the cluster name ${name} has been registered`);
}

interface Tokens {
  readonly controller: string;
  readonly impersonator: string;
}

/** What the control plane needs inside the member: a namespace, two service accounts with tokens, full rights for one. */
async function prepareMember({ member, name, clusterNamespace, clock, signal }: JoinOptions): Promise<Tokens> {
  const account = memberServiceAccountName(name);
  const role = memberClusterRoleName(memberServiceAccountName(name));
  await ensure(member, Namespace, { metadata: { name: clusterNamespace, labels: systemLabels } }, signal);
  await Promise.all([
    ...[account, impersonator].map((each) =>
      ensure(
        member,
        ServiceAccount,
        { metadata: { namespace: clusterNamespace, name: each, labels: systemLabels } },
        signal,
      ),
    ),
    ensure(
      member,
      ClusterRole,
      {
        metadata: { name: role, labels: systemLabels },
        rules: [
          { apiGroups: ["*"], resources: ["*"], verbs: ["*"] },
          { nonResourceURLs: ["*"], verbs: ["get"] },
        ],
      },
      signal,
    ),
    ensure(
      member,
      ClusterRoleBinding,
      {
        metadata: { name: role, labels: systemLabels },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role },
        subjects: [{ kind: "ServiceAccount", name: account, namespace: clusterNamespace }],
      },
      signal,
    ),
  ]);
  const [controllerToken, impersonatorToken] = await Promise.all(
    [account, impersonator].map((each) => serviceAccountToken(member, clusterNamespace, each, clock, signal)),
  );
  return { controller: controllerToken ?? "", impersonator: impersonatorToken ?? "" };
}

/** The token of a service account, in base64 as its Secret has it: asks for the Secret and waits for the token. */
async function serviceAccountToken(
  member: Client,
  namespace: string,
  account: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<string> {
  const annotations = { "kubernetes.io/service-account.name": account };
  const metadata = { namespace, name: account, labels: systemLabels, annotations };
  await ensure(member, Secret, { metadata, type: "kubernetes.io/service-account-token" }, signal);
  const deadline = clock.monotonic() + tokenWaitMilliseconds;
  for (let wait = pollFirstMilliseconds; clock.monotonic() < deadline; wait = Math.min(wait * 2, pollMaxMilliseconds)) {
    const token = (await member.find(Secret, { namespace, name: account }, { signal }))?.data?.["token"];
    if (token !== undefined && token !== "") return token;
    await clock.sleep(wait, signal);
  }
  throw new ApiError(
    "Timeout",
    `the member gave no token for service account ${namespace}/${account} within ${tokenWaitMilliseconds / 1000} s: ` +
      "does its controller manager run with a service account key?",
  );
}

/** The two secrets of the cluster in the control plane; their names. */
async function storeCredentials(options: JoinOptions, tokens: Tokens): Promise<readonly string[]> {
  const { controlPlane, name, clusterNamespace: namespace, caBundle, signal } = options;
  await ensure(controlPlane, Namespace, { metadata: { name: namespace, labels: systemLabels } }, signal);
  const ca = caBundle === undefined ? {} : { caBundle: Buffer.from(caBundle).toString("base64") };
  const contents: readonly (readonly [string, Record<string, string>])[] = [
    [impersonatorSecretName(name), { token: tokens.impersonator }],
    [name, { ...ca, token: tokens.controller }],
  ];
  for (const [secret, data] of contents) {
    const made = await ensure(
      controlPlane,
      Secret,
      { metadata: { namespace, name: secret, labels: systemLabels }, data },
      signal,
    );
    if (made) continue;
    await controlPlane.patch(Secret, { namespace, name: secret }, { type: "merge", patch: { data } }, { signal });
  }
  return contents.map(([secret]) => secret);
}

function clusterOf(options: JoinOptions, id: string): { metadata: { name: string }; spec: Cluster["spec"] } {
  const { name, endpoint, clusterNamespace: namespace, provider, region, zones, proxyUrl } = options;
  return {
    metadata: { name },
    spec: {
      syncMode: "Push",
      apiEndpoint: endpoint,
      id,
      secretRef: { namespace, name },
      impersonatorSecretRef: { namespace, name: impersonatorSecretName(name) },
      ...(options.insecureSkipTlsVerification === true ? { insecureSkipTLSVerification: true } : {}),
      ...(provider === undefined ? {} : { provider }),
      ...(region === undefined ? {} : { region }),
      ...(zones === undefined || zones.length === 0 ? {} : { zones }),
      ...(proxyUrl === undefined ? {} : { proxyURL: proxyUrl }),
    },
  };
}

export interface UnjoinOptions {
  readonly controlPlane: Client;
  /** Undefined: nothing is taken away in the member. */
  readonly member: Client | undefined;
  readonly name: string;
  readonly clusterNamespace: string;
  /** When the cluster does not go by itself in time, strip what holds it. */
  readonly force: boolean;
  readonly waitMilliseconds: number;
  readonly dryRun?: boolean;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Takes a Push cluster out. ApiError NotFound when there is none, Invalid for a Pull cluster, Timeout when it does not go. */
export async function unjoinCluster(options: UnjoinOptions): Promise<void> {
  const { controlPlane, name, signal } = options;
  const cluster = await controlPlane.find(Cluster, { name }, { signal });
  if (cluster === undefined) throw new ApiError("NotFound", `no cluster object ${name} found in karmada control Plane`);
  if (cluster.spec.syncMode === "Pull") {
    throw new ApiError("Invalid", `cluster ${name} is in Pull mode: take it out with "karmadactl unregister ${name}"`);
  }
  if (options.dryRun === true) return;
  await controlPlane.delete(Cluster, { name }, { signal });
  if (!(await isGoneInTime(options))) {
    if (!options.force) {
      throw new ApiError(
        "Timeout",
        `cluster ${name} is not gone after ${options.waitMilliseconds / 1000} s: wait longer with --wait, or drop what holds it with --force`,
      );
    }
    await stripFinalizers(options);
  }
  if (options.member !== undefined)
    await cleanMember(options.member, name, options.clusterNamespace, options.force, signal);
}

async function isGoneInTime({ controlPlane, name, waitMilliseconds, clock, signal }: UnjoinOptions): Promise<boolean> {
  const deadline = clock.monotonic() + waitMilliseconds;
  for (let wait = pollFirstMilliseconds; ; wait = Math.min(wait * 2, pollMaxMilliseconds)) {
    if ((await controlPlane.find(Cluster, { name }, { signal })) === undefined) return true;
    if (clock.monotonic() >= deadline) return false;
    await clock.sleep(Math.min(wait, Math.max(1, deadline - clock.monotonic())), signal);
  }
}

async function stripFinalizers({ controlPlane, name, signal }: UnjoinOptions): Promise<void> {
  const namespace = executionNamespace(name);
  const { items } = await controlPlane.list(Work, { namespace, signal });
  for (const work of items) {
    const ref = { namespace, name: work.metadata.name };
    await dropFinalizer(controlPlane, Work, ref, work, karmadaFinalizers.execution, signal);
  }
  const cluster = await controlPlane.find(Cluster, { name }, { signal });
  if (cluster !== undefined)
    await dropFinalizer(controlPlane, Cluster, { name }, cluster, karmadaFinalizers.cluster, signal);
}

async function dropFinalizer<T extends KubeObject>(
  client: Client,
  kind: Kind<T>,
  ref: { readonly name: string; readonly namespace?: string },
  object: T,
  finalizer: string,
  signal: AbortSignal,
): Promise<void> {
  const finalizers = (object.metadata.finalizers ?? []).filter((each) => each !== finalizer);
  try {
    await client.patch(kind, ref, { type: "merge", patch: { metadata: { finalizers } } }, { signal });
  } catch (error) {
    if (!isApiError(error, "NotFound")) throw error;
  }
}

async function cleanMember(
  member: Client,
  name: string,
  namespace: string,
  force: boolean,
  signal: AbortSignal,
): Promise<void> {
  const role = memberClusterRoleName(memberServiceAccountName(name));
  const targets: readonly (readonly [Kind, { readonly name: string; readonly namespace?: string }])[] = [
    [ClusterRoleBinding, { name: role }],
    [ClusterRole, { name: role }],
    [ServiceAccount, { namespace, name: memberServiceAccountName(name) }],
    [Namespace, { name: namespace }],
  ];
  for (const [kind, ref] of targets) {
    try {
      await member.delete(kind, ref, { signal });
    } catch (error) {
      if (!isApiError(error, "NotFound") && !force) throw error;
    }
  }
}

/** Creates an object, or leaves the one that is there. Whether it was created. */
async function ensure<T extends KubeObject>(
  client: Client,
  kind: Kind<T>,
  object: Parameters<typeof client.create<T>>[1],
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await client.create(kind, object, { signal });
    return true;
  } catch (error) {
    if (isApiError(error, "AlreadyExists")) return false;
    throw error;
  }
}

// What a fresh cluster has before anyone asks for anything, and a restarted one still has.
// Upstream: kubernetes pkg/controlplane (instance.go, controller/systemnamespaces, controller/kubernetesservice,
// controller/clusterauthenticationtrust) and plugin/pkg/auth/authorizer/rbac/bootstrappolicy.
import { isIP } from "node:net";
import {
  ClusterRole,
  ClusterRoleBinding,
  ConfigMap,
  EndpointSlice,
  Namespace,
  PriorityClass,
  Service,
} from "#api/kinds.ts";
import type { Client } from "#client/client.ts";
import { isApiError } from "#machinery/api-error.ts";
import { deepEqual } from "#machinery/equality.ts";
import { apiVersionOf, type Kind, type KubeObject, type ObjectMeta } from "#machinery/object.ts";
import { bootstrapClusterRoleBindings, bootstrapClusterRoles } from "./bootstrap-roles.ts";

export interface StartupOptions {
  /** Speaks to the server as a member of `system:masters`. */
  readonly client: Client;
  /** Where clients inside the cluster would reach the server. */
  readonly address: { readonly host: string; readonly port: number };
  /** PEM of the authority of client certificates, which extension servers read. */
  readonly clientAuthority?: string;
  readonly signal: AbortSignal;
}

const systemNamespaces = ["default", "kube-system", "kube-public", "kube-node-lease"] as const;
/** The first address of the service range, as upstream gives it to `default/kubernetes`. */
const kubernetesServiceAddress = "10.96.0.1";

/** Creates what is missing, in two rounds (namespaces, then all else at once). What exists costs one list per kind. */
export async function ensureStartupObjects(options: StartupOptions): Promise<void> {
  const { client, signal } = options;
  await ensureAll(options, Namespace, systemNamespaces.map(systemNamespace));
  await Promise.all([
    ensureAll(options, ClusterRole, bootstrapClusterRoles(), addMissingRules),
    ensureAll(options, ClusterRoleBinding, bootstrapClusterRoleBindings()),
    ensureAll(options, PriorityClass, priorityClasses()),
    ensureOne(client, Service, kubernetesService(), signal),
    ensureOne(client, EndpointSlice, kubernetesEndpoints(options.address), signal, replaceEndpoints),
    ...(options.clientAuthority === undefined
      ? []
      : [ensureOne(client, ConfigMap, authenticationConfig(options.clientAuthority), signal, replaceData)]),
  ]);
}

/** The existing object brought up to date, or undefined where it is good as it is. */
type Mend<T> = (existing: T, wanted: T) => T | undefined;

async function ensureAll<T extends KubeObject>(
  { client, signal }: StartupOptions,
  kind: Kind<T>,
  wanted: readonly T[],
  mend?: Mend<T>,
): Promise<void> {
  const { items } = await client.list(kind, { signal });
  const existing = new Map(items.map((item) => [item.metadata.name, item]));
  await Promise.all(
    wanted.map((object) => settle(client, kind, existing.get(object.metadata.name), object, signal, mend)),
  );
}

async function ensureOne<T extends KubeObject>(
  client: Client,
  kind: Kind<T>,
  wanted: T,
  signal: AbortSignal,
  mend?: Mend<T>,
): Promise<void> {
  await settle(client, kind, await client.find(kind, wanted.metadata, { signal }), wanted, signal, mend);
}

async function settle<T extends KubeObject>(
  client: Client,
  kind: Kind<T>,
  existing: T | undefined,
  wanted: T,
  signal: AbortSignal,
  mend: Mend<T> | undefined,
): Promise<void> {
  if (existing === undefined) {
    await client.create(kind, wanted, { signal }).catch(ignoreExisting);
    return;
  }
  const mended = mend?.(existing, wanted);
  if (mended !== undefined) await client.update(kind, mended, { signal });
}

/** Another server of the same store may have been faster. */
function ignoreExisting(error: unknown): void {
  if (!isApiError(error, "AlreadyExists")) throw error;
}

/** An upgrade gives existing roles the rules they lack, unless the annotation was taken off; it never takes any away. */
function addMissingRules(existing: ClusterRole, wanted: ClusterRole): ClusterRole | undefined {
  if (existing.metadata.annotations?.["rbac.authorization.kubernetes.io/autoupdate"] !== "true") return undefined;
  if (wanted.aggregationRule !== undefined) return undefined;
  const present = existing.rules ?? [];
  const missing = (wanted.rules ?? []).filter((rule) => !present.some((other) => deepEqual(rule, other)));
  return missing.length === 0 ? undefined : { ...existing, rules: [...present, ...missing] };
}

function replaceEndpoints(existing: EndpointSlice, wanted: EndpointSlice): EndpointSlice | undefined {
  const { endpoints = [], ports = [] } = wanted;
  const same =
    deepEqual(
      existing.endpoints?.map(({ addresses }) => addresses),
      endpoints.map(({ addresses }) => addresses),
    ) &&
    deepEqual(
      existing.ports?.map(({ port }) => port),
      ports.map(({ port }) => port),
    );
  return same ? undefined : { ...existing, endpoints, ports };
}

function replaceData(existing: ConfigMap, { data = {} }: ConfigMap): ConfigMap | undefined {
  return deepEqual(existing.data, data) ? undefined : { ...existing, data };
}

function systemNamespace(name: string): Namespace {
  return { ...head(Namespace), metadata: { name } };
}

function kubernetesService(): Service {
  return {
    ...head(Service),
    metadata: kubernetesMetadata({ component: "apiserver", provider: "kubernetes" }),
    spec: {
      clusterIP: kubernetesServiceAddress,
      clusterIPs: [kubernetesServiceAddress],
      ipFamilies: ["IPv4"],
      ipFamilyPolicy: "SingleStack",
      ports: [{ name: "https", port: 443, protocol: "TCP", targetPort: 6443 }],
      sessionAffinity: "None",
      type: "ClusterIP",
    },
  };
}

function kubernetesEndpoints({ host, port }: StartupOptions["address"]): EndpointSlice {
  return {
    ...head(EndpointSlice),
    metadata: kubernetesMetadata({ "kubernetes.io/service-name": "kubernetes" }),
    addressType: isIP(host) === 6 ? "IPv6" : isIP(host) === 4 ? "IPv4" : "FQDN",
    endpoints: [{ addresses: [host], conditions: { ready: true } }],
    ports: [{ name: "https", port, protocol: "TCP" }],
  };
}

function kubernetesMetadata(labels: Readonly<Record<string, string>>): ObjectMeta {
  return { name: "kubernetes", namespace: "default", labels };
}

function authenticationConfig(clientAuthority: string): ConfigMap {
  return {
    ...head(ConfigMap),
    metadata: { name: "extension-apiserver-authentication", namespace: "kube-system" },
    data: { "client-ca-file": clientAuthority },
  };
}

function priorityClasses(): readonly PriorityClass[] {
  return [
    priorityClass("system-cluster-critical", 2_000_000_000, "For pods that the cluster cannot do without."),
    priorityClass("system-node-critical", 2_000_001_000, "For pods that their node cannot do without."),
  ];
}

function priorityClass(name: string, value: number, description: string): PriorityClass {
  return { ...head(PriorityClass), metadata: { name }, value, description };
}

function head(kind: Kind): { readonly apiVersion: string; readonly kind: string } {
  return { apiVersion: apiVersionOf(kind), kind: kind.kind };
}

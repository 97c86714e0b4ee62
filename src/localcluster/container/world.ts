// What a container of a pod can see: its environment and the files of its volumes, read when somebody asks.
// Upstream: kubernetes pkg/kubelet/kubelet_pods.go (makeEnvironmentVariables), pkg/volume/{configmap,secret,projected,downwardapi}.
import { childOf, type Fields, itemsOf, numberOf, textMapOf, textOf } from "#api/builtin/access.ts";
import { ConfigMap, type Pod, Secret } from "#api/kinds.ts";
import type { Client } from "#client/client.ts";
import { requestServiceAccountToken } from "#client/service-account-token.ts";
import { isApiError } from "#machinery/api-error.ts";
import { fieldOf, isRecord } from "#machinery/guards.ts";
import type { Clock } from "#std/time.ts";
import type { World } from "./shell.ts";

/** A container of a pod's spec. */
export type ContainerFields = Fields;

export interface WorldOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

const tokenSecondsDefault = 3_600;
const path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Everything by name: what ConfigMaps and Secrets hold. */
type Holder = (kind: "configMap" | "secret", name: string) => Promise<ReadonlyMap<string, Uint8Array>>;

/** The world of one container. What it refers to and is not there is left out. */
export async function worldOf(pod: Pod, container: ContainerFields, options: WorldOptions): Promise<World> {
  const { client, clock, signal } = options;
  const hostname = textOf(childOf(pod, "spec"), "hostname") || pod.metadata.name;
  const holder = holderOf(client, pod.metadata.namespace ?? "", signal);
  const token = (seconds: number): Promise<string> => requestToken(client, pod, seconds, signal);
  const files = new Map<string, Uint8Array>([["/etc/hostname", Buffer.from(`${hostname}\n`)]]);
  const directories = new Set<string>();
  const volumes = new Map(itemsOf(childOf(pod, "spec"), "volumes").map((volume) => [textOf(volume, "name"), volume]));
  for (const mount of itemsOf(container, "volumeMounts")) {
    const volume = volumes.get(textOf(mount, "name"));
    const at = textOf(mount, "mountPath").replace(/\/+$/, "");
    const subPath = textOf(mount, "subPath");
    if (subPath === "") directories.add(at);
    for (const [name, content] of volume === undefined ? [] : await filesOf(volume, pod, { holder, token })) {
      if (subPath === "") files.set(`${at}/${name}`, content);
      else if (name === subPath) files.set(at, content);
      else if (name.startsWith(`${subPath}/`)) files.set(`${at}/${name.slice(subPath.length + 1)}`, content);
    }
  }
  return {
    environment: await environmentOf(pod, container, hostname, holder),
    files,
    directories,
    hostname,
    now: () => clock.now(),
    sleep: (milliseconds) => clock.sleep(milliseconds, signal),
  };
}

function holderOf(client: Client, namespace: string, signal: AbortSignal): Holder {
  const known = new Map<string, Promise<ReadonlyMap<string, Uint8Array>>>();
  const read: Holder = async (kind, name) => {
    const object = await client.find(kind === "secret" ? Secret : ConfigMap, { namespace, name }, { signal });
    const decode = (field: string, encoding: "utf8" | "base64") =>
      Object.entries(textMapOf(object, field)).map(([key, value]) => [key, Buffer.from(value, encoding)] as const);
    return new Map(
      kind === "secret" ? decode("data", "base64") : [...decode("data", "utf8"), ...decode("binaryData", "base64")],
    );
  };
  return (kind, name) => {
    const key = `${kind}/${name}`;
    const found = known.get(key) ?? read(kind, name);
    known.set(key, found);
    return found;
  };
}

type Files = readonly (readonly [string, Uint8Array])[];

interface Sources {
  readonly holder: Holder;
  /** A token of the pod's service account, for so many seconds. */
  readonly token: (seconds: number) => Promise<string>;
}

async function filesOf(volume: Fields, pod: Pod, sources: Sources): Promise<Files> {
  const { holder } = sources;
  const configMap = childOf(volume, "configMap");
  if (configMap !== undefined) return chosen(configMap, await holder("configMap", textOf(configMap, "name")));
  const secret = childOf(volume, "secret");
  if (secret !== undefined) return chosen(secret, await holder("secret", textOf(secret, "secretName")));
  const downward = childOf(volume, "downwardAPI");
  if (downward !== undefined) return downwardFiles(downward, pod);
  const projected = itemsOf(childOf(volume, "projected"), "sources");
  return (await Promise.all(projected.map((source) => projectedFiles(source, pod, sources)))).flat();
}

async function projectedFiles(source: Fields, pod: Pod, { holder, token }: Sources): Promise<Files> {
  const configMap = childOf(source, "configMap");
  if (configMap !== undefined) return chosen(configMap, await holder("configMap", textOf(configMap, "name")));
  const secret = childOf(source, "secret");
  if (secret !== undefined) return chosen(secret, await holder("secret", textOf(secret, "name")));
  const asked = childOf(source, "serviceAccountToken");
  if (asked !== undefined) {
    const seconds = numberOf(asked, "expirationSeconds") ?? tokenSecondsDefault;
    return [[textOf(asked, "path"), Buffer.from(await token(seconds))]];
  }
  const downward = childOf(source, "downwardAPI");
  return downward === undefined ? [] : downwardFiles(downward, pod);
}

/** Empty where there is none to be had. */
async function requestToken(client: Client, pod: Pod, seconds: number, signal: AbortSignal): Promise<string> {
  const name = textOf(childOf(pod, "spec"), "serviceAccountName") || "default";
  const account = { namespace: pod.metadata.namespace, name };
  const wanted = { account, boundTo: { kind: "Pod", object: pod }, expirationSeconds: seconds } as const;
  try {
    return await requestServiceAccountToken(client, wanted, signal);
  } catch (error) {
    if (!isApiError(error)) throw error;
    return "";
  }
}

/** All keys, or those of `items` under the paths they name. */
function chosen(source: Fields, data: ReadonlyMap<string, Uint8Array>): Files {
  const items = itemsOf(source, "items");
  if (items.length === 0) return [...data];
  return items.flatMap((item) => {
    const content = data.get(textOf(item, "key"));
    return content === undefined ? [] : [[textOf(item, "path"), content] as const];
  });
}

function downwardFiles(source: Fields, pod: Pod): Files {
  return itemsOf(source, "items").map((item) => {
    const value = fieldText(pod, textOf(childOf(item, "fieldRef"), "fieldPath"));
    return [textOf(item, "path"), Buffer.from(value ?? "")] as const;
  });
}

/** `metadata.name`, `metadata.labels['a']`, `spec.nodeName`, `status.podIP`, …; whole maps as lines of `key="value"`. */
function fieldText(pod: Pod, fieldPath: string): string | undefined {
  const match = /^metadata\.(labels|annotations)\['([^']+)'\]$/.exec(fieldPath);
  if (match !== null) return textMapOf(childOf(pod, "metadata"), match[1] ?? "")[match[2] ?? ""];
  const value = fieldOf(pod, ...fieldPath.split("."));
  if (isRecord(value)) {
    return Object.entries(value)
      .map(([key, each]) => `${key}=${JSON.stringify(String(each))}\n`)
      .join("");
  }
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
}

async function environmentOf(
  pod: Pod,
  container: Fields,
  hostname: string,
  holder: Holder,
): Promise<Map<string, string>> {
  const environment = new Map([
    ["PATH", path],
    ["HOSTNAME", hostname],
    ["HOME", "/root"],
    ["KUBERNETES_SERVICE_HOST", "10.96.0.1"],
    ["KUBERNETES_SERVICE_PORT", "443"],
  ]);
  for (const source of itemsOf(container, "envFrom")) {
    const [kind, reference] =
      childOf(source, "secretRef") === undefined
        ? (["configMap", childOf(source, "configMapRef")] as const)
        : (["secret", childOf(source, "secretRef")] as const);
    for (const [key, value] of await holder(kind, textOf(reference, "name"))) {
      environment.set(`${textOf(source, "prefix")}${key}`, Buffer.from(value).toString("utf8"));
    }
  }
  for (const variable of itemsOf(container, "env")) {
    const value = await valueOf(variable, pod, environment, holder);
    if (value !== undefined) environment.set(textOf(variable, "name"), value);
  }
  return environment;
}

async function valueOf(
  variable: Fields,
  pod: Pod,
  environment: ReadonlyMap<string, string>,
  holder: Holder,
): Promise<string | undefined> {
  const from = childOf(variable, "valueFrom");
  if (from === undefined) return expandReferences(textOf(variable, "value"), environment);
  const field = childOf(from, "fieldRef");
  if (field !== undefined) return fieldText(pod, textOf(field, "fieldPath"));
  for (const [kind, name] of [
    ["configMap", "configMapKeyRef"],
    ["secret", "secretKeyRef"],
  ] as const) {
    const reference = childOf(from, name);
    if (reference === undefined) continue;
    const content = (await holder(kind, textOf(reference, "name"))).get(textOf(reference, "key"));
    return content === undefined ? undefined : Buffer.from(content).toString("utf8");
  }
  return undefined;
}

/** `$(NAME)` for variables that stand before; `$$` for a dollar. */
export function expandReferences(text: string, environment: ReadonlyMap<string, string>): string {
  return text.replace(/\$\$|\$\(([^)]+)\)/g, (whole, name: string | undefined) =>
    name === undefined ? "$" : (environment.get(name) ?? whole),
  );
}

/** How often a container has been started again, by its status. */
export function restartsOf(status: Fields | undefined): number {
  return numberOf(status, "restartCount") ?? 0;
}

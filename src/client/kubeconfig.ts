// Reads kubeconfig files: which server a context means, and as whom it speaks.
// Upstream: k8s.io/client-go/tools/clientcmd (client_config.go, api/v1/types.go).
import { ApiError } from "#machinery/api-error.ts";
import { fieldOf, isArray, isRecord, isString, isStringArray } from "#machinery/guards.ts";
import { parseYaml } from "#machinery/yaml.ts";
import type { HttpConfig, Impersonation } from "./http-transport.ts";

export interface KubeconfigOptions {
  /** Absent: the file's current context. */
  readonly context?: string | undefined;
  /** Reads a file that the kubeconfig names. Relative paths are meant from the kubeconfig's own directory. */
  readonly readFile: (path: string) => Promise<Uint8Array>;
}

export interface LoadedContext {
  readonly context: string;
  /** The context's namespace, or `default`. */
  readonly namespace: string;
  readonly config: HttpConfig;
}

type Fields = Readonly<Record<string, unknown>>;

/** What a context of a kubeconfig says. Throws ApiError BadRequest that names what is wrong and where. */
export async function loadKubeconfig(text: string | Uint8Array, options: KubeconfigOptions): Promise<LoadedContext> {
  const file = parseYaml(text);
  if (!isRecord(file)) throw bad("it is empty or no map; is this the right file?");
  const name = options.context ?? textIn(file, "current-context") ?? "";
  if (name === "") throw bad("it has no current context; name one with --context");
  const context = named(file, "contexts", "context", name);
  const cluster = named(file, "clusters", "cluster", textIn(context, "cluster") ?? "");
  const userName = textIn(context, "user") ?? "";
  const user = userName === "" ? {} : named(file, "users", "user", userName);
  refuseCommands(user, userName);
  const read = async (field: string, fields: Fields): Promise<string | undefined> => {
    const data = textIn(fields, `${field}-data`);
    if (data !== undefined) return Buffer.from(data, "base64").toString("utf8");
    const path = textIn(fields, field);
    return path === undefined ? undefined : await readText(path, options);
  };
  return {
    context: name,
    namespace: textIn(context, "namespace") ?? "default",
    config: {
      ...clusterConfig(cluster, await read("certificate-authority", cluster)),
      ...userConfig(user, await read("client-certificate", user), await read("client-key", user), options),
    },
  };
}

/** The names of a kubeconfig's contexts and which is current. */
export function kubeconfigContexts(text: string | Uint8Array): {
  readonly current: string;
  readonly names: readonly string[];
} {
  const file = parseYaml(text);
  const entries = fieldOf(file, "contexts");
  const names = isArray(entries) ? entries.map((entry) => fieldOf(entry, "name")).filter(isString) : [];
  return { current: (isRecord(file) ? textIn(file, "current-context") : undefined) ?? "", names };
}

function clusterConfig(cluster: Fields, certificateAuthority: string | undefined): HttpConfig {
  const server = textIn(cluster, "server");
  if (server === undefined) throw bad("the cluster has no server");
  const tlsServerName = textIn(cluster, "tls-server-name");
  const proxyUrl = textIn(cluster, "proxy-url");
  const insecure = cluster["insecure-skip-tls-verify"] === true;
  if (insecure && certificateAuthority !== undefined) {
    throw bad("a cluster has either a certificate authority or insecure-skip-tls-verify, not both");
  }
  return {
    server,
    ...(certificateAuthority === undefined ? {} : { certificateAuthority }),
    ...(insecure ? { insecureSkipTlsVerify: true } : {}),
    ...(tlsServerName === undefined ? {} : { tlsServerName }),
    ...(proxyUrl === undefined ? {} : { proxyUrl }),
  };
}

function userConfig(
  user: Fields,
  clientCertificate: string | undefined,
  clientKey: string | undefined,
  options: KubeconfigOptions,
): Partial<HttpConfig> {
  if ((clientCertificate === undefined) !== (clientKey === undefined)) {
    throw bad("the user has only one of client-certificate and client-key");
  }
  const tokenFile = textIn(user, "tokenFile");
  const readToken = tokenFile === undefined ? undefined : async () => (await readText(tokenFile, options)).trim();
  const token = readToken ?? textIn(user, "token");
  const username = textIn(user, "username");
  const password = textIn(user, "password");
  const impersonate = impersonationOf(user);
  return {
    ...(clientCertificate === undefined || clientKey === undefined ? {} : { clientCertificate, clientKey }),
    ...(token === undefined ? {} : { token }),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(impersonate === undefined ? {} : { impersonate }),
  };
}

function impersonationOf(user: Fields): Impersonation | undefined {
  const name = textIn(user, "as");
  if (name === undefined) return undefined;
  const uid = textIn(user, "as-uid");
  const groups = user["as-groups"];
  const extra = Object.entries(isRecord(user["as-user-extra"]) ? user["as-user-extra"] : {});
  return {
    user: name,
    ...(uid === undefined ? {} : { uid }),
    ...(isStringArray(groups) ? { groups } : {}),
    ...(extra.length === 0
      ? {}
      : { extra: Object.fromEntries(extra.map(([key, values]) => [key, isStringArray(values) ? values : []])) }),
  };
}

function refuseCommands(user: Fields, name: string): void {
  const exec = fieldOf(user, "exec", "command");
  if (isRecord(user["exec"])) {
    const command = isString(exec) ? ` (${exec})` : "";
    throw bad(
      `user ${name} gets its credentials from a command${command}, which is not supported: use a certificate or a token`,
    );
  }
  if (isRecord(user["auth-provider"])) {
    throw bad(`user ${name} uses an auth-provider, which is not supported: use a certificate or a token`);
  }
}

/** The `singular` of the entry `name` in the list `plural`. */
function named(file: Fields, plural: string, singular: string, name: string): Fields {
  const entries = file[plural];
  const entry = isArray(entries) ? entries.find((item) => fieldOf(item, "name") === name) : undefined;
  const value = fieldOf(entry, singular);
  if (isRecord(value)) return value;
  const known = isArray(entries) ? entries.map((item) => fieldOf(item, "name")).filter(isString) : [];
  throw bad(`it has no ${singular} ${JSON.stringify(name)}; it has ${known.length === 0 ? "none" : known.join(", ")}`);
}

async function readText(path: string, { readFile }: KubeconfigOptions): Promise<string> {
  try {
    return Buffer.from(await readFile(path)).toString("utf8");
  } catch (error) {
    throw new ApiError("BadRequest", `kubeconfig: the file ${path} that it names cannot be read`, { cause: error });
  }
}

/** A text that is there and not empty. */
function textIn(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  return isString(value) && value !== "" ? value : undefined;
}

function bad(message: string): ApiError {
  return new ApiError("BadRequest", `kubeconfig: ${message}`);
}

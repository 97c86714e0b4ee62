// From flags, environment and kubeconfig files to a client, as kubectl looks for them: --kubeconfig, then KUBECONFIG, then
// ~/.kube/config.
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { type CommandIo, type Connection, flag, UsageError } from "#cli/command.ts";
import { httpTransport } from "#client/http-transport.ts";
import { kubeconfigContexts, loadKubeconfig } from "#client/kubeconfig.ts";
import { createClient } from "#client/rest-client.ts";

export const connectionFlags = {
  kubeconfig: flag.string("Path of the kubeconfig file. Default: KUBECONFIG, then ~/.kube/config.", "", {
    placeholder: "file",
  }),
  karmadaContext: flag.string("Context of the kubeconfig to use. Default: its current one.", "", {
    placeholder: "name",
  }),
  namespace: flag.string("Namespace of the request. Default: that of the context.", "", {
    short: "n",
    placeholder: "name",
  }),
} as const;

export interface ConnectOptions {
  /** Empty: KUBECONFIG, then ~/.kube/config. */
  readonly kubeconfig: string;
  /** Empty: the current context. */
  readonly context: string;
  /** Empty: that of the context. */
  readonly namespace: string;
  readonly userAgent: string;
  /** A user may want to see them. */
  readonly keepManagedFields?: boolean;
}

/** A client for what a program's connection flags say. UsageError when there is no kubeconfig. */
export function connectByKubeconfig(flags: Readonly<Record<string, unknown>>, io: CommandIo): Promise<Connection> {
  const textOf = (name: string): string => {
    const value = flags[name];
    return typeof value === "string" ? value : "";
  };
  return connectTo(
    {
      kubeconfig: textOf("kubeconfig"),
      context: textOf("karmadaContext"),
      namespace: textOf("namespace"),
      userAgent: "karmadactl",
      keepManagedFields: true,
    },
    io,
  );
}

/** A client for a context of a kubeconfig file. */
export async function connectTo(
  { kubeconfig, context, namespace, userAgent, keepManagedFields = false }: ConnectOptions,
  io: CommandIo,
): Promise<Connection> {
  const { path, text } = await findKubeconfig(kubeconfig, context, io);
  const loaded = await loadKubeconfig(text, {
    context: context === "" ? undefined : context,
    readFile: (name) => readFile(resolve(dirname(path), name)),
  });
  return {
    client: createClient(httpTransport(loaded.config), { userAgent, keepManagedFields }),
    server: loaded.config.server,
    ...(loaded.config.certificateAuthority === undefined ? {} : { authority: loaded.config.certificateAuthority }),
    ...(loaded.config.insecureSkipTlsVerify === true ? { insecureSkipTlsVerify: true } : {}),
    context: loaded.context,
    namespace: namespace === "" ? loaded.namespace : namespace,
  };
}

/** Of several files in KUBECONFIG the first that has the context, or that has a current one. */
async function findKubeconfig(asked: string, context: string, io: CommandIo): Promise<{ path: string; text: string }> {
  const listed = (io.env["KUBECONFIG"] ?? "").split(delimiter).filter((name) => name !== "");
  const home = io.env["HOME"] ?? homedir();
  const paths = asked !== "" ? [asked] : listed.length > 0 ? listed : [join(home, ".kube", "config")];
  const files = await Promise.all(
    paths.map(async (path) => {
      const full = resolve(io.cwd, path);
      return { path: full, text: await readFile(full, "utf8").catch(() => undefined) };
    }),
  );
  const readable = files.flatMap(({ path, text }) => (text === undefined ? [] : [{ path, text }]));
  const found =
    readable.find(({ text }) => {
      const { current, names } = kubeconfigContexts(text);
      return context === "" ? current !== "" : names.includes(context);
    }) ?? readable[0];
  if (found !== undefined) return found;
  throw new UsageError(
    `no kubeconfig at ${paths.join(", ")}: name one with --kubeconfig or KUBECONFIG ("karmada up" writes .karmada/kubeconfig)`,
  );
}

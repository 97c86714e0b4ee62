// `get`: objects of the control plane and of members, in one table. Upstream: karmada pkg/karmadactl/get/get.go.
import type { Client } from "#client/client.ts";
import { errorText } from "#machinery/api-error.ts";
import { parseJsonPath } from "#machinery/jsonpath.ts";
import { membersToAsk, scopeFlag, scopeOf } from "../../cluster-scope.ts";
import { defineCommand, flag, type FlagValues, type Invocation, UsageError } from "../../command.ts";
import { connectToMember } from "../../member-access.ts";
import { parseOutputFormat } from "../../output/format.ts";
import { parseResourceWords } from "../../resource-words.ts";
import { controlPlaneName } from "./decide.ts";
import { printDocuments, printTables } from "./print.ts";
import type { Query } from "./query.ts";

const flags = {
  allNamespaces: flag.boolean("Look in all namespaces.", { short: "A" }),
  clusters: flag.list("The members to look in. Default: all.", { short: "C", placeholder: "names" }),
  operationScope: scopeFlag(["karmada", "members", "all"]),
  labels: flag.string("Label selector: a=b, a!=b, a in (b,c), a, !a.", "", { short: "l", placeholder: "selector" }),
  output: flag.string("json, yaml, name, wide, jsonpath=TEMPLATE or custom-columns=HEADER:PATH,….", "", {
    short: "o",
    placeholder: "format",
  }),
  noHeaders: flag.boolean("Print no header line."),
  showLabels: flag.boolean("Show all labels in the last column."),
  labelColumns: flag.list("Labels to show in columns of their own.", { short: "L", placeholder: "keys" }),
  showKind: flag.boolean("Print the type before each name."),
  showManagedFields: flag.boolean("Keep metadata.managedFields in JSON and YAML."),
  sortBy: flag.string("Sort by the value at this JSONPath.", "", { placeholder: "path" }),
  ignoreNotFound: flag.boolean("A named object that does not exist is no error."),
} as const;

export type GetFlags = typeof flags;

export const getCommand = defineCommand({
  name: "get",
  group: "Basic Commands",
  summary: "Display one or many resources",
  examples: [
    "# Deployments of the control plane",
    "$0 get deployments",
    "# The same in all clusters, the control plane included",
    "$0 get deployments --operation-scope all",
    "# Pods of two members",
    "$0 get pods --operation-scope members -C member1,member2",
    "# One object as YAML",
    "$0 get deployment/nginx -o yaml",
  ],
  args: [{ name: "TYPE", doc: "TYPE[,TYPE], TYPE NAME… or TYPE/NAME….", variadic: true }],
  flags,
  run: runGet,
});

/** A cluster that is asked, or the reason why it cannot be. */
export interface AskedCluster {
  readonly name: string;
  readonly connect: () => Promise<Client>;
}

async function runGet(invocation: Invocation<GetFlags>): Promise<number> {
  const { args, flags: given, io, signal } = invocation;
  const words = parseResourceWords(args);
  const format = parseOutputFormat(given.output);
  if (given.allNamespaces && words.some(({ names }) => names.length > 0)) {
    throw new UsageError("a resource cannot be retrieved by name across all namespaces");
  }
  if (given.labels !== "" && words.some(({ names }) => names.length > 0)) {
    throw new UsageError("a name cannot be provided when a selector is specified");
  }
  const { client, namespace } = await invocation.connect();
  const asked = await askedClusters(invocation, client, given);
  if (asked.length === 0) {
    io.err("No member Clusters found in Karmada control plane\n");
    return 0;
  }
  const query: Query = {
    words,
    namespace: given.allNamespaces ? undefined : namespace,
    labelSelector: given.labels,
    ignoreNotFound: given.ignoreNotFound,
    wholeObjects: given.sortBy !== "",
    signal,
  };
  const sortBy = given.sortBy === "" ? undefined : parseJsonPath(given.sortBy, { relaxed: true });
  const failures =
    format.kind === "table"
      ? await printTables({ asked, query, flags: given, io, sortBy, wide: format.wide })
      : await printDocuments({ asked, query, flags: given, io, sortBy, format });
  // The control plane alone: its error is the command's.
  const [failure, ...others] = failures;
  if (failure?.cluster === controlPlaneName && asked.length === 1 && others.length === 0) throw failure.error;
  for (const { cluster, error } of failures) io.err(`error: cluster(${cluster}): ${errorText(error)}\n`);
  return failures.length > 0 ? 1 : 0;
}

async function askedClusters(
  { openTransport, signal }: Invocation<GetFlags>,
  client: Client,
  { operationScope, clusters }: FlagValues<GetFlags>,
): Promise<readonly AskedCluster[]> {
  const scope = scopeOf(operationScope);
  const members = scope === "karmada" ? [] : await membersToAsk(client, clusters, signal);
  const hub = { name: controlPlaneName, connect: () => Promise.resolve(client) };
  return [
    ...(scope === "members" ? [] : [hub]),
    ...members.map((cluster) => ({
      name: cluster,
      connect: () => connectToMember({ client, cluster, openTransport, signal }),
    })),
  ];
}

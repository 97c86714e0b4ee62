// `describe`: one object or many, in full, for people. Upstream: karmada pkg/karmadactl/describe/describe.go,
// k8s.io/kubectl/pkg/cmd/describe/describe.go.
import { Event } from "#api/kinds.ts";
import type { Client } from "#client/client.ts";
import { isApiError } from "#machinery/api-error.ts";
import type { KubeObject } from "#machinery/object.ts";
import { scopeFlag, scopeOf } from "../../cluster-scope.ts";
import { defineCommand, flag, type Invocation, UsageError } from "../../command.ts";
import { connectToMember } from "../../member-access.ts";
import { parseResourceWords } from "../../resource-words.ts";
import { type Query, queryObjects } from "../get/query.ts";
import { describeObject } from "./decide.ts";

const flags = {
  allNamespaces: flag.boolean("Look in all namespaces.", { short: "A" }),
  operationScope: scopeFlag(["karmada", "members"]),
  cluster: flag.string("The member to look in, with --operation-scope members.", "", {
    short: "C",
    placeholder: "name",
  }),
  selector: flag.string("Label selector.", "", { short: "l", placeholder: "selector" }),
  showEvents: flag.string("Whether to list events: true or false.", "true", {
    placeholder: "true|false",
    bare: "true",
    check: (value) => (value === "true" || value === "false" ? undefined : `--show-events takes true or false`),
  }),
} as const;

export const describeCommand = defineCommand({
  name: "describe",
  group: "Troubleshooting and Debugging Commands",
  summary: "Show details of a specific resource or group of resources",
  examples: [
    "# A Deployment of the control plane",
    "$0 describe deployment/nginx",
    "# Where it goes, and how it is there",
    "$0 describe resourcebinding nginx-deployment",
    "# A pod of a member",
    "$0 describe pod nginx-1 --operation-scope members --cluster member1",
  ],
  args: [{ name: "TYPE", doc: "TYPE, TYPE NAME… or TYPE/NAME…; a name's beginning will do.", variadic: true }],
  flags,
  run: runDescribe,
});

async function runDescribe(invocation: Invocation<typeof flags>): Promise<number> {
  const { args, flags: given, io, signal } = invocation;
  const words = parseResourceWords(args);
  const client = await clientToAsk(invocation);
  const { namespace } = await invocation.connect();
  const query: Query = {
    words,
    namespace: given.allNamespaces ? undefined : namespace,
    labelSelector: given.selector,
    ignoreNotFound: false,
    wholeObjects: false,
    signal,
  };
  const objects = await findObjects(client, query);
  if (objects.length === 0) {
    io.err(query.namespace === undefined ? "No resources found\n" : `No resources found in ${namespace} namespace.\n`);
    return 0;
  }
  const texts: string[] = [];
  for (const object of objects) {
    const events = given.showEvents === "true" ? await eventsOf(client, object, signal) : undefined;
    texts.push(describeObject(object, { now: io.clock.now(), events }));
  }
  io.out(texts.join("\n\n"));
  return 0;
}

async function clientToAsk({
  flags: given,
  connect,
  openTransport,
  signal,
}: Invocation<typeof flags>): Promise<Client> {
  const { client } = await connect();
  if (scopeOf(given.operationScope) === "karmada") return client;
  if (given.cluster === "") throw new UsageError("must specify a member cluster");
  return connectToMember({ client, cluster: given.cluster, openTransport, signal });
}

/** The objects by name or selector; where a name is none, those that begin with it. */
async function findObjects(client: Client, query: Query): Promise<readonly KubeObject[]> {
  const objects: KubeObject[] = [];
  for (const { type, names } of query.words) {
    for (const name of names.length === 0 ? [""] : names) {
      const exact = await queryObjects(client, { ...query, words: [{ type, names: name === "" ? [] : [name] }] });
      const [error] = exact.errors;
      if (error === undefined) {
        objects.push(...exact.found.flatMap(({ answer }) => answer));
        continue;
      }
      if (name === "" || !isApiError(error, "NotFound")) throw error;
      const all = await queryObjects(client, { ...query, words: [{ type, names: [] }] });
      const similar = all.found
        .flatMap(({ answer }) => answer)
        .filter(({ metadata }) => metadata.name.startsWith(name));
      if (similar.length === 0) throw error;
      objects.push(...similar);
    }
  }
  return objects;
}

async function eventsOf(
  client: Client,
  { kind, metadata }: KubeObject,
  signal: AbortSignal,
): Promise<readonly Event[]> {
  const fieldSelector = Object.entries({
    "involvedObject.name": metadata.name,
    "involvedObject.kind": kind,
    "involvedObject.uid": metadata.uid ?? "",
  })
    .map(([field, value]) => `${field}=${value}`)
    .join(",");
  const { items } = await client.list(Event, { namespace: metadata.namespace, fieldSelector, signal });
  return items;
}

// `apply`: manifests as kubectl applies them, and with `-C` or `--all-clusters` a policy for each object that brings it to
// members. Upstream: karmada pkg/karmadactl/apply/apply.go, k8s.io/kubectl/pkg/cmd/apply/apply.go.
import { Cluster } from "#api/cluster/cluster.ts";
import { type Client } from "#client/client.ts";
import { defineCommand, flag, type FlagValues, type Invocation, UsageError } from "../../command.ts";
import { readManifests } from "../../manifests.ts";
import { applyObjects } from "./apply-objects.ts";

const dryRunModes = ["none", "client", "server"];
const validations = ["strict", "warn", "ignore", "true", "false"];

const flags = {
  filename: flag.list("Files, directories or - with what to apply.", { short: "f", placeholder: "path" }),
  recursive: flag.boolean("Look in the directories of directories too.", { short: "R" }),
  cluster: flag.list("Bring the objects to these members, by a policy for each.", { short: "C", placeholder: "names" }),
  allClusters: flag.boolean("Bring the objects to all members, by a policy for each."),
  dryRun: flag.string("none, client (send nothing) or server (send, store nothing).", "none", {
    placeholder: "mode",
    bare: "client",
    check: (value) => oneOf("--dry-run", value, dryRunModes),
  }),
  validate: flag.string("What to do about unknown fields: strict, warn or ignore.", "strict", {
    placeholder: "mode",
    check: (value) => oneOf("--validate", value, validations),
  }),
  output: flag.string("name, json or yaml: print what was applied.", "", {
    short: "o",
    placeholder: "format",
    check: (value) => (value === "" ? undefined : oneOf("--output", value, ["name", "json", "yaml"])),
  }),
} as const;

export type ApplyFlags = typeof flags;

export const applyCommand = defineCommand({
  name: "apply",
  group: "Advanced Commands",
  summary: "Apply a configuration to a resource by file name or stdin, and propagate it to members",
  examples: [
    "# What the files of a directory say",
    "$0 apply -f manifests/",
    "# The same, and bring it to two members",
    "$0 apply -f manifests/ --cluster member1,member2",
    "# To all members",
    "cat deployment.yaml | $0 apply -f - --all-clusters",
  ],
  flags,
  run: runApply,
});

async function runApply(invocation: Invocation<ApplyFlags>): Promise<number> {
  const { flags: given, io, signal } = invocation;
  if (given.filename.length === 0) throw new UsageError("must specify what to apply: -f FILE, -f DIRECTORY or -f -");
  if (given.cluster.length > 0 && given.allClusters) {
    throw new UsageError("--cluster and --all-clusters exclude each other");
  }
  const manifests = await readManifests(given.filename, { recursive: given.recursive, io });
  const connection = await invocation.connect();
  await checkClusters(connection.client, given, signal);
  return applyObjects({
    client: connection.client,
    manifests,
    namespace: connection.namespace,
    namespaceIsAsked: invocation.given.has("namespace"),
    clusters: given.allClusters ? [] : given.cluster.length > 0 ? given.cluster : undefined,
    flags: given,
    io,
    signal,
    program: invocation.program,
  });
}

async function checkClusters(client: Client, { cluster }: FlagValues<ApplyFlags>, signal: AbortSignal): Promise<void> {
  for (const name of cluster) {
    if ((await client.find(Cluster, { name }, { signal })) === undefined) {
      throw new UsageError(`cluster ${name} does not exist`);
    }
  }
}

function oneOf(name: string, value: string, words: readonly string[]): string | undefined {
  return words.includes(value) ? undefined : `${name} takes ${words.join(", ")}, not "${value}"`;
}

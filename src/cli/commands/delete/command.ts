// `delete`: objects of the control plane, by name, selector or file. Upstream: k8s.io/kubectl/pkg/cmd/delete/delete.go.
import type { Client } from "#client/client.ts";
import { createDiscovery, type DiscoveredKind } from "#client/discovery.ts";
import { isApiError } from "#machinery/api-error.ts";
import { apiVersionOf, type ObjectRef } from "#machinery/object.ts";
import { defineCommand, flag, type Invocation, UsageError } from "../../command.ts";
import { readManifests } from "../../manifests.ts";
import { typeName } from "../../output/documents.ts";
import { parseResourceWords } from "../../resource-words.ts";

const pollMilliseconds = 100;

const flags = {
  filename: flag.list("Files, directories or - with what to delete.", { short: "f", placeholder: "path" }),
  recursive: flag.boolean("Look in the directories of directories too.", { short: "R" }),
  selector: flag.string("Delete what this label selector leaves.", "", { short: "l", placeholder: "selector" }),
  all: flag.boolean("Delete all objects of the type in the namespace."),
  ignoreNotFound: flag.boolean("An object that does not exist is no error."),
  wait: flag.string("Whether to wait until the objects are gone: true or false.", "true", {
    placeholder: "true|false",
    bare: "true",
    check: (value) => (value === "true" || value === "false" ? undefined : "--wait takes true or false"),
  }),
} as const;

export const deleteCommand = defineCommand({
  name: "delete",
  group: "Basic Commands",
  summary: "Delete resources by file names, stdin, resources and names, or by resources and label selector",
  examples: ["# What the files of a directory name", "$0 delete -f manifests/", "$0 delete deployment nginx"],
  args: [{ name: "TYPE", doc: "TYPE NAME… or TYPE/NAME….", variadic: true }],
  flags,
  run: runDelete,
});

interface Target {
  readonly kind: DiscoveredKind;
  readonly ref: ObjectRef;
}

async function runDelete(invocation: Invocation<typeof flags>): Promise<number> {
  const { flags: given, io, signal } = invocation;
  const { client, namespace } = await invocation.connect();
  const targets =
    given.filename.length > 0
      ? await targetsOfFiles(invocation, client, namespace)
      : await targetsOfWords(invocation, client, namespace);
  if (targets.length === 0 && !given.ignoreNotFound) io.err("No resources found\n");
  const deleted: Target[] = [];
  for (const target of targets) {
    const { kind, ref } = target;
    try {
      await client.delete(kind, ref, { propagationPolicy: "Background", signal });
    } catch (error) {
      if (given.ignoreNotFound && isApiError(error, "NotFound")) continue;
      throw error;
    }
    const place = kind.namespaced ? ` from ${ref.namespace ?? ""} namespace` : "";
    io.out(`${typeName({ apiVersion: apiVersionOf(kind), kind: kind.kind })} "${ref.name}" deleted${place}\n`);
    deleted.push(target);
  }
  if (given.wait === "true") for (const target of deleted) await untilGone(client, target, invocation);
  return 0;
}

async function targetsOfFiles(
  { flags: given, io, signal }: Invocation<typeof flags>,
  client: Client,
  namespace: string,
): Promise<readonly Target[]> {
  const discovery = createDiscovery(client);
  const targets: Target[] = [];
  for (const { object } of await readManifests(given.filename, { recursive: given.recursive, io })) {
    const kind = await discovery.kindOf(object, { signal });
    const { name, namespace: own = namespace } = object.metadata;
    targets.push({ kind, ref: kind.namespaced ? { name, namespace: own } : { name } });
  }
  return targets;
}

async function targetsOfWords(
  { args, flags: given, signal }: Invocation<typeof flags>,
  client: Client,
  namespace: string,
): Promise<readonly Target[]> {
  const discovery = createDiscovery(client);
  const targets: Target[] = [];
  for (const { type, names } of parseResourceWords(args)) {
    if (names.length > 0 && (given.all || given.selector !== "")) {
      throw new UsageError("name cannot be provided when a selector or --all is specified");
    }
    if (names.length === 0 && !given.all && given.selector === "") {
      throw new UsageError("resource(s) were provided, but no name was specified: name them, or say --all or -l");
    }
    const kind = await discovery.kindFor(type, { signal });
    const place = kind.namespaced ? { namespace } : {};
    const found =
      names.length > 0
        ? names
        : (await client.list(kind, { ...place, labelSelector: given.selector, metadataOnly: true, signal })).items.map(
            ({ metadata }) => metadata.name,
          );
    targets.push(...found.map((name) => ({ kind, ref: { name, ...place } })));
  }
  return targets;
}

async function untilGone(
  client: Client,
  { kind, ref }: Target,
  { io, signal }: Invocation<typeof flags>,
): Promise<void> {
  const { uid, deletionTimestamp } = (await client.find(kind, ref, { signal }))?.metadata ?? {};
  if (deletionTimestamp === undefined) return;
  for (;;) {
    // Made anew under the same name: the one that was deleted has gone.
    if ((await client.find(kind, ref, { signal }))?.metadata.uid !== uid) return;
    await io.clock.sleep(pollMilliseconds, signal);
  }
}

// Asks the clusters and prints what they answer: tables of a resource side by side, or one list of objects.
import { karmadaAnnotations } from "#api/karmada-constants.ts";
import type { Client } from "#client/client.ts";
import type { DiscoveredKind } from "#client/discovery.ts";
import type { JsonPath } from "#machinery/jsonpath.ts";
import type { KubeObject } from "#machinery/object.ts";
import { forEachBounded } from "#std/bounded.ts";
import type { CommandIo, FlagValues } from "../../command.ts";
import { printObjects } from "../../output/documents.ts";
import type { OutputFormat } from "../../output/format.ts";
import { textTable } from "../../output/text-table.ts";
import type { AskedCluster, GetFlags } from "./command.ts";
import { type ClusterTable, controlPlaneName, mergeTables } from "./decide.ts";
import { errorOf, type Findings, type Found, type Query, queryObjects, queryTables } from "./query.ts";

/** So many members are asked at a time. */
const clustersAtATime = 16;

export interface ClusterFailure {
  readonly cluster: string;
  readonly error: Error;
}

interface PrintRequest {
  readonly asked: readonly AskedCluster[];
  readonly query: Query;
  readonly flags: FlagValues<GetFlags>;
  readonly io: CommandIo;
  readonly sortBy: JsonPath | undefined;
}

/** Prints one table for each resource, with the rows of all clusters. What went wrong is given back. */
export async function printTables(
  request: PrintRequest & { readonly wide: boolean },
): Promise<readonly ClusterFailure[]> {
  const { asked, query, flags, io, sortBy, wide } = request;
  const { answers, failures } = await askAll(asked, query, queryTables);
  const kinds = new Set(answers.flatMap(({ found }) => found.map(({ kind }) => typeWord(kind))));
  const resources = new Map<string, { readonly kind: DiscoveredKind; readonly tables: ClusterTable[] }>();
  for (const { cluster, found } of answers) {
    for (const { kind, answer } of found) {
      if (answer.rows.length === 0) continue;
      const key = `${kind.group}/${kind.version}/${kind.plural}`;
      const resource = resources.get(key) ?? { kind, tables: [] };
      resource.tables.push({ cluster, table: answer });
      resources.set(key, resource);
    }
  }
  const texts = [...resources.values()].map(({ kind, tables }) => {
    const rows = mergeTables(tables, {
      wide,
      withNamespace: flags.allNamespaces && kind.namespaced,
      showLabels: flags.showLabels,
      labelColumns: flags.labelColumns,
      kindPrefix: kinds.size > 1 || flags.showKind ? `${typeWord(kind)}/` : "",
      adoptionIsWide: kind.group === "" && kind.plural === "pods",
      sortBy,
    });
    return textTable(flags.noHeaders ? rows.slice(1) : rows);
  });
  io.out(texts.join("\n"));
  if (texts.length === 0 && failures.length === 0 && !flags.ignoreNotFound) io.err(nothingFound(query, answers));
  return failures;
}

/** Prints the objects of all clusters as one document; members' objects say where they come from. */
export async function printDocuments(
  request: PrintRequest & { readonly format: Exclude<OutputFormat, { readonly kind: "table" }> },
): Promise<readonly ClusterFailure[]> {
  const { asked, query, flags, io, format } = request;
  const { answers, failures } = await askAll(asked, query, queryObjects);
  const objects = answers.flatMap(({ cluster, found }) =>
    found.flatMap(({ answer }) =>
      answer.map((object) => (cluster === controlPlaneName ? object : fromMember(object, cluster))),
    ),
  );
  const [first, ...others] = query.words.flatMap(({ names }) => (names.length === 0 ? ["", ""] : names));
  const bare = first !== undefined && others.length === 0 && asked.length === 1;
  if (objects.length > 0 || (!bare && failures.length === 0)) {
    io.out(
      printObjects(objects, format, { bare, noHeaders: flags.noHeaders, showManagedFields: flags.showManagedFields }),
    );
  }
  return failures;
}

interface Answers<T> {
  readonly answers: readonly { readonly cluster: string; readonly found: readonly Found<T>[] }[];
  readonly failures: readonly ClusterFailure[];
}

async function askAll<T>(
  asked: readonly AskedCluster[],
  query: Query,
  ask: (client: Client, query: Query) => Promise<Findings<T>>,
): Promise<Answers<T>> {
  const findings = new Map<string, Findings<T>>();
  await forEachBounded(asked, clustersAtATime, async ({ name, connect }) => {
    try {
      findings.set(name, await ask(await connect(), query));
    } catch (error) {
      findings.set(name, { found: [], errors: [errorOf(error)] });
    }
  });
  query.signal.throwIfAborted();
  // In the order of the clusters, whoever answered first.
  const answers = asked.map(({ name }) => ({ cluster: name, ...(findings.get(name) ?? { found: [], errors: [] }) }));
  return {
    answers,
    failures: answers.flatMap(({ cluster, errors }) => errors.map((error) => ({ cluster, error }))),
  };
}

function fromMember(object: KubeObject, cluster: string): KubeObject {
  const annotations = { ...object.metadata.annotations, [karmadaAnnotations.cachedFromCluster]: cluster };
  return { ...object, metadata: { ...object.metadata, annotations } };
}

function typeWord({ kind, group }: DiscoveredKind): string {
  return group === "" ? kind.toLowerCase() : `${kind.toLowerCase()}.${group}`;
}

function nothingFound({ namespace }: Query, answers: Answers<unknown>["answers"]): string {
  const namespaced = answers.some(({ found }) => found.some(({ kind }) => kind.namespaced));
  return namespaced && namespace !== undefined
    ? `No resources found in ${namespace} namespace.\n`
    : "No resources found\n";
}

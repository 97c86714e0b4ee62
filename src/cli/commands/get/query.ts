// Asks one cluster for what the words of a `get` name: as tables or as objects, page by page.
import type { Client } from "#client/client.ts";
import { createDiscovery, type DiscoveredKind, type Discovery } from "#client/discovery.ts";
import { collectionPath, objectPath, withQuery } from "#client/paths.ts";
import { isApiError } from "#machinery/api-error.ts";
import { fieldOf, isArray, isKubeObject, isString } from "#machinery/guards.ts";
import { parseJson } from "#machinery/json.ts";
import { apiVersionOf, type KubeObject } from "#machinery/object.ts";
import type { ResourceWord } from "../../resource-words.ts";
import { parseTable, type Table } from "./decide.ts";

const pageObjects = 500;
const tableAccept = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

export interface Query {
  readonly words: readonly ResourceWord[];
  /** Undefined: all namespaces. */
  readonly namespace: string | undefined;
  readonly labelSelector: string;
  readonly ignoreNotFound: boolean;
  /** Tables with whole objects in their rows: what is sorted by may be anywhere in them. */
  readonly wholeObjects: boolean;
  readonly signal: AbortSignal;
}

export interface Found<T> {
  readonly kind: DiscoveredKind;
  readonly answer: T;
}

/** A kind, and those of its objects that are asked for: by name, or all. */
export interface Target {
  readonly kind: DiscoveredKind;
  readonly names: readonly string[];
}

/** The kinds that the words mean on this server. A category stands for all of its kinds. */
export async function resolveTargets(
  client: Client,
  words: readonly ResourceWord[],
  signal: AbortSignal,
): Promise<readonly Target[]> {
  const discovery = createDiscovery(client);
  const targets: Target[] = [];
  for (const { type, names } of words) {
    const kinds = await kindsFor(discovery, type, signal);
    for (const kind of kinds) targets.push({ kind, names });
  }
  return targets;
}

/** The tables of one cluster, one for each word and kind. */
export function queryTables(client: Client, query: Query): Promise<readonly Found<Table>[]> {
  return queryEach(client, query, async (path) => {
    const style = query.wholeObjects ? "Object" : "";
    const pages = await readPages(client, path, { includeObject: style }, { accept: tableAccept }, query);
    const tables = pages.map(parseTable);
    return { columns: tables[0]?.columns ?? [], rows: tables.flatMap(({ rows }) => rows) };
  });
}

/** The objects of one cluster. */
export function queryObjects(client: Client, query: Query): Promise<readonly Found<readonly KubeObject[]>[]> {
  return queryEach(client, query, async (path, kind) => {
    const pages = await readPages(client, path, {}, {}, query);
    return pages.flatMap((page) => objectsOf(page, kind));
  });
}

async function queryEach<T>(
  client: Client,
  query: Query,
  read: (path: string, kind: DiscoveredKind) => Promise<T>,
): Promise<readonly Found<T>[]> {
  const found: Found<T>[] = [];
  for (const { kind, names } of await resolveTargets(client, query.words, query.signal)) {
    const namespace = kind.namespaced ? query.namespace : undefined;
    const paths =
      names.length === 0
        ? [withQuery(collectionPath(kind, namespace), { limit: pageObjects, labelSelector: query.labelSelector })]
        : names.map((name) => objectPath(kind, { namespace, name }));
    for (const path of paths) {
      try {
        found.push({ kind, answer: await read(path, kind) });
      } catch (error) {
        if (!(query.ignoreNotFound && isApiError(error, "NotFound"))) throw error;
      }
    }
  }
  return found;
}

async function kindsFor(discovery: Discovery, word: string, signal: AbortSignal): Promise<readonly DiscoveredKind[]> {
  const { kinds } = await discovery.snapshot({ signal });
  const inCategory = kinds.filter(({ categories, preferred }) => preferred && categories.includes(word));
  if (inCategory.length > 0) return inCategory;
  try {
    return [await discovery.kindFor(word, { signal })];
  } catch (error) {
    // Not the server's word: it has not been asked for an object yet.
    if (isApiError(error, "NotFound")) throw new Error(error.message, { cause: error });
    throw error;
  }
}

async function readPages(
  client: Client,
  path: string,
  parameters: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>>,
  { signal }: Query,
): Promise<readonly unknown[]> {
  const pages: unknown[] = [];
  let next = "";
  do {
    const query = withQuery("", { ...parameters, continue: next }).slice(1);
    const joined = query === "" ? path : `${path}${path.includes("?") ? "&" : "?"}${query}`;
    const { body } = await client.raw("GET", joined, { signal, headers });
    const page = parseJson(body, { protoKeys: "drop" });
    pages.push(page);
    const more = fieldOf(page, "metadata", "continue");
    next = isString(more) ? more : "";
  } while (next !== "");
  return pages;
}

/** The items of a list (which carry no apiVersion and kind of their own), or the object itself. */
function objectsOf(page: unknown, kind: DiscoveredKind): readonly KubeObject[] {
  const items = fieldOf(page, "items");
  if (!isArray(items)) return isKubeObject(page) ? [page] : [];
  const type = { apiVersion: apiVersionOf(kind), kind: kind.kind };
  return items.map((item) => (typeof item === "object" ? { ...type, ...item } : item)).filter(isKubeObject);
}

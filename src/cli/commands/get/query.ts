// Asks one cluster for what the words of a `get` name: as tables or as objects, page by page.
import type { Client } from "#client/client.ts";
import { createDiscovery, type DiscoveredKind, type Discovery } from "#client/discovery.ts";
import { collectionPath, objectPath, withQuery } from "#client/paths.ts";
import { errorText, isApiError } from "#machinery/api-error.ts";
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

/** What a cluster answered, and what went wrong beside it. */
export interface Findings<T> {
  readonly found: readonly Found<T>[];
  readonly errors: readonly Error[];
}

/** The tables of one cluster, one for each word and kind. */
export function queryTables(client: Client, query: Query): Promise<Findings<Table>> {
  return queryEach(client, query, async (path) => {
    const style = query.wholeObjects ? "Object" : "";
    const pages = await readPages(client, path, { includeObject: style }, { accept: tableAccept }, query);
    const tables = pages.map(parseTable);
    return { columns: tables[0]?.columns ?? [], rows: tables.flatMap(({ rows }) => rows) };
  });
}

/** The objects of one cluster. */
export function queryObjects(client: Client, query: Query): Promise<Findings<readonly KubeObject[]>> {
  return queryEach(client, query, async (path, kind) => {
    const pages = await readPages(client, path, {}, {}, query);
    return pages.flatMap((page) => objectsOf(page, kind));
  });
}

async function queryEach<T>(
  client: Client,
  query: Query,
  read: (path: string, kind: DiscoveredKind) => Promise<T>,
): Promise<Findings<T>> {
  const discovery = createDiscovery(client);
  const found: Found<T>[] = [];
  const errors: Error[] = [];
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      query.signal.throwIfAborted();
      if (!(query.ignoreNotFound && isApiError(error, "NotFound"))) errors.push(errorOf(error));
    }
  };
  for (const word of query.words) {
    await attempt(async () => {
      for (const kind of await kindsFor(discovery, word.type, query.signal)) {
        for (const path of pathsOf(kind, word, query)) {
          await attempt(async () => void found.push({ kind, answer: await read(path, kind) }));
        }
      }
    });
  }
  return { found, errors };
}

/** Whatever was thrown, as an error. */
export function errorOf(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(errorText(thrown));
}

function pathsOf(kind: DiscoveredKind, { names }: ResourceWord, query: Query): readonly string[] {
  const namespace = kind.namespaced ? query.namespace : undefined;
  if (names.length > 0) return names.map((name) => objectPath(kind, { namespace, name }));
  return [withQuery(collectionPath(kind, namespace), { limit: pageObjects, labelSelector: query.labelSelector })];
}

/** The kinds that a word means on this server. A category stands for all of its kinds. */
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

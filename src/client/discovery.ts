// Which kinds a server serves, and which of them a user means by a word. Upstream: k8s.io/client-go/discovery, restmapper.
import { ApiError, errorText, isApiError } from "#machinery/api-error.ts";
import { isString } from "#machinery/guards.ts";
import { parseJson } from "#machinery/json.ts";
import type { CallOptions, Client } from "./client.ts";
import {
  apiVersionsOfGroups,
  type DiscoveredKind,
  type DiscoveryFailure,
  type DiscoverySnapshot,
  kindsOfAggregated,
  kindsOfLegacy,
} from "./discovery-documents.ts";

export type {
  DiscoveredKind,
  DiscoveredSubresource,
  DiscoveryFailure,
  DiscoverySnapshot,
} from "./discovery-documents.ts";

const aggregatedForm = "g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
const accept = `application/json;${aggregatedForm},application/json`;

export interface Discovery {
  /** What the server serves, as last asked; asked now if never before. */
  snapshot(options?: CallOptions): Promise<DiscoverySnapshot>;
  /** Asks the server again. The same snapshot if nothing has changed (the server says so by ETag). */
  refresh(options?: CallOptions): Promise<DiscoverySnapshot>;
  /**
   * The kind that `text` names: plural, singular, short name or kind, alone or with `.group` or `.version.group`.
   * Asks again once for a word it does not know; then ApiError NotFound.
   */
  kindFor(text: string, options?: CallOptions): Promise<DiscoveredKind>;
  /** The kind of an object; ApiError NotFound where the server does not serve it. */
  kindOf(type: { readonly apiVersion: string; readonly kind: string }, options?: CallOptions): Promise<DiscoveredKind>;
}

/** Discovery of the server behind `client`. */
export function createDiscovery(client: Client): Discovery {
  const core = new DiscoveryRoot(client, "/api");
  const groups = new DiscoveryRoot(client, "/apis");
  let current: DiscoverySnapshot | undefined;
  let parts: readonly DiscoverySnapshot[] = [];
  const refresh = async (options: CallOptions = {}): Promise<DiscoverySnapshot> => {
    const found = await Promise.all([core.read(options), groups.read(options)]);
    if (current === undefined || found.some((part, index) => part !== parts[index])) {
      parts = found;
      current = {
        kinds: found.flatMap(({ kinds }) => kinds),
        failures: found.flatMap(({ failures }) => failures),
      };
    }
    return current;
  };
  const snapshot = async (options?: CallOptions): Promise<DiscoverySnapshot> => current ?? (await refresh(options));
  const search = async (
    find: (kinds: readonly DiscoveredKind[]) => DiscoveredKind | undefined,
    missing: () => ApiError,
    options: CallOptions | undefined,
  ): Promise<DiscoveredKind> => {
    const kind = find((await snapshot(options)).kinds) ?? find((await refresh(options)).kinds);
    if (kind === undefined) throw missing();
    return kind;
  };
  return {
    snapshot,
    refresh,
    kindFor: (text, options) =>
      search(
        (kinds) => findByWord(kinds, text),
        () => new ApiError("NotFound", `the server doesn't have a resource type "${text}"`),
        options,
      ),
    kindOf: ({ apiVersion, kind }, options) =>
      search(
        (kinds) => kinds.find((each) => each.kind === kind && apiVersionMatches(each, apiVersion)),
        () => new ApiError("NotFound", `no matches for kind "${kind}" in version "${apiVersion}"`),
        options,
      ),
  };
}

/** The kind that a user's word names among `kinds`: preferred versions and earlier groups go first. */
function findByWord(kinds: readonly DiscoveredKind[], text: string): DiscoveredKind | undefined {
  const [word = "", ...rest] = text.toLowerCase().split(".");
  const named = kinds.filter(
    ({ plural, singular, shortNames, kind }) =>
      plural === word || singular === word || kind.toLowerCase() === word || shortNames.includes(word),
  );
  const candidates = rest.length === 0 ? named : inGroup(named, rest);
  return candidates.find(({ preferred }) => preferred) ?? candidates[0];
}

/** Those of `v1.apps`, else those of the group `v1.apps` (or of one that begins like it, as kubectl allows). */
function inGroup(kinds: readonly DiscoveredKind[], suffix: readonly string[]): readonly DiscoveredKind[] {
  const [version, ...group] = suffix;
  const inVersion = kinds.filter((kind) => kind.version === version && kind.group === group.join("."));
  if (inVersion.length > 0) return inVersion;
  const text = suffix.join(".");
  const exact = kinds.filter((kind) => kind.group === text);
  return exact.length > 0 ? exact : kinds.filter((kind) => kind.group.startsWith(text));
}

function apiVersionMatches(kind: DiscoveredKind, apiVersion: string): boolean {
  return (kind.group === "" ? kind.version : `${kind.group}/${kind.version}`) === apiVersion;
}

/** One of the two roots of discovery, with what it answered last. */
class DiscoveryRoot {
  readonly #client: Client;
  readonly #path: "/api" | "/apis";
  #known: { readonly etag: string; readonly snapshot: DiscoverySnapshot } | undefined;

  constructor(client: Client, path: "/api" | "/apis") {
    this.#client = client;
    this.#path = path;
  }

  async read(options: CallOptions): Promise<DiscoverySnapshot> {
    const headers = { accept, ...(this.#known === undefined ? {} : { "if-none-match": this.#known.etag }) };
    const answer = await this.#client.raw("GET", this.#path, { ...options, headers });
    if (answer.status === 304 && this.#known !== undefined) return this.#known.snapshot;
    const document = parseJson(answer.body, { protoKeys: "drop" });
    const { "content-type": type, etag } = answer.headers;
    if (!isString(type) || !type.includes("as=APIGroupDiscoveryList")) return await this.#readLegacy(document, options);
    const snapshot = kindsOfAggregated(document);
    this.#known = isString(etag) ? { etag, snapshot } : undefined;
    return snapshot;
  }

  /** Servers before 1.26: one document for each group version. */
  async #readLegacy(document: unknown, options: CallOptions): Promise<DiscoverySnapshot> {
    const kinds: DiscoveredKind[] = [];
    const failures: DiscoveryFailure[] = [];
    const seen = new Set<string>();
    for (const apiVersion of this.#path === "/api" ? ["v1"] : apiVersionsOfGroups(document)) {
      try {
        const { body } = await this.#client.raw("GET", `${this.#path}/${apiVersion}`, options);
        kinds.push(...kindsOfLegacy(parseJson(body, { protoKeys: "drop" }), apiVersion, seen));
      } catch (error) {
        if (!isApiError(error)) throw error;
        failures.push({ apiVersion, message: errorText(error) });
      }
    }
    return { kinds, failures };
  }
}

// A small API server for tests: memory storage, everybody may do everything, hand-made resources. Not used outside tests.
import type { Resource, Strategy } from "#api/resource.ts";
import type { ApiRequest, UserInfo } from "#machinery/http.ts";
import { isRecord } from "#machinery/guards.ts";
import { parseJson } from "#machinery/json.ts";
import type { Kind } from "#machinery/object.ts";
import { silentLogger } from "#std/logger.ts";
import { systemRandom } from "#std/random.ts";
import { systemClock } from "#std/time.ts";
import { memoryStorage } from "#storage/memory/memory-storage.ts";
import { groupMasters } from "./auth/users.ts";
import type { ApiServer, ApiServerOptions, VersionInfo } from "./options.ts";
import { createApiServer } from "./server.ts";

export const testAdmin: UserInfo = { name: "admin", groups: [groupMasters] };

export const testVersion: VersionInfo = {
  major: "1",
  minor: "36",
  gitVersion: "v1.36.0-test",
  gitCommit: "",
  gitTreeState: "",
  buildDate: "2026-01-01T00:00:00Z",
  goVersion: "",
  compiler: "",
  platform: "linux/amd64",
};

/** A strategy that fills in and checks nothing. */
export const permissiveStrategy: Strategy = {
  nameRule: "subdomain",
  hasGeneration: false,
  allowUnconditionalUpdate: true,
  allowCreateOnUpdate: false,
  returnsDeleted: false,
  defaults: nothing,
  prepareForCreate: nothing,
  prepareForUpdate: nothing,
  prepareForStatusUpdate: (object, old) => {
    for (const field of Object.keys(object)) if (field !== "status" && field !== "metadata") object[field] = old[field];
  },
  bumpsGeneration: (object, old) => JSON.stringify(object["spec"]) !== JSON.stringify(old["spec"]),
  validate: () => [],
  validateUpdate: () => [],
  validateStatusUpdate: () => [],
  selectableFields: {},
};

const allVerbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

/** A resource without schema: `kind` says what is not usual. */
export function testResource(
  kind: Partial<Kind> & { readonly kind: string; readonly plural: string },
  rest: Partial<Resource> = {},
): Resource {
  const full: Kind = {
    group: "",
    version: "v1",
    singular: kind.kind.toLowerCase(),
    listKind: `${kind.kind}List`,
    namespaced: true,
    shortNames: [],
    categories: [],
    ...kind,
  };
  return {
    kind: full,
    custom: false,
    verbs: allVerbs,
    subresources: {},
    storagePrefix: full.plural,
    schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
    resolve: () => ({}),
    definitionName: `test.${full.kind}`,
    strategy: permissiveStrategy,
    scale: undefined,
    printer: undefined,
    ...rest,
  };
}

export const configMaps = testResource({ kind: "ConfigMap", plural: "configmaps", shortNames: ["cm"] });

export const namespaces = testResource(
  { kind: "Namespace", plural: "namespaces", namespaced: false, shortNames: ["ns"] },
  { strategy: { ...permissiveStrategy, nameRule: "label", returnsDeleted: true } },
);

/** Has generation, status and scale, and a client must say which version it changes. */
export const widgets = testResource(
  { group: "example.com", kind: "Widget", plural: "widgets" },
  {
    custom: true,
    storagePrefix: "example.com/widgets",
    strategy: {
      ...permissiveStrategy,
      hasGeneration: true,
      allowUnconditionalUpdate: false,
      prepareForCreate: (object) => {
        Reflect.deleteProperty(object, "status");
      },
      prepareForUpdate: (object, old) => {
        object["status"] = old["status"];
      },
    },
    subresources: {
      status: { kind: { group: "example.com", version: "v1", kind: "Widget" }, verbs: ["get", "patch", "update"] },
    },
  },
);

/** A server with `resources` (default: the ones above) and the namespace `default`. */
export async function testServer(overrides: Partial<ApiServerOptions> = {}): Promise<ApiServer> {
  const server = createApiServer({
    storage: memoryStorage(),
    resources: [namespaces, configMaps, widgets],
    authenticate: () => undefined,
    authorize: () => ({ allowed: true, reason: "" }),
    admission: [],
    clock: systemClock,
    random: systemRandom(),
    log: silentLogger,
    version: testVersion,
    ...overrides,
  });
  await call(server, "POST", "/api/v1/namespaces", { body: { metadata: { name: "default" } } });
  return server;
}

export interface TestAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly text: string;
  /** The JSON body as an object; empty where it is none. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** Sends one request as an administrator and reads the whole answer. */
export async function call(
  server: Pick<ApiServer, "handle">,
  method: ApiRequest["method"],
  path: string,
  options: {
    readonly body?: unknown;
    readonly headers?: Readonly<Record<string, string>>;
    readonly user?: UserInfo;
  } = {},
): Promise<TestAnswer> {
  const response = await server.handle({
    method,
    path,
    headers: { ...(options.body === undefined ? {} : { "content-type": "application/json" }), ...options.headers },
    body: encodeBody(options.body),
    user: options.user ?? testAdmin,
    signal: new AbortController().signal,
  });
  const chunks: Uint8Array[] = [];
  if (response.body instanceof Uint8Array) chunks.push(response.body);
  else for await (const chunk of response.body) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString("utf8");
  const isJson = String(response.headers["content-type"]).startsWith("application/json");
  const value = isJson && text !== "" ? parseJson(text) : {};
  return { status: response.status, headers: response.headers, text, body: isRecord(value) ? value : {} };
}

/** Watches as an administrator: the events as they come; undefined where the server does not begin to. */
export async function watchEvents(
  server: Pick<ApiServer, "handle">,
  path: string,
  signal: AbortSignal,
): Promise<AsyncGenerator<unknown, undefined> | undefined> {
  const { status, body } = await server.handle({
    method: "GET",
    path,
    headers: {},
    body: undefined,
    user: testAdmin,
    signal,
  });
  return status !== 200 || body instanceof Uint8Array ? undefined : eventsIn(body);
}

async function* eventsIn(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<unknown, undefined> {
  let rest = "";
  for await (const chunk of chunks) {
    const lines = (rest + Buffer.from(chunk).toString()).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line !== "") yield parseJson(line);
  }
  return undefined;
}

function encodeBody(body: unknown): Uint8Array | undefined {
  if (body === undefined) return undefined;
  if (body instanceof Uint8Array) return body;
  return Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
}

function nothing(): void {
  // A strategy that leaves objects alone.
}

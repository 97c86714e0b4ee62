// Serves discovery: the older documents per group version, and the aggregated one that clients ask for first. Documents are
// made once per state of the registry; clients keep them and ask with If-None-Match.
import { createHash } from "node:crypto";
import type { ApiRequest, ApiResponse } from "#machinery/http.ts";
import { encodeJson } from "#machinery/json.ts";
import type { ResourceRegistry } from "../registry.ts";
import type { RequestContext } from "../request/context.ts";
import { negotiate, parseAccept } from "../request/negotiation.ts";
import { notFoundPage, valueResponse } from "../request/respond.ts";
import { aggregatedList, apiGroup, type DiscoveredGroup, discoveredGroups, resourceList } from "./model.ts";

const aggregatedType = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

interface TaggedDocument {
  readonly bytes: Buffer;
  readonly etag: string;
}

/** The documents of one registry. */
export class Discovery {
  readonly #registry: ResourceRegistry;
  readonly #address: string;
  #version = -1;
  #groups: readonly DiscoveredGroup[] = [];
  readonly #aggregated = new Map<string, TaggedDocument>();

  /** `address`: told to clients as where the server is. */
  constructor(registry: ResourceRegistry, address: string) {
    this.#registry = registry;
    this.#address = address;
  }

  /** Answers a path below `/api` or `/apis`, or undefined where it is none of discovery's. */
  answer(context: RequestContext): ApiResponse | undefined {
    this.#refresh();
    const [root, ...rest] = context.info.path.split("/").filter((part) => part !== "");
    if (root === "api") return this.#answerCore(context, rest);
    return root === "apis" ? this.#answerGroups(context, rest) : undefined;
  }

  /** The paths of group versions, for the index. */
  paths(): readonly string[] {
    this.#refresh();
    return [
      "/api",
      "/apis",
      ...this.#groups.flatMap(({ group, versions }) =>
        group === ""
          ? versions.map(({ version }) => `/api/${version}`)
          : [`/apis/${group}`, ...versions.map(({ version }) => `/apis/${group}/${version}`)],
      ),
    ];
  }

  #answerCore(context: RequestContext, [version, ...more]: readonly string[]): ApiResponse {
    const core = this.#groups.filter(({ group }) => group === "");
    if (version === undefined) {
      if (wantsAggregated(context.request)) return this.#answerAggregated(context.request, "api", core);
      return answerValue(context, {
        kind: "APIVersions",
        versions: core.flatMap(({ versions }) => versions.map((each) => each.version)),
        serverAddressByClientCIDRs: [{ clientCIDR: "0.0.0.0/0", serverAddress: this.#address }],
      });
    }
    return more.length > 0 ? notFoundPage() : answerVersion(context, core[0], version);
  }

  #answerGroups(context: RequestContext, [name, version, ...more]: readonly string[]): ApiResponse {
    const groups = this.#groups.filter(({ group }) => group !== "");
    if (name === undefined) {
      if (wantsAggregated(context.request)) return this.#answerAggregated(context.request, "apis", groups);
      return answerValue(context, { kind: "APIGroupList", apiVersion: "v1", groups: groups.map(apiGroup) });
    }
    const found = groups.find(({ group }) => group === name);
    if (found === undefined || more.length > 0) return notFoundPage();
    if (version !== undefined) return answerVersion(context, found, version);
    return answerValue(context, { kind: "APIGroup", apiVersion: "v1", ...apiGroup(found) });
  }

  #answerAggregated(request: ApiRequest, root: string, groups: readonly DiscoveredGroup[]): ApiResponse {
    let document = this.#aggregated.get(root);
    if (document === undefined) {
      const bytes = encodeJson(aggregatedList(groups));
      document = { bytes, etag: `"${createHash("sha512").update(bytes).digest("hex").toUpperCase()}"` };
      this.#aggregated.set(root, document);
    }
    const headers = { etag: document.etag, vary: "Accept", "cache-control": "public" };
    if (request.headers["if-none-match"] === document.etag) {
      return { status: 304, headers, body: Buffer.alloc(0) };
    }
    return { status: 200, headers: { ...headers, "content-type": aggregatedType }, body: document.bytes };
  }

  #refresh(): void {
    if (this.#version === this.#registry.version) return;
    this.#version = this.#registry.version;
    this.#groups = discoveredGroups(this.#registry.all());
    this.#aggregated.clear();
  }
}

function answerVersion(context: RequestContext, group: DiscoveredGroup | undefined, version: string): ApiResponse {
  const found = group?.versions.find((each) => each.version === version);
  if (group === undefined || found === undefined) return notFoundPage();
  return answerValue(context, resourceList(group.group === "" ? version : `${group.group}/${version}`, found));
}

function answerValue({ request, info }: RequestContext, value: unknown): ApiResponse {
  return valueResponse(200, value, negotiate(request, info, { transformations: [], stream: false }));
}

/** Does the best clause that can be served ask for the aggregated form? */
function wantsAggregated(request: ApiRequest): boolean {
  const accept = request.headers["accept"] ?? "";
  if (!accept.includes("APIGroupDiscoveryList")) return false;
  for (const { params } of parseAccept(accept)) {
    const as = params.get("as");
    if (as === undefined) return false;
    if (as === "APIGroupDiscoveryList" && params.get("v") === "v2" && params.get("g") === "apidiscovery.k8s.io") {
      return true;
    }
  }
  return false;
}

// The encoded OpenAPI documents of a server: made when first asked for, one group version at a time, and again only when
// one of its resources has changed.
import { createHash } from "node:crypto";
import type { Resource } from "#api/resource.ts";
import { encodeJson } from "#machinery/json.ts";
import type { Clock } from "#std/time.ts";
import type { ResourceRegistry } from "../registry.ts";
import { basePath } from "./operations.ts";
import { openapiV2Document } from "./v2.ts";
import { encodeOpenApiV2 } from "./v2-protobuf.ts";
import { type OpenApiDocument, openapiV3Document, openapiV3PathDocument } from "./v3.ts";

/** A document as it is sent. */
export interface EncodedDocument {
  readonly bytes: Buffer;
  /** Upper-case hex SHA-512 of the bytes. */
  readonly hash: string;
}

const v2ProtobufPath = "v2.protobuf";

interface Kept {
  readonly resources: readonly Resource[];
  readonly document: EncodedDocument;
}

export class OpenApiDocuments {
  readonly #registry: ResourceRegistry;
  readonly #version: string;
  readonly #clock: Clock;
  readonly #kept = new Map<string, Kept>();

  /** `version`: the server's, as documents tell it. */
  constructor(registry: ResourceRegistry, version: string, clock: Clock) {
    this.#registry = registry;
    this.#version = version;
    this.#clock = clock;
  }

  /** `/openapi/v3`: where each document is. */
  async index(): Promise<EncodedDocument> {
    const resources = this.#registry.all();
    const groups = byPath(resources);
    const documents = new Map<string, EncodedDocument>();
    for (const path of listingPaths(resources)) documents.set(path, this.#listing(path));
    for (const [path, members] of groups) {
      // A document takes a few milliseconds to make; others may have their turn between two.
      if (!this.#isKept(path, members)) await this.#clock.yield();
      documents.set(path, this.#groupVersion(path, members));
    }
    this.#forgetOthers(documents);
    return encode(openapiV3Index(documents));
  }

  /** `/openapi/v3/<path>`, or undefined where there is no such document. */
  v3(path: string): EncodedDocument | undefined {
    const resources = this.#registry.all();
    const members = byPath(resources).get(path);
    if (members !== undefined) return this.#groupVersion(path, members);
    return listingPaths(resources).includes(path) ? this.#listing(path) : undefined;
  }

  /** `/openapi/v2`. */
  v2(): EncodedDocument {
    const resources = this.#registry.all();
    return this.#keep("v2", resources, () => openapiV2Document(resources, this.#version));
  }

  /** `/openapi/v2` in protobuf. */
  async v2Protobuf(): Promise<EncodedDocument> {
    const resources = this.#registry.all();
    const kept = this.#kept.get(v2ProtobufPath);
    if (kept !== undefined && sameResources(kept.resources, resources)) return kept.document;
    const source = openapiV2Document(resources, this.#version);
    const document = hashed(await encodeOpenApiV2(source, () => this.#clock.yield()));
    this.#kept.set(v2ProtobufPath, { resources, document });
    return document;
  }

  #groupVersion(path: string, members: readonly Resource[]): EncodedDocument {
    return this.#keep(path, members, () => openapiV3Document(members, this.#version));
  }

  #listing(path: string): EncodedDocument {
    return this.#keep(path, [], () => openapiV3PathDocument(path, this.#version));
  }

  #keep(path: string, resources: readonly Resource[], make: () => OpenApiDocument): EncodedDocument {
    const kept = this.#kept.get(path);
    if (kept !== undefined && sameResources(kept.resources, resources)) return kept.document;
    const document = encode(make());
    this.#kept.set(path, { resources, document });
    return document;
  }

  #isKept(path: string, members: readonly Resource[]): boolean {
    const kept = this.#kept.get(path);
    return kept !== undefined && sameResources(kept.resources, members);
  }

  /** Group versions that are gone take no memory. */
  #forgetOthers(documents: ReadonlyMap<string, EncodedDocument>): void {
    for (const path of this.#kept.keys()) {
      if (path !== "v2" && path !== v2ProtobufPath && !documents.has(path)) this.#kept.delete(path);
    }
  }
}

/** The index of documents by their path. */
function openapiV3Index(documents: ReadonlyMap<string, EncodedDocument>): OpenApiDocument {
  const paths = [...documents].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    paths: Object.fromEntries(
      paths.map(([path, { hash }]) => [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` }]),
    ),
  };
}

function encode(document: OpenApiDocument): EncodedDocument {
  return hashed(encodeJson(document));
}

function hashed(bytes: Buffer): EncodedDocument {
  return { bytes, hash: createHash("sha512").update(bytes).digest("hex").toUpperCase() };
}

/** Resources by `api/v1`, `apis/apps/v1`. */
function byPath(resources: readonly Resource[]): ReadonlyMap<string, readonly Resource[]> {
  const groups = new Map<string, Resource[]>();
  for (const resource of resources) {
    const path = basePath(resource.kind).slice(1);
    const members = groups.get(path);
    if (members === undefined) groups.set(path, [resource]);
    else members.push(resource);
  }
  return groups;
}

function listingPaths(resources: readonly Resource[]): readonly string[] {
  const groups = new Set(resources.map(({ kind }) => kind.group).filter((group) => group !== ""));
  return ["api", "apis", "version", ...[...groups].map((group) => `apis/${group}`)];
}

function sameResources(left: readonly Resource[], right: readonly Resource[]): boolean {
  return left.length === right.length && left.every((resource, index) => resource === right[index]);
}

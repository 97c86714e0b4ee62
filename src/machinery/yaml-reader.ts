// Reads YAML as kubectl does: the `yaml` package finds the structure, this file says what it means (YAML 1.1 scalars of
// Go's library, merge keys, string keys), and bounds what a small text can grow to.
// Upstream: sigs.k8s.io/yaml and go.yaml.in/yaml/v2.
import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  parseAllDocuments,
  type Scalar,
  Schema,
  type YAMLMap,
} from "yaml";
import { ApiError, errorText } from "./api-error.ts";
import { isArray, isRecord } from "./guards.ts";
import { parseJson } from "./json.ts";
import { jsonDepthMax } from "./json-reader.ts";
import { setOwn } from "./own-property.ts";
import { mergeKey, resolvePlainScalar } from "./yaml-scalar.ts";

/** How many nodes aliases of one document may stand for, all together. */
const aliasedNodesMax = 100_000;

export interface DuplicateKey {
  readonly key: string;
  /** Counted from 1. */
  readonly line: number;
}

export interface ParseYamlOptions {
  /** Called for each key that a map repeats. The last one wins. */
  readonly onDuplicate?: ((duplicate: DuplicateKey) => void) | undefined;
}

export interface YamlDocument {
  readonly value: unknown;
  /** Where the document starts, counted from 1. */
  readonly line: number;
}

/** The value of a YAML (or JSON) text that holds one document; null for an empty one. */
export function parseYaml(input: Uint8Array | string, options: ParseYamlOptions = {}): unknown {
  const documents = parseYamlDocuments(input, options);
  if (documents.length > 1) {
    throw badYaml(documents[1]?.line ?? 1, "expected a single document in the stream, but found another document");
  }
  return documents[0]?.value ?? null;
}

/** The documents of a YAML stream. Empty ones are left out. Throws ApiError BadRequest that names the line. */
export function parseYamlDocuments(
  input: Uint8Array | string,
  options: ParseYamlOptions = {},
): readonly YamlDocument[] {
  const text = typeof input === "string" ? input : Buffer.from(input).toString("utf8");
  if (controlCharacter.test(text)) throw new ApiError("BadRequest", "yaml: control characters are not allowed");
  const json = parseAsJson(text, options);
  if (json !== undefined) return [{ value: json, line: 1 }];
  const lines = new LineCounter();
  const documents: YamlDocument[] = [];
  for (const document of splitDocuments(text, lines)) {
    const [error] = document.errors;
    if (error?.code === "RESOURCE_EXHAUSTION") throw new ApiError("BadRequest", "yaml: exceeded max depth");
    if (error !== undefined) throw badYaml(lineAt(lines, error.pos[0]), lowerFirst(error.message));
    const value = new Composition(lines, options).toValue(document.contents, 0);
    if (value !== null) documents.push({ value, line: lineAt(lines, document.contents?.range[0] ?? 0) });
  }
  return documents;
}

const controlCharacter = /[\0-\x08\v\f\x0e-\x1f\x7f\ufffe\uffff]/;

/** The text in which Go reports repeated keys. */
export function duplicateKeysText(duplicates: readonly DuplicateKey[]): string {
  const lines = duplicates.map(({ key, line }) => `\n  line ${line}: key ${JSON.stringify(key)} already set in map`);
  return `yaml: unmarshal errors:${lines.join("")}`;
}

/** Most machines send JSON, which is YAML but read a hundred times faster. */
function parseAsJson(text: string, options: ParseYamlOptions): unknown {
  if (!/^\s*\{/.test(text)) return undefined;
  const repeated: string[] = [];
  const onDuplicate = options.onDuplicate && ((path: string): unknown => repeated.push(path));
  try {
    const value = parseJson(text, { onDuplicate });
    return repeated.length > 0 ? undefined : value;
  } catch {
    return undefined;
  }
}

function splitDocuments(text: string, lineCounter: LineCounter): readonly Document.Parsed[] {
  const schema = new Schema({ schema: "failsafe", merge: false, resolveKnownTags: false });
  try {
    return parseAllDocuments(text, {
      schema,
      version: "1.1",
      lineCounter,
      prettyErrors: false,
      uniqueKeys: false,
      logLevel: "silent",
    });
  } catch (error) {
    // The package recurses: a text of thousands of brackets runs out of stack.
    if (error instanceof RangeError) throw new ApiError("BadRequest", "yaml: exceeded max depth");
    throw new ApiError("BadRequest", `yaml: ${errorText(error)}`, { cause: error });
  }
}

/** One document on its way from nodes to values. */
class Composition {
  readonly #lines: LineCounter;
  readonly #options: ParseYamlOptions;
  readonly #anchors = new Map<string, unknown>();
  readonly #open = new Set<unknown>();
  #aliasDepth = 0;
  #aliasedNodes = 0;

  constructor(lines: LineCounter, options: ParseYamlOptions) {
    this.#lines = lines;
    this.#options = options;
  }

  toValue(node: unknown, depth: number): unknown {
    if (depth > jsonDepthMax) throw this.#bad(node, "exceeded max depth");
    if (this.#aliasDepth > 0 && ++this.#aliasedNodes > aliasedNodesMax) {
      throw this.#bad(node, "document contains excessive aliasing");
    }
    if (isAlias(node)) return this.#aliased(node, (target) => this.toValue(target, depth));
    if (isScalar(node)) {
      if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
      return this.#scalar(node);
    }
    if (isMap(node)) {
      return this.#within(node, node.anchor, () => {
        const result: Record<string, unknown> = {};
        this.#fill(result, node, depth);
        return result;
      });
    }
    if (isSeq(node)) {
      return this.#within(node, node.anchor, () => node.items.map((item) => this.toValue(item, depth + 1)));
    }
    return null;
  }

  #fill(result: Record<string, unknown>, map: YAMLMap, depth: number): void {
    if (depth > jsonDepthMax) throw this.#bad(map, "exceeded max depth");
    const seen = new Set<string>();
    for (const pair of map.items) {
      if (isMergeKey(pair)) {
        this.#merge(result, pair.value, depth);
        continue;
      }
      const key = this.#key(pair);
      if (seen.has(key)) this.#options.onDuplicate?.({ key, line: this.#lineOf(pair.key) });
      seen.add(key);
      if (key === "__proto__") throw this.#bad(pair.key, 'the key "__proto__" is not supported');
      setOwn(result, key, this.toValue(pair.value, depth + 1));
    }
  }

  /** `<<: *base`: what it brings in overwrites keys before it and is overwritten by keys after it, as in Go's library. */
  #merge(result: Record<string, unknown>, source: unknown, depth: number): void {
    if (isAlias(source)) {
      this.#aliased(source, (target) => {
        this.#merge(result, target, depth);
      });
    } else if (isMap(source)) {
      this.#fill(result, source, depth + 1);
    } else if (isSeq(source)) {
      for (const item of source.items.toReversed()) this.#merge(result, item, depth);
    } else {
      throw this.#bad(source, "map merge requires map or sequence of maps as the value");
    }
  }

  #key(pair: Pair): string {
    const key = isAlias(pair.key) || isScalar(pair.key) ? this.toValue(pair.key, 0) : pair.key;
    if (typeof key === "string" || typeof key === "boolean" || typeof key === "bigint") return String(key);
    if (typeof key === "number") return goFloatText(key);
    throw this.#bad(pair.key, "a map key must be a string, a number or a boolean");
  }

  #scalar(node: Scalar): unknown {
    const text = typeof node.value === "string" ? node.value : (node.source ?? "");
    const value = this.#tagged(node, text);
    if (typeof value === "number" && !Number.isFinite(value)) throw this.#bad(node, `${text} has no JSON form`);
    return value;
  }

  #tagged(node: Scalar, text: string): unknown {
    switch (node.tag) {
      case undefined:
        return node.type === "PLAIN" ? resolvePlainScalar(text) : text;
      case "tag:yaml.org,2002:binary":
        return Buffer.from(text, "base64").toString("utf8");
      case "tag:yaml.org,2002:int":
      case "tag:yaml.org,2002:float":
      case "tag:yaml.org,2002:bool":
      case "tag:yaml.org,2002:null": {
        const value = resolvePlainScalar(text);
        const kind = node.tag.slice("tag:yaml.org,2002:".length);
        if (!isOfTag(value, kind)) throw this.#bad(node, `cannot decode \`${text}\` as a !!${kind}`);
        return value;
      }
      default:
        return text;
    }
  }

  #aliased<T>(alias: Alias, use: (target: unknown) => T): T {
    const target = this.#anchors.get(alias.source);
    if (target === undefined) throw this.#bad(alias, `unknown anchor '${alias.source}' referenced`);
    if (this.#open.has(target)) throw this.#bad(alias, `anchor '${alias.source}' value contains itself`);
    this.#aliasDepth++;
    const result = use(target);
    this.#aliasDepth--;
    return result;
  }

  /** Reads the inside of `node`, which may be referred to from here on, but not from inside itself. */
  #within<T>(node: unknown, anchor: string | undefined, read: () => T): T {
    if (anchor === undefined) return read();
    this.#anchors.set(anchor, node);
    this.#open.add(node);
    const result = read();
    this.#open.delete(node);
    return result;
  }

  #bad(node: unknown, message: string): ApiError {
    return badYaml(this.#lineOf(node), message);
  }

  #lineOf(node: unknown): number {
    const range = isRecord(node) ? node["range"] : undefined;
    return lineAt(this.#lines, isArray(range) && typeof range[0] === "number" ? range[0] : 0);
  }
}

function isMergeKey(pair: Pair): boolean {
  const { key } = pair;
  return isScalar(key) && key.value === mergeKey && (key.type === "PLAIN" || key.tag === "tag:yaml.org,2002:merge");
}

function isOfTag(value: unknown, kind: string): boolean {
  switch (kind) {
    case "int":
      return typeof value === "bigint" || Number.isInteger(value);
    case "float":
      return typeof value === "bigint" || typeof value === "number";
    case "bool":
      return typeof value === "boolean";
    default:
      return value === null;
  }
}

/** A float key as Go prints it: strconv.FormatFloat(value, 'g', -1, 32). */
function goFloatText(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e21) return value.toFixed(0);
  return String(value);
}

function lineAt(lines: LineCounter, offset: number): number {
  return Math.max(1, lines.linePos(offset).line);
}

function badYaml(line: number, message: string): ApiError {
  return new ApiError("BadRequest", `yaml: line ${line}: ${message}`);
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

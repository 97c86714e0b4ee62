// JSON Patch (RFC 6902) as Kubernetes applies it: `replace` also adds keys, negative indices count from the end, `test` of
// an absent key holds for null. Upstream: gopkg.in/evanphx/json-patch.v4 and k8s.io/apiserver endpoints/handlers/patch.go.
import { ApiError } from "../api-error.ts";
import { cloneJson, deepEqual } from "../equality.ts";
import { isArray, isRecord, isString } from "../guards.ts";
import { encodeJsonText } from "../json.ts";
import { getOwn, setOwn } from "../own-property.ts";

/** One decoded operation. `value` is null where it was left out. */
export type JsonPatchOperation =
  | { readonly op: "add" | "replace" | "test"; readonly path: string; readonly value: unknown }
  | { readonly op: "remove"; readonly path: string }
  | { readonly op: "move" | "copy"; readonly path: string; readonly from: string };

/** How many bytes the copies of one patch may have, all together. */
const copiedBytesMax = 3 * 1024 * 1024;

/** The operations of a patch document. Throws ApiError BadRequest where it is no list of operations. */
export function decodeJsonPatch(patch: unknown): readonly JsonPatchOperation[] {
  if (!isArray(patch)) throw undecodable("a JSON patch is a list of operations");
  return patch.map((item, index) => {
    if (!isRecord(item)) throw undecodable(`operation ${index} is no object`);
    return decodeOperation(item);
  });
}

/**
 * `document` with all of `operations` applied. Shares unchanged parts with both and edits neither. An operation that fails
 * throws the 422 that the API server answers; its cause says which and why.
 */
export function applyJsonPatch(document: unknown, operations: readonly JsonPatchOperation[]): unknown {
  const editor = new Editor(document);
  for (const operation of operations) editor.apply(operation);
  return editor.root;
}

function decodeOperation(item: Readonly<Record<string, unknown>>): JsonPatchOperation {
  const { op, value = null } = item;
  const path = memberOf(item, "path");
  switch (op) {
    case "add":
    case "replace":
    case "test":
      return { op, path, value };
    case "remove":
      return { op, path };
    case "move":
    case "copy":
      return { op, path, from: memberOf(item, "from") };
    default:
      throw rejected(`Unexpected kind: ${isString(op) ? op : "unknown"}`);
  }
}

function memberOf(item: Readonly<Record<string, unknown>>, name: "path" | "from"): string {
  const value = item[name];
  if (!isString(value)) throw rejected(`operation missing ${name} field: missing value`);
  return value;
}

type Container = Record<string, unknown> | unknown[];

interface Target {
  readonly container: Container;
  readonly key: string;
}

/** Holds the document while it changes. Containers are copied the first time they are edited, then edited in place. */
class Editor {
  #root: unknown;
  readonly #own = new Set<Container>();
  #copiedBytes = 0;

  constructor(document: unknown) {
    this.#root = document;
  }

  get root(): unknown {
    return this.#root;
  }

  apply(operation: JsonPatchOperation): void {
    const { op, path } = operation;
    switch (op) {
      case "add":
        this.#add(path, operation.value);
        break;
      case "remove":
        this.#remove(path);
        break;
      case "replace":
        this.#replace(path, operation.value);
        break;
      case "move":
        this.#move(operation.from, path);
        break;
      case "copy":
        this.#copy(operation.from, path);
        break;
      case "test":
        this.#test(path, operation.value);
        break;
    }
  }

  #add(path: string, value: unknown): void {
    const { container, key } = this.#editable(path, "add");
    if (!isArray(container)) setField(container, key, value);
    else if (key === "-") container.push(value);
    else container.splice(indexOf(key, container.length + 1), 0, value);
  }

  #remove(path: string): void {
    const { container, key } = this.#editable(path, "remove");
    if (isArray(container)) {
      container.splice(indexOf(key, container.length), 1);
    } else {
      if (!Object.hasOwn(container, key)) throw rejected(`Unable to remove nonexistent key: ${key}: missing value`);
      delete container[key];
    }
  }

  #replace(path: string, value: unknown): void {
    if (path === "") {
      if (!isContainer(value)) throw rejected("replace operation value must be object or array");
      this.#root = value;
      return;
    }
    const { container, key } = this.#editable(path, "replace");
    if (isArray(container)) container[indexOf(key, container.length)] = value;
    else setField(container, key, value);
  }

  #move(from: string, path: string): void {
    const value = this.#read(from, "move");
    this.#remove(from);
    this.#add(path, value);
  }

  #copy(from: string, path: string): void {
    const value = this.#read(from, "copy") ?? null;
    this.#copiedBytes += Buffer.byteLength(encodeJsonText(value));
    if (this.#copiedBytes > copiedBytesMax) {
      throw rejected(`Unable to complete the copy, the accumulated size increase exceeds ${copiedBytesMax} bytes`);
    }
    // A copy of its own: later operations may edit the original in place.
    this.#add(path, cloneJson(value));
  }

  #test(path: string, value: unknown): void {
    const current = path === "" ? this.#root : this.#read(path, "test");
    if (!deepEqual(current ?? null, value)) throw rejected(`testing value ${path} failed: test failed`);
  }

  /** The value at a path; undefined where its object lacks the key. */
  #read(path: string, op: string): unknown {
    const { container, key } = this.#find(path, op, (value) => value);
    return isArray(container) ? container[indexOf(key, container.length)] : getOwn(container, key);
  }

  /** The container that a path ends in, made ready to be edited. */
  #editable(path: string, op: string): Target {
    return this.#find(path, op, (container) => this.#owned(container));
  }

  #find(path: string, op: string, visit: (container: Container) => Container): Target {
    const [, ...tokens] = path.split("/").map(decodeToken);
    const key = tokens.pop();
    if (key === undefined || !isContainer(this.#root)) throw missingPath(op, path);
    let container = visit(this.#root);
    this.#root = container;
    for (const token of tokens) {
      const next = this.#childOf(container, token);
      if (!isContainer(next)) throw missingPath(op, path);
      const visited = visit(next);
      if (visited !== next) this.#put(container, token, visited);
      container = visited;
    }
    return { container, key };
  }

  #childOf(container: Container, token: string): unknown {
    if (!isArray(container)) return getOwn(container, token);
    return container[indexOf(token, container.length)];
  }

  #put(container: Container, token: string, value: Container): void {
    if (isArray(container)) container[indexOf(token, container.length)] = value;
    else setOwn(container, token, value);
  }

  #owned(container: Container): Container {
    if (this.#own.has(container)) return container;
    const copy = isArray(container) ? container.slice() : { ...container };
    this.#own.add(copy);
    return copy;
  }
}

function isContainer(value: unknown): value is Container {
  return isArray(value) || isRecord(value);
}

function setField(container: Record<string, unknown>, key: string, value: unknown): void {
  if (key === "__proto__") throw new ApiError("BadRequest", 'the key "__proto__" is not supported');
  container[key] = value;
}

/** An index as Go's Atoi reads it; negative ones count from the end. */
function indexOf(key: string, length: number): number {
  if (!/^[-+]?[0-9]{1,15}$/.test(key)) throw rejected(`value was not a proper array index: '${key}'`);
  const index = Number(key);
  if (index >= length || index < -length) throw rejected(`Unable to access invalid index: ${index}: invalid index`);
  return index < 0 ? index + length : index + 0;
}

function decodeToken(token: string): string {
  return token.includes("~") ? token.replaceAll(/~[01]/g, (escape) => (escape === "~1" ? "/" : "~")) : token;
}

function missingPath(op: string, path: string): ApiError {
  return rejected(`${op} operation does not apply: doc is missing path: "${path}": missing value`);
}

function rejected(reason: string): ApiError {
  return new ApiError("Invalid", "the server rejected our request due to an error in our request", {
    details: {},
    cause: new Error(reason),
  });
}

function undecodable(reason: string): ApiError {
  return new ApiError("BadRequest", `error decoding patch: ${reason}`);
}

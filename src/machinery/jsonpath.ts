// JSONPath as kubectl has it: `{.items[*].metadata.name}`, `{range .items[?(@.kind=="Pod")]}{.kind}{"\n"}{end}`.
// Upstream: k8s.io/client-go/util/jsonpath/jsonpath.go and k8s.io/kubectl/pkg/cmd/get/customcolumn.go (relaxed form).
import { isArray, isRecord } from "./guards.ts";
import { encodeGoJson } from "./json.ts";
import { badPath, parseTemplate, type PathNode, type TemplateNode } from "./jsonpath-parser.ts";
import { getOwn } from "./own-property.ts";

export interface JsonPathOptions {
  /** Accept a path without braces and without the first dot: `metadata.name`. */
  readonly relaxed?: boolean;
  /** A missing field is no result, not an error. kubectl's default, and ours. */
  readonly allowMissingKeys?: boolean;
  /** How many values one evaluation may look at; `..` behind `..` would else take for ever. */
  readonly stepsMax?: number;
}

/** Enough for every field of a list of many thousand objects. */
const defaultStepsMax = 2_000_000;
/** So many characters of text count as one step. */
const charactersOfStep = 64;

export interface JsonPath {
  /** What each action of the template finds, in order; literal texts are results too. */
  find(data: unknown): unknown[][];
  /** The template filled in: results of an action are separated by spaces, lists and maps are JSON. */
  print(data: unknown): string;
}

/** A compiled template. Throws ApiError BadRequest; so do its methods. */
export function parseJsonPath(template: string, options: JsonPathOptions = {}): JsonPath {
  const nodes = parseTemplate(options.relaxed === true ? withBraces(template) : template);
  const { allowMissingKeys: allowMissing = true, stepsMax = defaultStepsMax } = options;
  return {
    find: (data) => findAll(nodes, data, { allowMissing, steps: new Steps(stepsMax) }),
    print: (data) => {
      const steps = new Steps(stepsMax);
      const found = findAll(nodes, data, { allowMissing, steps });
      return found.map((results) => results.map((value) => printed(value, steps)).join(" ")).join("");
    },
  };
}

/** What is left of the values that an evaluation may look at. */
class Steps {
  #left: number;

  constructor(left: number) {
    this.#left = left;
  }

  take(count: number): void {
    this.#left -= count;
    if (this.#left < 0) throw badPath("the template looks at too many values");
  }

  /** The values, one step each. */
  takeAll(values: unknown[]): unknown[] {
    this.take(values.length);
    return values;
  }
}

interface Walk {
  readonly allowMissing: boolean;
  readonly steps: Steps;
}

function withBraces(path: string): string {
  const match = /^\{\.?([^{}]+)\}$|^\.?([^{}]+)$/.exec(path);
  if (path === "") return path;
  if (match === null) {
    throw badPath(
      `unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'`,
    );
  }
  return `{.${match[1] ?? match[2] ?? ""}}`;
}

function findAll(nodes: readonly TemplateNode[], data: unknown, how: Walk): unknown[][] {
  const found: unknown[][] = [];
  for (const node of nodes) {
    how.steps.take(1);
    switch (node.kind) {
      case "text":
        found.push([node.text]);
        break;
      case "action":
        found.push(walk(node.path, [data], how));
        break;
      case "range":
        for (const item of walk(node.path, [data], how)) {
          for (const results of findAll(node.body, item, how)) found.push(results);
        }
        break;
    }
  }
  return found;
}

/** What a path finds from `input` on; a value in the path replaces what was found before it. */
function walk(path: readonly PathNode[], input: unknown[], how: Walk): unknown[] {
  let current = input;
  for (const node of path) {
    how.steps.take(current.length + 1);
    current = step(node, current, how);
  }
  return current;
}

function step(node: PathNode, input: unknown[], how: Walk): unknown[] {
  switch (node.kind) {
    case "value":
      return input.map(() => node.value);
    case "field":
      return fields(node.name, input, how.allowMissing);
    case "wildcard":
      return input.flatMap((value) => how.steps.takeAll(childrenOf(value)));
    case "recursive":
      return descendants(input, how.steps);
    case "index":
      return input.flatMap((value) => elementsAt(node.index, value));
    case "slice":
      return input.flatMap((value) => how.steps.takeAll(sliceOf(node, value)));
    case "union":
      return node.paths.flatMap((path) => walk(path, input, how));
    case "filter":
      return input.flatMap((value) => filtered(node, value, how));
  }
}

function fields(name: string, input: readonly unknown[], allowMissing: boolean): unknown[] {
  if (name === "") return [...input];
  const found: unknown[] = [];
  for (const value of input) {
    const result = isRecord(value) ? getOwn(value, name) : undefined;
    if (result !== undefined) found.push(result);
  }
  if (found.length === 0 && !allowMissing) throw badPath(`${name} is not found`);
  return found;
}

function childrenOf(value: unknown): unknown[] {
  if (isArray(value)) return value;
  return isRecord(value) ? Object.values(value) : [];
}

/** All lists, maps and texts that are not empty, outer ones first. */
function descendants(values: readonly unknown[], steps: Steps): unknown[] {
  const found: unknown[] = [];
  const collect = (value: unknown): void => {
    steps.take(1);
    const children = childrenOf(value);
    if (children.length === 0 && (typeof value !== "string" || value === "")) return;
    found.push(value);
    children.forEach(collect);
  };
  values.forEach(collect);
  return found;
}

function elementsAt(index: number, value: unknown): unknown[] {
  if (value === null || value === undefined) return [];
  const list = listOf(value);
  const at = index < 0 ? index + list.length : index;
  if (at < 0 || at >= list.length) throw outOfBounds(at, list.length);
  return [list[at]];
}

function sliceOf(node: PathNode & { kind: "slice" }, value: unknown): unknown[] {
  if (value === null || value === undefined) return [];
  const list = listOf(value);
  const { length } = list;
  const start = fromEnd(node.start ?? 0, length);
  const end = fromEnd(node.end ?? length, length);
  const step = node.step ?? 1;
  if (start === end) return [];
  if (start < 0 || start >= length) throw outOfBounds(start, length);
  if (end < 0 || end > length) throw outOfBounds(end - 1, length);
  if (start > end) throw badPath(`starting index ${start} is greater than ending index ${end}`);
  if (step <= 0) throw badPath("step must be > 0");
  return list.slice(start, end).filter((_item, index) => index % step === 0);
}

function fromEnd(index: number, length: number): number {
  return index < 0 ? index + length : index;
}

function listOf(value: unknown): unknown[] {
  if (isArray(value)) return value;
  throw badPath(`${typeText(value)} is not array or slice`);
}

function outOfBounds(index: number, length: number): Error {
  return badPath(`array index out of bounds: index ${index}, length ${length}`);
}

function filtered(node: PathNode & { kind: "filter" }, value: unknown, how: Walk): unknown[] {
  if (value === null || value === undefined) return [];
  if (!isArray(value)) throw badPath(`${typeText(value)} is not array or slice and cannot be filtered`);
  return value.filter((item) => {
    if (node.operator === "exists") return walk(node.left, [item], { ...how, allowMissing: true }).length > 0;
    const left = oneOf(walk(node.left, [item], how));
    const right = left.length === 0 ? [] : oneOf(walk(node.right, [item], how));
    return right.length > 0 && compare(left[0], node.operator, right[0]);
  });
}

function oneOf(values: unknown[]): unknown[] {
  if (values.length > 1) throw badPath("can only compare one element at a time");
  return values;
}

function compare(left: unknown, operator: string, right: unknown): boolean {
  const order = orderOf(left, right);
  switch (operator) {
    case "==":
      return order === 0;
    case "!=":
      return order !== 0;
    case "<":
    case "<=":
    case ">":
    case ">=":
      if (typeof left === "boolean") throw badPath("invalid type for comparison");
      if (operator.startsWith("<")) return order < 0 || (operator === "<=" && order === 0);
      return order > 0 || (operator === ">=" && order === 0);
    default:
      throw badPath(`unrecognized filter operator ${operator}`);
  }
}

function orderOf(left: unknown, right: unknown): number {
  if (typeof left === "string" && typeof right === "string") return left < right ? -1 : left === right ? 0 : 1;
  if (typeof left === "boolean" && typeof right === "boolean") return Number(left) - Number(right);
  if (isNumber(left) && isNumber(right)) return left < right ? -1 : left == right ? 0 : 1;
  throw badPath("incompatible types for comparison");
}

function isNumber(value: unknown): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}

/** What Go calls the type of a JSON value. */
function typeText(value: unknown): string {
  if (typeof value === "string") return "string";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "number") return Number.isInteger(value) ? "int64" : "float64";
  return isRecord(value) ? "map[string]interface {}" : "int64";
}

function printed(value: unknown, steps: Steps): string {
  const text = typeof value === "string" ? value : encodeGoJson(value);
  steps.take(Math.ceil(text.length / charactersOfStep));
  return text;
}

// Who manages which fields of an object, as metadata.managedFields stores it: read, written, ordered and kept short.
// Upstream: k8s.io/apimachinery/pkg/util/managedfields/internal/{managedfields,capmanagers}.go.
import { ApiError } from "../api-error.ts";
import { type FieldError, invalid, tooLong } from "../field-error.ts";
import { isArray, isRecord, isString } from "../guards.ts";
import { compareBytes, parseJson } from "../json.ts";
import { type FieldSet, leaf, readFieldSet, union } from "./field-set.ts";
import type { FieldSetTexts } from "./field-set-texts.ts";

/** So many entries of operation Update are kept apart. */
const updateManagersMax = 10;
const ancientManager = "ancient-changes";

export type Operation = "Apply" | "Update";

/** Who manages: one entry of managedFields. Appliers are the same in every version of the API. */
export interface ManagerName {
  readonly manager: string;
  readonly operation: Operation;
  readonly apiVersion: string;
  /** Empty for the main endpoint. */
  readonly subresource: string;
}

export interface Managed extends ManagerName {
  readonly set: FieldSet;
  readonly time: string | undefined;
}

/** Entries by identity. */
export type Managers = ReadonlyMap<string, Managed>;

/** What makes an entry the same entry. */
export function managerId({ manager, operation, apiVersion, subresource }: ManagerName): string {
  return JSON.stringify({
    manager,
    operation,
    ...(operation === "Apply" ? {} : { apiVersion }),
    ...(subresource === "" ? {} : { subresource }),
  });
}

/** Reads the text of managedFields, at best as writeManagers has made it. Throws BadRequest where they are malformed. */
export function readManagers(text: string | undefined, sets: FieldSetTexts): Managers {
  const managers = new Map<string, Managed>();
  if (text === undefined) return managers;
  // No set has such a key, and in texts its quotes would be escaped.
  for (const part of text.slice(1, -1).split(entryStart)) {
    const entry = readEntry(part.startsWith("{") ? part.slice(entryStart.length - 1) : part, sets);
    // Somebody else has written them.
    if (entry === undefined) return readSentManagers(parseJson(text));
    managers.set(managerId(entry), entry);
  }
  return managers;
}

const entryStart = ',{"manager":';
const tailStart = ',"subresource":';
const entryHead =
  /^("(?:[^"\\]|\\.)*"),"operation":"(\w+)","apiVersion":("(?:[^"\\]|\\.)*")(?:,"time":"([^"]*)")?,"fieldsType":"FieldsV1","fieldsV1":/;

/** An entry behind its start, as entryText writes it. */
function readEntry(text: string, sets: FieldSetTexts): Managed | undefined {
  const head = entryHead.exec(text);
  if (head === null) return undefined;
  const [whole, manager, operation, apiVersion, time] = head;
  const tail = text.endsWith('"}') ? text.lastIndexOf(tailStart) : -1;
  const end = tail < 0 ? text.length - 1 : tail;
  return {
    manager: unquote(manager),
    operation: operation === "Apply" ? "Apply" : "Update",
    apiVersion: unquote(apiVersion),
    subresource: tail < 0 ? "" : unquote(text.slice(tail + tailStart.length, -1)),
    set: sets.setOf(text.slice(whole.length, end)),
    time,
  };
}

function unquote(text: string | undefined): string {
  if (text === undefined) return "";
  return text.includes("\\") ? textOf(parseJson(text)) : text.slice(1, -1);
}

/** Reads managedFields that a client sent. Throws BadRequest where they are malformed. */
export function readSentManagers(entries: unknown): Managers {
  if (!isArray(entries)) throw new ApiError("BadRequest", "managedFields must be a list");
  const managers = new Map<string, Managed>();
  for (const [index, entry] of entries.entries()) {
    if (!isRecord(entry)) throw new ApiError("BadRequest", "an entry of managedFields must be an object");
    const { operation } = entry;
    if (operation !== "Apply" && operation !== "Update") {
      throw new ApiError("BadRequest", "operation must be `Apply` or `Update`");
    }
    const apiVersion = textOf(entry["apiVersion"]);
    if (apiVersion === "") throw new ApiError("BadRequest", "apiVersion must not be empty");
    checkFieldsType(textOf(entry["fieldsType"]), index);
    const name: ManagerName = {
      manager: textOf(entry["manager"]),
      operation,
      apiVersion,
      subresource: textOf(entry["subresource"]),
    };
    const time = isString(entry["time"]) && timePattern.test(entry["time"]) ? entry["time"] : undefined;
    managers.set(managerId(name), { ...name, set: readFieldSet(entry["fieldsV1"] ?? {}), time });
  }
  return managers;
}

/** As metav1.Time, which decoding has made of it. */
const timePattern = /^[-\dT:.Z+]+$/;

function checkFieldsType(fieldsType: string, index: number): void {
  if (fieldsType === "FieldsV1") return;
  const where = `in managed fields entry ${String(index)}`;
  const why = fieldsType === "" ? `missing fieldsType ${where}` : `invalid fieldsType "${fieldsType}" ${where}`;
  throw new ApiError("BadRequest", why);
}

function textOf(value: unknown): string {
  return isString(value) ? value : "";
}

/** Does a client ask to forget who manages what: an empty list, or one of an empty entry? */
export function isReset(entries: unknown): boolean {
  if (!isArray(entries)) return false;
  const [first] = entries;
  return entries.length === 0 || (entries.length === 1 && isRecord(first) && Object.keys(first).length === 0);
}

/** managedFields as JSON text; undefined: nobody manages anything. */
export function writeManagers(managers: Managers, sets: FieldSetTexts): string | undefined {
  if (managers.size === 0) return undefined;
  return `[${[...managers.values()]
    .sort(compareManaged)
    .map((managed) => entryText(managed, sets))
    .join(",")}]`;
}

function entryText({ manager, operation, apiVersion, time, set, subresource }: Managed, sets: FieldSetTexts): string {
  const head = `{"manager":${JSON.stringify(manager)},"operation":"${operation}","apiVersion":${JSON.stringify(apiVersion)}`;
  const timed = time === undefined ? "" : `,"time":${JSON.stringify(time)}`;
  const tail = subresource === "" ? "" : `,"subresource":${JSON.stringify(subresource)}`;
  return `${head}${timed},"fieldsType":"FieldsV1","fieldsV1":${sets.textOf(set)}${tail}}`;
}

/** Appliers first, then the oldest. Times are all of one form, so that their order is that of their texts. */
export function compareManaged(left: Managed, right: Managed): number {
  return (
    compareBytes(left.operation, right.operation) ||
    compareBytes(left.time ?? "", right.time ?? "") ||
    compareBytes(left.manager, right.manager) ||
    compareBytes(left.apiVersion, right.apiVersion) ||
    compareBytes(left.subresource, right.subresource)
  );
}

/** In bytes. */
const managerBytesMax = 128;
const subresourceBytesMax = 256;

/** What is wrong with an entry of managedFields at `index`. Upstream: apimachinery pkg/apis/meta/v1/validation. */
export function managedErrors({ manager, subresource }: ManagerName, index: number): readonly FieldError[] {
  const at = `metadata.managedFields[${String(index)}]`;
  const strange = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.exec(manager);
  return [
    ...(Buffer.byteLength(manager) > managerBytesMax ? [tooLong(`${at}.manager`, managerBytesMax)] : []),
    ...(strange === null ? [] : [invalid(`${at}.manager`, manager, "should only contain printable characters")]),
    ...(Buffer.byteLength(subresource) > subresourceBytesMax
      ? [tooLong(`${at}.subresource`, subresourceBytesMax)]
      : []),
  ];
}

/** Merges the oldest entries of operation Update, version by version, until there are few enough. */
export function capManagers(managers: Managers): Managers {
  const updaters = [...managers].filter(([, { operation }]) => operation === "Update");
  let surplus = updaters.length - updateManagersMax;
  if (surplus <= 0) return managers;
  updaters.sort(
    ([leftId, left], [rightId, right]) =>
      compareBytes(left.time ?? "", right.time ?? "") || compareBytes(leftId, rightId),
  );
  const capped = new Map(managers);
  const firstOfVersion = new Map<string, string>();
  for (const [id, managed] of updaters) {
    if (surplus <= 0) break;
    const first = firstOfVersion.get(managed.apiVersion);
    if (first === undefined) {
      firstOfVersion.set(managed.apiVersion, id);
      continue;
    }
    const name = {
      manager: ancientManager,
      operation: "Update",
      apiVersion: managed.apiVersion,
      subresource: "",
    } as const;
    const bucket = managerId(name);
    const present = capped.get(bucket) ?? capped.get(first);
    capped.delete(first);
    capped.delete(id);
    capped.set(bucket, { ...name, set: union(present?.set ?? leaf, managed.set), time: managed.time });
    surplus--;
  }
  return capped;
}

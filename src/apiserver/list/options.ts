// The options of list, watch and deletecollection and the rules among them. Pure.
// Upstream: k8s.io/apimachinery/pkg/apis/meta/internalversion/validation/validation.go and
// k8s.io/apiserver/pkg/storage/etcd3/store.go (resolveGetListRev).
import { ApiError } from "#machinery/api-error.ts";
import { type FieldError, forbidden, invalidError, notSupported } from "#machinery/field-error.ts";
import type { Query } from "../request/query.ts";

/** Which revision a list is read at. */
export type ListRevision =
  | { readonly kind: "newest" }
  | { readonly kind: "notOlderThan"; readonly revision: number }
  | { readonly kind: "exactly"; readonly revision: number };

export interface ListOptions {
  readonly revision: ListRevision;
  /** 0: all. */
  readonly limit: number;
  readonly continue: string | undefined;
}

export interface WatchOptions {
  /** undefined: from now, after what is there; 0 the same, as old as may be. */
  readonly since: number | undefined;
  /** Whether what is there comes first, as ADDED events. */
  readonly initialEvents: boolean;
  readonly bookmarks: boolean;
  readonly timeoutSeconds: number | undefined;
}

const matches = ["Exact", "NotOlderThan"] as const;

export function parseListOptions(query: Query): ListOptions {
  if (query.isEmpty) return { revision: { kind: "newest" }, limit: 0, continue: undefined };
  const resourceVersion = query.get("resourceVersion") ?? "";
  const match = query.get("resourceVersionMatch") ?? "";
  const token = query.get("continue") ?? "";
  const limit = query.integer("limit") ?? 0;
  throwIfAny([
    ...listMatchErrors(resourceVersion, match, token),
    ...(query.optionalFlag("sendInitialEvents") === undefined
      ? []
      : [forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list")]),
  ]);
  const revision = parseRevision(
    resourceVersion,
    (why) => new ApiError("BadRequest", `invalid resource version: ${why}`),
  );
  if (token !== "") {
    if ((revision ?? 0) > 0) {
      throw new ApiError("BadRequest", "specifying resource version is not allowed when using continue");
    }
    return { revision: { kind: "newest" }, limit, continue: token };
  }
  return { revision: listRevision(revision, match, limit), limit, continue: undefined };
}

export function parseWatchOptions(query: Query): WatchOptions {
  const match = query.get("resourceVersionMatch") ?? "";
  const sendInitialEvents = query.optionalFlag("sendInitialEvents");
  throwIfAny(watchMatchErrors(match, sendInitialEvents));
  const since = parseRevision(query.get("resourceVersion") ?? "", (why) => new ApiError("Unknown", why));
  return {
    since,
    initialEvents: sendInitialEvents ?? (since === undefined || since === 0),
    bookmarks: query.flag("allowWatchBookmarks"),
    timeoutSeconds: query.integer("timeoutSeconds"),
  };
}

/** The revision in a `resourceVersion` parameter; empty: undefined. Throws what `fail` makes of the reason. */
export function parseRevision(text: string, fail: (why: string) => ApiError): number | undefined {
  if (text === "") return undefined;
  if (!/^\d+$/.test(text)) {
    const why = `strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`;
    throw fail(`resourceVersion: Invalid value: ${JSON.stringify(text)}: ${why}`);
  }
  return Number(text);
}

function listRevision(revision: number | undefined, match: string, limit: number): ListRevision {
  if (revision === undefined) return { kind: "newest" };
  if (match === "Exact") return { kind: "exactly", revision };
  // Without a match, a limit makes N mean exactly N: older clients page that way.
  if (match === "" && limit > 0 && revision > 0) return { kind: "exactly", revision };
  return { kind: "notOlderThan", revision };
}

function listMatchErrors(resourceVersion: string, match: string, token: string): readonly FieldError[] {
  const field = "resourceVersionMatch";
  if (match === "") return [];
  if (token !== "") return [forbidden(field, "resourceVersionMatch is forbidden when continue is provided")];
  if (resourceVersion === "") {
    return [forbidden(field, "resourceVersionMatch is forbidden unless resourceVersion is provided")];
  }
  if (!matches.some((known) => known === match)) return [notSupported(field, match, [...matches, ""])];
  if (match === "Exact" && resourceVersion === "0") {
    return [forbidden(field, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"')];
  }
  return [];
}

function watchMatchErrors(match: string, sendInitialEvents: boolean | undefined): readonly FieldError[] {
  const field = "resourceVersionMatch";
  if (sendInitialEvents === undefined) {
    if (match === "") return [];
    return [forbidden(field, "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided")];
  }
  if (match === "")
    return [forbidden(field, "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan")];
  return match === "NotOlderThan" ? [] : [notSupported(field, match, ["NotOlderThan"])];
}

function throwIfAny(errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalidError({ group: "meta.k8s.io", version: "v1", kind: "ListOptions" }, "", errors);
}

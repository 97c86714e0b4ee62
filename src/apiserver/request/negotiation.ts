// What the requester can read and what it sends: media types, transformations, pretty printing. Pure.
// Upstream: k8s.io/apiserver/pkg/endpoints/handlers/negotiation/negotiate.go.
import { ApiError } from "#machinery/api-error.ts";
import { type ApiRequest, omitManagedFieldsHeader } from "#machinery/http.ts";
import type { RequestInfo } from "./request-info.ts";

export type Transformation = "Table" | "PartialObjectMetadata" | "PartialObjectMetadataList";

export interface Negotiated {
  readonly mediaType: "application/json" | "application/yaml";
  /** undefined: the object as it is. */
  readonly as: Transformation | undefined;
  /** Version of meta.k8s.io that the transformation is asked in. */
  readonly metaVersion: "v1" | "v1beta1";
  readonly pretty: boolean;
  /** Leave out metadata.managedFields. */
  readonly bare: boolean;
}

export interface Offer {
  readonly transformations: readonly Transformation[];
  /** A watch: only JSON can be framed. */
  readonly stream: boolean;
}

export const jsonType = "application/json";
export const yamlType = "application/yaml";
/** Read in requests, never written: whoever sends it reads JSON as well. */
export const protobufType = "application/vnd.kubernetes.protobuf";

const plainJson: Negotiated = { mediaType: jsonType, as: undefined, metaVersion: "v1", pretty: false, bare: false };
const bareJson: Negotiated = { ...plainJson, bare: true };
const prettyAgents: readonly string[] = ["curl", "Wget", "Mozilla/5.0"];

/** Picks how to answer. Throws NotAcceptable where nothing fits. */
export function negotiate(request: ApiRequest, info: RequestInfo, offer: Offer): Negotiated {
  const accept = request.headers["accept"] ?? "";
  const pretty = isPretty(request, info);
  const bare = request.headers[omitManagedFieldsHeader] === "true";
  if (!pretty && (accept === "" || accept === jsonType || accept === "*/*" || accept === "application/json, */*")) {
    return bare ? bareJson : plainJson;
  }
  if (accept === "") return { ...plainJson, pretty, bare };
  for (const clause of parseAccept(accept)) {
    const mediaType = matchType(clause, offer.stream);
    if (mediaType === undefined) continue;
    const as = clause.params.get("as");
    if (as === undefined)
      return { mediaType, as: undefined, metaVersion: "v1", pretty: pretty || isPrettyClause(clause), bare };
    const transformation = offer.transformations.find((candidate) => candidate === as);
    const metaVersion = clause.params.get("v");
    if (transformation === undefined || clause.params.get("g") !== "meta.k8s.io") continue;
    if (metaVersion !== "v1" && metaVersion !== "v1beta1") continue;
    return { mediaType, as: transformation, metaVersion, pretty: pretty || isPrettyClause(clause), bare };
  }
  throw new ApiError("NotAcceptable", notAcceptableText(offer.stream));
}

function notAcceptableText(stream: boolean): string {
  const types = stream ? `${jsonType};stream=watch` : `${jsonType}, ${yamlType}`;
  return `only the following media types are accepted: ${types}`;
}

/** The media type of the request's body without its parameters. Throws UnsupportedMediaType if it is none of `accepted`. */
export function contentType<T extends string>(request: ApiRequest, accepted: readonly T[]): T {
  const header = request.headers["content-type"] ?? "";
  const semicolon = header.indexOf(";");
  const type = (semicolon < 0 ? header : header.slice(0, semicolon)).trim();
  const first = accepted[0];
  if (type === "" && first !== undefined) return first;
  const match = accepted.find((candidate) => candidate === type);
  if (match !== undefined) return match;
  throw new ApiError(
    "UnsupportedMediaType",
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(", ")}`,
  );
}

export interface AcceptClause {
  readonly type: string;
  readonly subtype: string;
  readonly quality: number;
  readonly params: ReadonlyMap<string, string>;
}

const acceptClausesMax = 32;

/** The clauses of an Accept header, best first; equals keep their order. */
export function parseAccept(header: string): readonly AcceptClause[] {
  return header
    .split(",", acceptClausesMax)
    .map(parseClause)
    .filter((clause) => clause.quality > 0)
    .sort((left, right) => right.quality - left.quality);
}

function parseClause(text: string): AcceptClause {
  const [media = "", ...rest] = text.split(";");
  const [type = "", subtype = ""] = media.trim().toLowerCase().split("/", 2);
  const params = new Map<string, string>();
  for (const part of rest) {
    const equals = part.indexOf("=");
    if (equals > 0) params.set(part.slice(0, equals).trim().toLowerCase(), part.slice(equals + 1).trim());
  }
  const quality = Number(params.get("q") ?? "1");
  return { type, subtype, quality: Number.isFinite(quality) ? quality : 1, params };
}

function matchType(clause: AcceptClause, stream: boolean): Negotiated["mediaType"] | undefined {
  if (clause.type === "*" && clause.subtype === "*") return jsonType;
  if (clause.type !== "application") return undefined;
  if (clause.subtype === "*" || clause.subtype === "json") return jsonType;
  return clause.subtype === "yaml" && !stream ? yamlType : undefined;
}

function isPretty(request: ApiRequest, info: RequestInfo): boolean {
  const asked = info.query.optionalFlag("pretty");
  if (asked !== undefined) return asked;
  const agent = request.headers["user-agent"];
  return agent !== undefined && prettyAgents.some((prefix) => agent.startsWith(prefix));
}

function isPrettyClause(clause: AcceptClause): boolean {
  return clause.params.get("pretty") === "1";
}

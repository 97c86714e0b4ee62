// Answers with one object: its stored bytes as they are, or turned into what was negotiated.
import type { ApiResponse } from "#machinery/http.ts";
import type { ResourceContext } from "../request/context.ts";
import type { Negotiated, Offer } from "../request/negotiation.ts";
import { bytesResponse } from "../request/respond.ts";
import { spliceRevision } from "./stored-form.ts";
import type { ServedObject } from "./write-context.ts";

export const objectOffer: Offer = {
  transformations: ["Table", "PartialObjectMetadata", "PartialObjectMetadataList"],
  stream: false,
};

/** The answer to a request for, or a write of, one object. */
export function objectResponse(
  _context: ResourceContext,
  negotiated: Negotiated,
  served: ServedObject,
  code = 200,
): ApiResponse {
  return bytesResponse(code, spliceRevision(served.form.head, served.value, served.revision), negotiated);
}

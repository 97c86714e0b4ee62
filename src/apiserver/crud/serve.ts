// Answers with one object: its stored bytes as they are, or turned into what was negotiated.
import type { ApiResponse } from "#machinery/http.ts";
import type { RequestContext } from "../request/context.ts";
import type { Negotiated, Offer } from "../request/negotiation.ts";
import { bytesResponse } from "../request/respond.ts";
import { openServed } from "./open.ts";
import { renderObject, representationOf } from "./represent.ts";
import type { ServedObject } from "./write-context.ts";

export const objectOffer: Offer = {
  transformations: ["Table", "PartialObjectMetadata", "PartialObjectMetadataList"],
  stream: false,
};

/** The answer to a request for, or a write of, one object. */
export function objectResponse(
  { core, info }: RequestContext,
  negotiated: Negotiated,
  served: ServedObject,
  code = 200,
): ApiResponse {
  const bytes = renderObject(representationOf(negotiated, info.query), served, {
    object: (each) => openServed(core, each),
    now: core.clock.now(),
  });
  return bytesResponse(code, bytes, negotiated);
}

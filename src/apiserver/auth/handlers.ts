// The handlers of everything about identities that is answered and not stored, by the keys of ExtraHandlers.
import type { ApiResponse } from "#machinery/http.ts";
import { encodeJson } from "#machinery/json.ts";
import type { ExtraHandlers, PathHandler } from "../options.ts";
import type { Authorizer } from "./authorizer.ts";
import type { RbacSource } from "./rbac/decide.ts";
import { localSubjectAccessReview, selfSubjectAccessReview, subjectAccessReview } from "./reviews/access-reviews.ts";
import { selfSubjectReview, type TokenReviewer, tokenReview } from "./reviews/identity-reviews.ts";
import { selfSubjectRulesReview } from "./reviews/rules-review.ts";
import { jsonWebKeySet, type SigningKey } from "./tokens/jwt.ts";
import { tokenRequest, type TokenRequestOptions } from "./tokens/token-request.ts";

export interface IdentityHandlersOptions {
  readonly authorize: Authorizer;
  readonly rbac: RbacSource;
  readonly review: TokenReviewer;
  readonly tokens: TokenRequestOptions;
  /** All keys whose tokens are accepted. */
  readonly keys: readonly SigningKey[];
}

/** Reviews, tokens, and what others need to check our tokens by themselves. */
export function identityHandlers({ authorize, rbac, review, tokens, keys }: IdentityHandlersOptions): ExtraHandlers {
  return {
    virtual: {
      "authorization.k8s.io/v1/subjectaccessreviews": subjectAccessReview(authorize),
      "authorization.k8s.io/v1/selfsubjectaccessreviews": selfSubjectAccessReview(authorize),
      "authorization.k8s.io/v1/localsubjectaccessreviews": localSubjectAccessReview(authorize),
      "authorization.k8s.io/v1/selfsubjectrulesreviews": selfSubjectRulesReview(rbac),
      "authentication.k8s.io/v1/tokenreviews": tokenReview(review),
      "authentication.k8s.io/v1/selfsubjectreviews": selfSubjectReview,
      "/v1/serviceaccounts/token": tokenRequest(tokens),
    },
    paths: {
      "/.well-known/openid-configuration": document("application/json", {
        issuer: tokens.issuer,
        jwks_uri: `${tokens.issuer}/openid/v1/jwks`,
        response_types_supported: ["id_token"],
        subject_types_supported: ["public"],
        id_token_signing_alg_values_supported: [...new Set(keys.map((key) => key.algorithm))],
      }),
      "/openid/v1/jwks": document("application/jwk-set+json", jsonWebKeySet(keys)),
    },
  };
}

/** Answers GET with a fixed document. */
function document(type: string, value: unknown): PathHandler {
  const body = encodeJson(value);
  return (): ApiResponse => ({
    status: 200,
    headers: { "content-type": type, "cache-control": "public, max-age=3600" },
    body,
  });
}

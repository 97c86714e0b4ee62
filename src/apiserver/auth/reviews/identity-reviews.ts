// Answers "who is this?": TokenReview and SelfSubjectReview. Nothing is stored, and no token is ever answered or logged.
// Upstream: kubernetes pkg/registry/authentication/{tokenreview,selfsubjectreview}/rest.go.
import { ApiError, errorText } from "#machinery/api-error.ts";
import { fieldOf, isString, isStringArray } from "#machinery/guards.ts";
import type { UserInfo } from "#machinery/http.ts";
import type { VirtualHandler } from "../../options.ts";
import type { TokenAuthenticator } from "../authenticators.ts";
import { withAuthenticatedGroup } from "../users.ts";

/** Who a token stands for, and for which of the asked audiences it is meant; undefined: nobody. */
export type TokenReviewer = (
  token: string,
  audiences: readonly string[],
) => Promise<{ readonly user: UserInfo; readonly audiences: readonly string[] } | undefined>;

/** `POST tokenreviews`. A token that nobody knows is an answer, not an error. */
export function tokenReview(review: TokenReviewer): VirtualHandler {
  return async ({ object }) => {
    const token = fieldOf(object, "spec", "token");
    if (!isString(token) || token === "") {
      throw new ApiError("BadRequest", "token is required for TokenReview in authentication");
    }
    const asked = fieldOf(object, "spec", "audiences");
    return { ...object, status: await statusOf(review, token, isStringArray(asked) ? asked : []) };
  };
}

/** `POST selfsubjectreviews`: who the requester is, after impersonation. */
export const selfSubjectReview: VirtualHandler = ({ object, user }) => ({
  ...object,
  status: { userInfo: userInfoOf(user) },
});

/** Reviews with authenticators that know nothing of audiences: their tokens are meant for this server. */
export function reviewerOf(
  authenticators: readonly TokenAuthenticator[],
  apiAudiences: readonly string[],
): TokenReviewer {
  return async (token, audiences) => {
    const shared = audiences.length === 0 ? apiAudiences : audiences.filter((one) => apiAudiences.includes(one));
    if (shared.length === 0) return undefined;
    for (const authenticate of authenticators) {
      const user = await authenticate(token);
      if (user !== undefined) return { user, audiences: shared };
    }
    return undefined;
  };
}

async function statusOf(
  review: TokenReviewer,
  token: string,
  audiences: readonly string[],
): Promise<Readonly<Record<string, unknown>>> {
  try {
    const found = await review(token, audiences);
    if (found === undefined) return { user: {}, error: "invalid bearer token" };
    const user = withAuthenticatedGroup(found.user);
    return { authenticated: true, user: userInfoOf(user), audiences: found.audiences };
  } catch (error) {
    return { user: {}, error: errorText(error) };
  }
}

function userInfoOf(user: UserInfo): Readonly<Record<string, unknown>> {
  return {
    username: user.name,
    ...(user.uid === undefined || user.uid === "" ? {} : { uid: user.uid }),
    ...(user.groups.length === 0 ? {} : { groups: user.groups }),
    ...(user.extra === undefined || Object.keys(user.extra).length === 0 ? {} : { extra: user.extra }),
  };
}

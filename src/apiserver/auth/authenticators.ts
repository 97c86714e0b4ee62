// Finds out who sends a request. Each authenticator knows one kind of credentials; `unionAuthenticator` asks them in turn.
// Upstream: k8s.io/apiserver/pkg/authentication/request (union, anonymous, bearertoken) and token/tokenfile.
import { hash } from "node:crypto";
import { ApiError } from "#machinery/api-error.ts";
import type { ApiRequest, UserInfo } from "#machinery/http.ts";
import type { Authenticator } from "./authorizer.ts";
import { anonymousUser, withAuthenticatedGroup } from "./users.ts";

/** The 401 that says nothing of why: a guesser must not learn which part of a credential was wrong. */
export function unauthorizedError(cause?: unknown): ApiError {
  return new ApiError("Unauthorized", "Unauthorized", cause === undefined ? {} : { cause });
}

/** Answers who a bearer token stands for, or undefined when it is none of its own. Throws Unauthorized for bad ones. */
export type TokenAuthenticator = (token: string) => UserInfo | undefined | Promise<UserInfo | undefined>;

/**
 * Asks every authenticator; the first user wins and joins `system:authenticated`. A request without any credentials is
 * anonymous where that is allowed. A bearer token that nobody knows is refused: a mistake must not look like a visitor.
 */
export function unionAuthenticator(
  authenticators: readonly Authenticator[],
  options: { readonly anonymous: boolean } = { anonymous: true },
): Authenticator {
  return async (request) => {
    for (const authenticate of authenticators) {
      const user = await authenticate(request);
      if (user !== undefined) return withAuthenticatedGroup(user);
    }
    if (request.headers["authorization"] !== undefined || !options.anonymous) throw unauthorizedError();
    return anonymousUser;
  };
}

/** Takes the user that the listener found in a verified client certificate, or that an in-process caller named. */
export const requestUserAuthenticator: Authenticator = (request) => request.user;

/** Reads `Authorization: Bearer` and asks each token authenticator. */
export function bearerTokenAuthenticator(authenticators: readonly TokenAuthenticator[]): Authenticator {
  return async (request) => {
    const token = bearerToken(request);
    if (token === undefined) return undefined;
    for (const authenticate of authenticators) {
      const user = await authenticate(token);
      if (user !== undefined) return user;
    }
    throw unauthorizedError();
  };
}

/**
 * Tokens from a fixed table. They are kept and looked up by their digest, so that the time an answer takes tells
 * nothing of how much of a guess was right.
 */
export function staticTokenAuthenticator(tokens: ReadonlyMap<string, UserInfo>): TokenAuthenticator {
  const byDigest = new Map([...tokens].map(([token, user]) => [tokenDigest(token), user]));
  return (token) => (byDigest.size === 0 ? undefined : byDigest.get(tokenDigest(token)));
}

/** What a token is known by in tables and caches: never the token itself. */
export function tokenDigest(token: string): string {
  return hash("sha256", token, "base64");
}

function bearerToken(request: ApiRequest): string | undefined {
  const header = request.headers["authorization"];
  if (header === undefined) return undefined;
  // As clients write it; all other spellings are read more slowly.
  if (header.startsWith("Bearer ") && !header.includes(" ", "Bearer ".length))
    return unlessEmpty(header.slice("Bearer ".length));
  const [scheme = "", token = ""] = header.trim().split(/ +/, 2);
  return scheme.toLowerCase() === "bearer" ? unlessEmpty(token) : undefined;
}

function unlessEmpty(text: string): string | undefined {
  return text === "" ? undefined : text;
}

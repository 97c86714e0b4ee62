// Knows service accounts by their tokens. A good answer is remembered for a few seconds, as upstream does, because
// checking a signature costs a hundred times what a look-up costs. Upstream: kubernetes pkg/serviceaccount/jwt.go,
// k8s.io/apiserver/pkg/authentication/token/cache.
import type { UserInfo } from "#machinery/http.ts";
import type { KubeObject, ObjectRef } from "#machinery/object.ts";
import type { Clock } from "#std/time.ts";
import { type TokenAuthenticator, tokenDigest, unauthorizedError } from "../authenticators.ts";
import type { TokenReviewer } from "../reviews/identity-reviews.ts";
import { type BoundKind, decodeClaims, isAlive, isCurrent, type TokenClaims, userOfClaims } from "./claims.ts";
import { type SigningKey, unverifiedIssuer, verifyJwt } from "./jwt.ts";

/** Reads the live objects that tokens name. Undefined: there is none. */
export type TokenObjectLookup = (kind: BoundKind | "serviceaccount", ref: ObjectRef) => Promise<KubeObject | undefined>;

export interface ServiceAccountAuthenticatorOptions {
  /** The first signs new tokens; all of them verify. */
  readonly keys: readonly SigningKey[];
  readonly issuer: string;
  /** Who this server is, to tokens. A token for none of these is refused. */
  readonly audiences: readonly string[];
  readonly lookup: TokenObjectLookup;
  readonly clock: Clock;
}

export interface ServiceAccountAuthenticator {
  readonly authenticate: TokenAuthenticator;
  readonly review: TokenReviewer;
}

/** Accepted tokens are remembered for so long. */
const cacheMilliseconds = 10_000;
const cacheEntriesMax = 4096;

interface CacheEntry {
  readonly claims: TokenClaims;
  readonly user: UserInfo;
  /** On the clock's monotonic scale. */
  readonly until: number;
}

/** Tokens of another issuer are none of its own; bad ones of this issuer are refused. */
export function serviceAccountAuthenticator(options: ServiceAccountAuthenticatorOptions): ServiceAccountAuthenticator {
  const cache = new Map<string, CacheEntry>();
  const { clock, audiences: own } = options;

  function remembered(digest: string): CacheEntry | undefined {
    const cached = cache.get(digest);
    const isGood = cached !== undefined && cached.until > clock.monotonic() && isCurrent(cached.claims, clock.now());
    if (cached !== undefined && !isGood) cache.delete(digest);
    return isGood ? cached : undefined;
  }

  async function known(token: string, digest: string): Promise<CacheEntry | undefined> {
    const claims = decodeClaims(verifyJwt(token, options.keys));
    if (claims === undefined || !(await holds(claims, options))) return undefined;
    const entry = { claims, user: userOfClaims(claims), until: clock.monotonic() + cacheMilliseconds };
    if (cache.size >= cacheEntriesMax) cache.delete(cache.keys().next().value ?? "");
    cache.set(digest, entry);
    return entry;
  }

  return {
    async authenticate(token) {
      const digest = tokenDigest(token);
      let entry = remembered(digest);
      if (entry === undefined) {
        if (unverifiedIssuer(token) !== options.issuer) return undefined;
        entry = await known(token, digest);
      }
      if (entry === undefined || shared(entry.claims.audiences, own).length === 0) throw unauthorizedError();
      return entry.user;
    },
    async review(token, asked) {
      if (unverifiedIssuer(token) !== options.issuer) return undefined;
      const digest = tokenDigest(token);
      const entry = remembered(digest) ?? (await known(token, digest));
      const audiences = entry === undefined ? [] : shared(asked.length === 0 ? own : asked, entry.claims.audiences);
      return entry === undefined || audiences.length === 0 ? undefined : { user: entry.user, audiences };
    },
  };
}

/** Whether the token is within its life and every object it names is still there. */
async function holds(claims: TokenClaims, { lookup, clock }: ServiceAccountAuthenticatorOptions): Promise<boolean> {
  const now = clock.now();
  if (!isCurrent(claims, now)) return false;
  const { namespace, serviceAccount, bound } = claims;
  const account = await lookup("serviceaccount", { namespace, name: serviceAccount.name });
  if (!isAlive(serviceAccount, account, now)) return false;
  for (const kind of ["pod", "secret"] as const) {
    const claim = bound[kind];
    if (claim === undefined) continue;
    if (!isAlive(claim, await lookup(kind, { namespace, name: claim.name }), now)) return false;
  }
  // A pod's token also names its node, for information; only a token bound to a node alone dies with it.
  if (bound.node === undefined || bound.pod !== undefined) return true;
  return isAlive(bound.node, await lookup("node", { name: bound.node.name }), now);
}

function shared(list: readonly string[], other: readonly string[]): readonly string[] {
  return list.filter((one) => other.includes(one));
}

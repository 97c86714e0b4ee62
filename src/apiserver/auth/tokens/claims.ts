// What a service account token says, and whether it still holds. Pure: time and the live objects are arguments.
// Upstream: kubernetes pkg/serviceaccount/claims.go.
import { fieldOf, isString, isStringArray } from "#machinery/guards.ts";
import type { UserInfo } from "#machinery/http.ts";
import type { KubeObject } from "#machinery/object.ts";
import { parseTime } from "#std/time.ts";
import { serviceAccountGroups, serviceAccountUserName } from "../users.ts";

/** Kinds that a token can be bound to: it dies with the object. */
export type BoundKind = "pod" | "secret" | "node";

export interface ObjectClaim {
  readonly name: string;
  readonly uid: string;
}

export interface TokenClaims {
  readonly id: string;
  readonly audiences: readonly string[];
  /** Seconds since the epoch. */
  readonly notBefore: number;
  readonly expires: number;
  readonly namespace: string;
  readonly serviceAccount: ObjectClaim;
  readonly bound: Readonly<Partial<Record<BoundKind, ObjectClaim>>>;
}

/** Clocks of several servers may differ by so much. */
const leewaySeconds = 60;
/** A token bound to an object that is being deleted works on for so long, for what runs during shutdown. */
const deletedGraceMilliseconds = 60_000;

/** The claims as they stand in the token. */
export function encodeClaims(claims: TokenClaims, issuer: string): Readonly<Record<string, unknown>> {
  const { namespace, serviceAccount, bound } = claims;
  return {
    aud: claims.audiences,
    exp: claims.expires,
    iat: claims.notBefore,
    iss: issuer,
    jti: claims.id,
    "kubernetes.io": {
      namespace,
      ...(bound.node === undefined ? {} : { node: bound.node }),
      ...(bound.pod === undefined ? {} : { pod: bound.pod }),
      ...(bound.secret === undefined ? {} : { secret: bound.secret }),
      serviceaccount: serviceAccount,
    },
    nbf: claims.notBefore,
    sub: serviceAccountUserName(namespace, serviceAccount.name),
  };
}

/** Reads the claims of a token whose signature holds; undefined where they are not those of a service account. */
export function decodeClaims(payload: unknown): TokenClaims | undefined {
  const kubernetes = fieldOf(payload, "kubernetes.io");
  const audiences = fieldOf(payload, "aud");
  const namespace = fieldOf(kubernetes, "namespace");
  const serviceAccount = objectClaim(fieldOf(kubernetes, "serviceaccount"));
  const notBefore = fieldOf(payload, "nbf");
  const expires = fieldOf(payload, "exp");
  const id = fieldOf(payload, "jti");
  if (!isString(namespace) || serviceAccount === undefined || !isStringArray(audiences)) return undefined;
  if (typeof notBefore !== "number" || typeof expires !== "number") return undefined;
  if (fieldOf(payload, "sub") !== serviceAccountUserName(namespace, serviceAccount.name)) return undefined;
  const bound = Object.fromEntries(
    (["pod", "secret", "node"] as const).flatMap((kind) => {
      const claim = objectClaim(fieldOf(kubernetes, kind));
      return claim === undefined ? [] : [[kind, claim] as const];
    }),
  );
  return { id: isString(id) ? id : "", audiences, notBefore, expires, namespace, serviceAccount, bound };
}

/** Whether `now` (milliseconds) is within the token's life. */
export function isCurrent(claims: TokenClaims, now: number): boolean {
  const seconds = now / 1000;
  return seconds >= claims.notBefore - leewaySeconds && seconds <= claims.expires + leewaySeconds;
}

/** Whether an object that the token names is the one it named, and not long deleted. */
export function isAlive(claim: ObjectClaim, object: KubeObject | undefined, now: number): boolean {
  if (object?.metadata.uid !== claim.uid) return false;
  const deleted = parseTime(object.metadata.deletionTimestamp);
  return deleted === undefined || now <= deleted + deletedGraceMilliseconds;
}

/** The user that a service account token stands for. */
export function userOfClaims(claims: TokenClaims): UserInfo {
  const { namespace, serviceAccount, bound, id } = claims;
  const pairs = [
    ["credential-id", id === "" ? undefined : `JTI=${id}`],
    ["pod-name", bound.pod?.name],
    ["pod-uid", bound.pod?.uid],
    ["node-name", bound.node?.name],
    ["node-uid", bound.node?.uid],
  ] as const;
  const extra = pairs.flatMap(([key, value]) =>
    value === undefined ? [] : [[`authentication.kubernetes.io/${key}`, [value]] as const],
  );
  return {
    name: serviceAccountUserName(namespace, serviceAccount.name),
    uid: serviceAccount.uid,
    groups: serviceAccountGroups(namespace),
    ...(extra.length === 0 ? {} : { extra: Object.fromEntries(extra) }),
  };
}

function objectClaim(value: unknown): ObjectClaim | undefined {
  const name = fieldOf(value, "name");
  const uid = fieldOf(value, "uid");
  return isString(name) && isString(uid) ? { name, uid } : undefined;
}

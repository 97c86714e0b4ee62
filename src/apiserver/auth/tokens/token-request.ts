// Issues tokens for service accounts: `POST …/serviceaccounts/x/token`.
// Upstream: kubernetes pkg/registry/core/serviceaccount/storage/token.go, pkg/apis/authentication/validation/validation.go.
import { ApiError } from "#machinery/api-error.ts";
import { type FieldError, invalid, invalidError } from "#machinery/field-error.ts";
import { fieldOf, isString, isStringArray } from "#machinery/guards.ts";
import type { KubeObject } from "#machinery/object.ts";
import type { Random } from "#std/random.ts";
import { type Clock, formatTime } from "#std/time.ts";
import type { VirtualHandler } from "../../options.ts";
import { type BoundKind, encodeClaims, type ObjectClaim, type TokenClaims } from "./claims.ts";
import { type SigningKey, signJwt } from "./jwt.ts";
import type { TokenObjectLookup } from "./service-account-authenticator.ts";

export interface TokenRequestOptions {
  readonly key: SigningKey;
  readonly issuer: string;
  /** What a token is for when the request names nothing. */
  readonly audiences: readonly string[];
  readonly lookup: TokenObjectLookup;
  readonly clock: Clock;
  readonly random: Random;
}

const expirationSecondsDefault = 3600;
const expirationSecondsMin = 600;
const expirationSecondsMax = 2 ** 32;

const tokenRequestKind = { group: "authentication.k8s.io", version: "v1", kind: "TokenRequest" };
const boundKinds: Readonly<Record<string, BoundKind>> = { Pod: "pod", Secret: "secret", Node: "node" };

interface Wanted {
  readonly audiences: readonly string[];
  readonly expirationSeconds: number;
  readonly reference: unknown;
}

/** Handles the `token` subresource of service accounts. */
export function tokenRequest(options: TokenRequestOptions): VirtualHandler {
  const { lookup, clock, random, key, issuer } = options;
  return async ({ object, namespace, name }) => {
    const wanted = wantedOf(object, options.audiences);
    const errors = validate(wanted.expirationSeconds);
    if (errors.length > 0) throw invalidError(tokenRequestKind, name, errors);
    const account = await lookup("serviceaccount", { namespace, name });
    const uid = account?.metadata.uid;
    if (uid === undefined) throw notFoundError("serviceaccounts", name);
    const now = clock.now();
    const seconds = Math.floor(now / 1000);
    const claims: TokenClaims = {
      id: random.uuid(),
      audiences: wanted.audiences,
      notBefore: seconds,
      expires: seconds + wanted.expirationSeconds,
      namespace,
      serviceAccount: { name, uid },
      bound: await boundObject(wanted.reference, { namespace, serviceAccount: name, lookup }),
    };
    return answer(object, wanted, claims, { issuer, key, namespace, name, now });
  };
}

function wantedOf(object: KubeObject, audiencesDefault: readonly string[]): Wanted {
  const audiences = fieldOf(object, "spec", "audiences");
  const expirationSeconds = fieldOf(object, "spec", "expirationSeconds");
  return {
    audiences: isStringArray(audiences) && audiences.length > 0 ? audiences : audiencesDefault,
    expirationSeconds: typeof expirationSeconds === "number" ? expirationSeconds : expirationSecondsDefault,
    reference: fieldOf(object, "spec", "boundObjectRef") ?? undefined,
  };
}

function validate(expirationSeconds: number): readonly FieldError[] {
  const field = "spec.expirationSeconds";
  if (expirationSeconds < expirationSecondsMin) {
    return [invalid(field, expirationSeconds, "may not specify a duration less than 10 minutes")];
  }
  if (expirationSeconds > expirationSecondsMax) {
    return [invalid(field, expirationSeconds, "may not specify a duration larger than 2^32 seconds")];
  }
  return [];
}

interface BindingPlace {
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly lookup: TokenObjectLookup;
}

/** The claim on the object that the token is bound to, if any. */
async function boundObject(reference: unknown, place: BindingPlace): Promise<TokenClaims["bound"]> {
  if (reference === undefined) return {};
  const [apiVersion, kindName, name, uid] = ["apiVersion", "kind", "name", "uid"].map((field) => {
    const value = fieldOf(reference, field);
    return isString(value) ? value : "";
  });
  const kind =
    apiVersion === "v1" && Object.hasOwn(boundKinds, kindName ?? "") ? boundKinds[kindName ?? ""] : undefined;
  if (kind === undefined) {
    const text = (apiVersion ?? "").includes("/") ? (apiVersion ?? "") : `/${apiVersion ?? ""}`;
    throw new ApiError("BadRequest", `cannot bind token to object of type ${text}, Kind=${kindName ?? ""}`);
  }
  const ref = kind === "node" ? { name: name ?? "" } : { namespace: place.namespace, name: name ?? "" };
  const object = await place.lookup(kind, ref);
  const claim = claimOf(object);
  if (object === undefined || claim === undefined) throw notFoundError(`${kind}s`, name ?? "");
  if (uid !== "" && uid !== claim.uid) throw uidError(kindName ?? "", claim.name, uid ?? "");
  return kind === "pod" ? podClaims(object, claim, place) : { [kind]: claim };
}

/** A pod's token also names the node it runs on. */
async function podClaims(
  pod: KubeObject,
  claim: ObjectClaim,
  { serviceAccount, lookup }: BindingPlace,
): Promise<TokenClaims["bound"]> {
  if (fieldOf(pod, "spec", "serviceAccountName") !== serviceAccount) {
    throw new ApiError(
      "BadRequest",
      `cannot bind token for serviceaccount ${JSON.stringify(serviceAccount)} to pod running with different serviceaccount name.`,
    );
  }
  const nodeName = fieldOf(pod, "spec", "nodeName");
  const node = isString(nodeName) && nodeName !== "" ? claimOf(await lookup("node", { name: nodeName })) : undefined;
  return { pod: claim, ...(node === undefined ? {} : { node }) };
}

interface AnswerPlace {
  readonly issuer: string;
  readonly key: SigningKey;
  readonly namespace: string;
  readonly name: string;
  readonly now: number;
}

function answer(object: KubeObject, wanted: Wanted, claims: TokenClaims, place: AnswerPlace): KubeObject {
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    metadata: { name: place.name, namespace: place.namespace, creationTimestamp: formatTime(place.now) },
    spec: {
      audiences: wanted.audiences,
      expirationSeconds: wanted.expirationSeconds,
      boundObjectRef: wanted.reference ?? null,
    },
    status: {
      token: signJwt(encodeClaims(claims, place.issuer), place.key),
      expirationTimestamp: formatTime(claims.expires * 1000),
    },
  };
}

function claimOf(object: KubeObject | undefined): ObjectClaim | undefined {
  const uid = object?.metadata.uid;
  return object === undefined || uid === undefined ? undefined : { name: object.metadata.name, uid };
}

function notFoundError(resource: string, name: string): ApiError {
  return new ApiError("NotFound", `${resource} ${JSON.stringify(name)} not found`, {
    details: { name, kind: resource },
  });
}

function uidError(kind: string, name: string, uid: string): ApiError {
  const why = `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`;
  return new ApiError("Conflict", `Operation cannot be fulfilled on ${kind} ${JSON.stringify(name)}: ${why}`, {
    details: { name, kind },
  });
}

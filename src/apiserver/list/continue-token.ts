// The token that leads from one page of a list to the next: opaque to clients, upstream's own form. Pure.
// Upstream: k8s.io/apiserver/pkg/storage/continue.go.
import { ApiError } from "#machinery/api-error.ts";
import { isRecord } from "#machinery/guards.ts";

export interface ContinueToken {
  /** The revision of all pages; -1: whatever is newest, and the pages may not fit together. */
  readonly revision: number;
  /** The first key to look at, relative to the listed prefix. */
  readonly start: string;
}

const tokenVersion = "meta.k8s.io/v1";

export function encodeContinue({ revision, start }: ContinueToken): string {
  return Buffer.from(JSON.stringify({ v: tokenVersion, rv: revision, start })).toString("base64url");
}

/** Throws BadRequest, with upstream's reasons, for what is no token. */
export function decodeContinue(text: string): ContinueToken {
  const illegal = /[^A-Za-z0-9_-]/.exec(text);
  if (illegal !== null)
    throw invalidToken(`continue key is not valid: illegal base64 data at input byte ${illegal.index}`);
  const value = parse(Buffer.from(text, "base64url").toString("utf8"));
  if (value["v"] !== tokenVersion) {
    throw invalidToken(
      `continue key is not valid: server does not recognize this encoded version ${String(value["v"])}`,
    );
  }
  const { rv, start } = value;
  if (typeof rv !== "number" || !Number.isSafeInteger(rv) || rv === 0) {
    throw invalidToken(`continue key is not valid: incorrect encoded start resourceVersion (version ${tokenVersion})`);
  }
  if (typeof start !== "string" || start === "") {
    throw invalidToken(`continue key is not valid: encoded start key empty (version ${tokenVersion})`);
  }
  if (`/${start}`.split("/").some((part) => part === ".." || part === ".")) {
    throw invalidToken(`continue key is not valid: ${start}`);
  }
  return { revision: rv, start };
}

function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (isRecord(value)) return value;
  } catch {
    // Said below.
  }
  throw invalidToken("continue key is not valid: it holds no JSON object");
}

function invalidToken(why: string): ApiError {
  return new ApiError("BadRequest", `invalid continue token: ${why}`);
}
